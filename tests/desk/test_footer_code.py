"""Is the sheet in one's hand still right? Green only for what may be handed out; a slip of the finger is no old sheet."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pdfkit_cli.build.output_folder import OutputFolder
from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.packs.issue_log import ISSUE_LOG, append_json_lines
from tests.helpers.desk_client import client, library_of
from tests.helpers.tiny_library import TinyLibrary

PATH = "north/first.da.a4.pdf"
APPROVED = "status: approved\nreviewed: 2026-01-31\nreview_by: 2099-01-31"
ADVICE = "You can hand it out."


@pytest.fixture
def asking(library: TinyLibrary, tmp_path: Path, fake_rendering: None) -> TestClient:
    """A desk over an approved leaflet, in Danish and Swedish, published."""
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4]")
    library.replace("content/first/leaflet.yaml", "status: draft", APPROVED)
    library.replace("clinics/north.yaml", "first: {languages: [da]}", "first: {languages: [da, sv]}")
    library.write(
        "content/first/sv.md", library.read("content/first/da.md").replace("title:", "translation: reviewed\ntitle:")
    )
    publish(library, tmp_path)
    return client(library.root, tmp_path / "dist")


def publish(library: TinyLibrary, folder: Path) -> None:
    assert not build(BuildRequest(library.root, folder / "dist")).failed


def foot(asking: TestClient, path: str = PATH) -> str:
    return str(library_of(asking).manifest.files[path].digest[:8])


def answer(asking: TestClient, code: str) -> str:
    """What the desk says about a code."""
    library_of(asking).refresh()
    return str(asking.get("/", params={"q": code}).text)


def test_a_sheet_is_current(asking: TestClient) -> None:
    short_hash = foot(asking)
    for code in (f"T-1 0.1 {short_hash}", f"Dansk · T-1 · Version 0.1 · {short_hash}", f"t-1 0.1 {short_hash.upper()}"):
        html = answer(asking, code)
        assert "The sheet is current." in html, code
        assert ADVICE in html
        assert "Klinik Nord" in html


def test_a_hash_alone_finds_its_leaflet(asking: TestClient) -> None:
    html = answer(asking, f" {foot(asking, 'north/first.sv.a4.pdf').upper()} ")
    assert "The sheet is current." in html
    assert "T-1 · version 0.1" in html
    assert 'href="/north/leaflet/first?language=sv"' in html
    assert "This code is not known." in answer(asking, "0a0a0a0a")
    assert "Nothing found" in answer(asking, "76361400"), "a phone number is no code"


@pytest.mark.parametrize(
    ("file", "old", "new", "label"),
    [
        ("content/first/leaflet.yaml", APPROVED, "status: draft", "Draft"),
        ("content/first/sv.md", "translation: reviewed\n", "", "Translation not reviewed"),
    ],
)
def test_what_is_not_approved_is_never_to_be_handed_out(
    library: TinyLibrary, asking: TestClient, tmp_path: Path, file: str, old: str, new: str, label: str
) -> None:
    library.replace(file, old, new)
    publish(library, tmp_path)
    html = answer(asking, f"T-1 0.1 {foot(asking, 'north/first.sv.a4.pdf')}")
    assert "The sheet is the latest, but it is not approved." in html
    assert label in html
    assert ADVICE not in html
    assert "notice-good" not in html


def slips(short_hash: str) -> dict[str, str]:
    """What one types by mistake."""
    other = "0" if short_hash[3] != "0" else "1"
    return {
        "one digit": f"T-1 0.1 {short_hash[:3]}{other}{short_hash[4:]}",
        "seven": f"T-1 0.1 {short_hash[:7]}",
        "nine": f"T-1 0.1 {short_hash}0",
        "O for 0": f"T-1 0.1 O{short_hash[1:]}",
        "l for 1": f"T-1 0.1 l{short_hash[1:]}",
        "version": f"T-1 0.2 {short_hash}",
    }


@pytest.mark.parametrize("slip", slips("00000000"))
def test_a_slip_of_the_finger_is_no_old_sheet(asking: TestClient, slip: str) -> None:
    html = answer(asking, slips(foot(asking))[slip])
    assert "This code is not known." in html
    assert "Compare it with the paper" in html
    assert "out of date" not in html
    assert ADVICE not in html


def test_a_leaflet_that_there_is_not(asking: TestClient) -> None:
    assert "Unknown sheet." in answer(asking, f"T-9 0.1 {foot(asking)}")


def test_a_sheet_is_out_of_date_if_it_was_published(library: TinyLibrary, asking: TestClient, tmp_path: Path) -> None:
    old = foot(asking)
    library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 99")
    assert "The sheet is out of date." in answer(asking, f"T-1 0.1 {old}"), (
        "it is published, but the library has changed"
    )
    publish(library, tmp_path)
    assert foot(asking) != old
    for code in (f"T-1 0.1 {old}", old):
        html = answer(asking, code)
        assert "The sheet is out of date." in html, "it was replaced"
        assert 'href="/north/leaflet/first' in html
    library.replace("content/first/leaflet.yaml", 'version: "0.1"', 'version: "0.2"')
    library.replace("content/first/da.md", "i tvivl", "usikker")
    publish(library, tmp_path)
    assert "The sheet is out of date." in answer(asking, f"T-1 0.1 {old}")
    assert "The sheet is current." in answer(asking, f"T-1 0.2 {foot(asking)}")


def test_what_was_sent_with_a_letter_was_published(asking: TestClient, tmp_path: Path) -> None:
    line = {"leaflet": "T-1", "version": "0.1", "digest": "1234abcd" * 8}
    append_json_lines(tmp_path / "dist" / ISSUE_LOG, [line])
    assert "The sheet is out of date." in answer(asking, "T-1 0.1 1234abcd")
    assert "The sheet is out of date." in answer(asking, "1234abcd")


def test_what_is_removed_from_the_output_folder_was_published(asking: TestClient, tmp_path: Path) -> None:
    entry = library_of(asking).manifest.files["north/first.sv.a4.pdf"]
    with OutputFolder(tmp_path / "dist") as output:
        output.begin({}, {"north/first.sv.a4.pdf"}, {})
        output.remove("north/first.sv.a4.pdf")
        output.finish()
    past = (tmp_path / "dist/.pdfkit/past.jsonl").read_text("ascii")
    assert past.count(entry.digest) == 1
    assert "north" not in past, "neither clinic nor path, which nobody asks for"


def test_a_sheet_that_must_not_be_handed_out(library: TinyLibrary, asking: TestClient) -> None:
    code = f"T-1 0.1 {foot(asking)}"
    leaflet = library.read("content/first/leaflet.yaml")
    library.write("content/first/leaflet.yaml", leaflet.replace(APPROVED, "status: withdrawn"))
    for each in (code, foot(asking)):
        assert "The sheet must not be handed out." in answer(asking, each)
    library.write("content/first/leaflet.yaml", leaflet)
    library_of(asking).refresh()
    library.write("content/first/leaflet.yaml", leaflet.replace("owner: north", "owner north"))
    html = answer(asking, code)
    assert "Nobody knows whether the sheet is current." in html
    assert ADVICE not in html


# Recalled


RECALL = "T-1: {below: '0.2', because: The phone number was wrong, date: 2026-12-01}\n"


def test_a_recalled_sheet_is_never_to_be_handed_out(library: TinyLibrary, asking: TestClient, tmp_path: Path) -> None:
    old = foot(asking)
    library.replace("content/first/leaflet.yaml", '"0.1"', '"0.2"')
    publish(library, tmp_path)
    assert "The sheet is out of date." in answer(asking, f"T-1 0.1 {old}")
    library.write("recalls.yaml", RECALL)
    for code in (old, f"T-1 0.1 {old}", f"T-1 0.2 {old}", "T-1 0.1 01234567"):
        html = answer(asking, code)
        assert "The sheet is recalled." in html, code
        assert "The phone number was wrong" in html
    assert "The sheet is current." in answer(asking, f"T-1 0.2 {foot(asking)}")
    page = asking.get("/north/leaflet/first").text
    assert "Sheets with a version below 0.2 are recalled (1\N{NO-BREAK SPACE}December\N{NO-BREAK SPACE}2026)." in page
    assert "The phone number was wrong" in page
    library.write("recalls.yaml", "{}\n")
    assert "The sheet is out of date." in answer(asking, f"T-1 0.1 {old}"), "deleting the entry undoes it"


def test_a_recalled_leaflet_cannot_be_printed(library: TinyLibrary, asking: TestClient) -> None:
    library.write("recalls.yaml", RECALL)
    assert "The sheet is recalled." in answer(asking, f"T-1 0.1 {foot(asking)}")
    page = asking.get("/north/leaflet/first").text
    assert "This version is recalled. It must not be handed out." in page
    assert "The phone number was wrong" in page
    assert asking.get("/north/pdf/first.da.a4.pdf").status_code == 404
