"""What goes into the chart and the issue log after a press: the text that was printed, once, and nothing about a patient."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.testclient import TestClient

from pdfkit_cli.build import output_folder
from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.desk.library_state import LibraryState
from pdfkit_cli.desk.print_jobs import MAX_COPIES
from pdfkit_cli.packs.assembly import Enclosure
from pdfkit_cli.packs.issue_log import ISSUE_LOG, Issue, IssueWay, append_once, read_issues
from tests.helpers.desk_client import client
from tests.helpers.tiny_library import TinyLibrary, tiny

NUMBER = "0123456789abcdef" * 2
PRESS = {"file": "north/first.da.a4.pdf", "way": "window", "copies": "3", "number": NUMBER}
LINE = re.compile(r"Patient leaflet: \S.*, T-1 version 0\.1, Danish, code ([0-9a-f]{8}), 1 December 2026")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[TinyLibrary, Path]:
    folder = tmp_path_factory.mktemp("issuing")
    library = tiny(folder)
    assert build(BuildRequest(library.root, folder / "dist")).clean
    return library, folder / "dist"


@pytest.fixture
def asking(built: tuple[TinyLibrary, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(LibraryState, "today", date(2026, 12, 1))
    yield client(built[0].root, built[1])
    log = built[1] / ISSUE_LOG
    if log.is_dir():
        log.rmdir()
    log.unlink(missing_ok=True)


def press(asking: TestClient, **more: Any) -> tuple[int, dict[str, str]]:
    answer = asking.post("/north/issued", data=PRESS | more, headers={"accept": "application/json"})
    return answer.status_code, answer.json()


def issues(built: tuple[TinyLibrary, Path]) -> list[Issue]:
    return [*read_issues(built[1])]


def test_a_press_counts_once_and_says_what_for_the_chart(asking: TestClient, built: tuple[TinyLibrary, Path]) -> None:
    for _ in range(2):
        status, said = press(asking)
        assert (status, said["note"]) == (
            200,
            "Counted as sent to the print window. Whether it was printed, the browser does not say.",
        )
    [issue] = issues(built)
    assert (issue.leaflet, issue.clinic, issue.language, issue.way, issue.copies) == ("T-1", "north", "da", "window", 3)
    line = LINE.fullmatch(said["lines"])
    assert line
    assert issue.digest.startswith(line[1])


def test_several_leaflets_of_one_press(asking: TestClient, built: tuple[TinyLibrary, Path]) -> None:
    files = ["north/first.da.a4.pdf", "north/first.da.a5.pdf"]
    status, said = press(asking, file=files, way="saved", copies="1")
    assert (status, said["note"], len(said["lines"].splitlines())) == (200, "", 2)
    assert [(issue.way, issue.copies) for issue in issues(built)] == [(IssueWay.SAVED, 1)] * 2


def test_the_line_is_in_the_language_of_the_staff(asking: TestClient) -> None:
    for language, says in (("da", r"Patientpjece: .* dansk, kode .* 1\. december 2026"), ("sv", "Patientbroschyr: .* danska, kod .* 1 december 2026")):  # fmt: skip
        asking.cookies.set("language", language)
        assert re.fullmatch(says, press(asking)[1]["lines"])


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"file": []}, 400),
        ({"file": "south/first.da.a4.pdf"}, 404),
        ({"file": "north/nothing.da.a4.pdf"}, 404),
        ({"file": "../issued.jsonl"}, 404),
        ({"way": "printer"}, 400),
        ({"way": "fax"}, 400),
        ({"number": "010190-1234"}, 400),
        ({"copies": "0"}, 400),
        ({"copies": str(MAX_COPIES + 1)}, 400),
    ],
)
def test_what_is_not_asked_by_our_page_is_not_counted(
    asking: TestClient, built: tuple[TinyLibrary, Path], more: dict[str, Any], status: int
) -> None:
    assert press(asking, **more)[0] == status
    assert issues(built) == []


def test_a_log_that_cannot_be_written_is_said_and_the_chart_has_its_line(
    asking: TestClient, built: tuple[TinyLibrary, Path]
) -> None:
    (built[1] / ISSUE_LOG).mkdir()
    status, said = press(asking)
    assert status == 200
    assert LINE.fullmatch(said["lines"])
    assert said["note"].startswith("It was not counted")


def test_the_keeper_sees_what_went_out(asking: TestClient, built: tuple[TinyLibrary, Path]) -> None:
    assert "Nothing has gone out yet." in asking.get("/north/keeper/issued").text
    leaflet = Enclosure(Path(), "", "T-9", "1", "0" * 64, "gone", "ar")
    for month, copies in ((10, 30), (11, 60)):
        append_once(built[1], [leaflet], str(month), datetime(2026, month, 1, tzinfo=UTC), IssueWay.PRINTER, copies)
    press(asking)
    page = re.sub(r"\s+", " ", asking.get("/north/keeper/issued").text)
    bars = re.findall(r"<span>(\d+)</span><svg[^>]*><rect width=\"([\d.]+)\"", page)
    assert bars == [("3", "5.0"), ("60", "100.0"), ("30", "50.0")]
    assert '<th scope="row">gone</th><td>Arabic</td><td>0</td><td>60</td><td>0</td><td>0</td>' in page
    assert "T-1" in asking.get("/keeper/issued").text
    assert "60" not in asking.get("/keeper/issued", params={"leaflet": "T-1"}).text.split("<main")[1]
    csv = asking.get("/keeper/issued.csv", params={"leaflet": "T-9"})
    assert csv.text.splitlines()[1:] == ["2026-11,gone,ar,0,60,0,0,60", "2026-10,gone,ar,0,30,0,0,30"]
    assert csv.headers["content-disposition"] == 'attachment; filename="issued.csv"'


def test_a_log_that_cannot_be_read_is_said(asking: TestClient, built: tuple[TinyLibrary, Path]) -> None:
    (built[1] / ISSUE_LOG).mkdir()
    answer = asking.get("/keeper/issued")
    assert answer.status_code == 500
    assert "The list of what went out cannot be read." in answer.text


# In a browser


@pytest.fixture
def page(browser: Browser, serving: Callable[[Path, Path], str], built: tuple[TinyLibrary, Path]) -> Iterator[Page]:
    address = serving(*(built[0].root, built[1]))
    context = browser.new_context(locale="da-DK", base_url=address, permissions=["clipboard-read"])
    page = context.new_page()
    page.goto("/north/leaflet/first")
    expect(page.locator("[data-print]")).to_be_enabled()
    yield page
    context.close()
    (built[1] / ISSUE_LOG).unlink(missing_ok=True)


def test_print_save_and_paste(page: Page, built: tuple[TinyLibrary, Path]) -> None:
    line = page.locator(".actions").get_by_label("Til patientens journal")
    expect(line).to_be_hidden()
    page.get_by_label("Antal").fill("2")
    page.locator("[data-print]").click()
    expect(line).to_have_value(re.compile(r"^Patientpjece: .*, T-1 version 0\.1, dansk, kode [0-9a-f]{8}, "))
    expect(page.get_by_text("Talt med som sendt til printvinduet.")).to_be_visible()
    page.get_by_role("button", name="Kopiér").click()
    assert page.evaluate("navigator.clipboard.readText()") == line.input_value()
    with page.expect_download(), page.expect_response("**/issued"):
        page.locator("[data-save]").click()
    expect(line).to_be_visible()
    assert [(issue.way, issue.copies) for issue in issues(built)] == [("window", 2), ("saved", 1)]


def test_a_pack_that_is_printed(page: Page, built: tuple[TinyLibrary, Path]) -> None:
    page.get_by_role("button", name="Læg i brev").click()
    page.get_by_role("button", name="Saml brev og pjecer").click()
    page.locator("[data-print-pack]").click()
    expect(page.locator("#pack-chart")).to_have_value(re.compile(r"^Patientpjece: .*, T-1 version 0\.1, dansk, "))
    [issue] = issues(built)
    assert (issue.leaflet, issue.way, issue.copies) == ("T-1", "window", 1)
    page.get_by_role("button", name="Næste patient").click()
    expect(page.locator("#pack-chart")).to_be_hidden()


def test_a_recall_is_seen_at_the_desk(page: Page, built: tuple[TinyLibrary, Path]) -> None:
    """Within seconds: by the code at the foot of a sheet, and where the leaflet was about to be printed."""
    library, out = built
    entry = output_folder.read_manifest(out).files["north/first.da.a4.pdf"]
    library.write("recalls.yaml", "T-1: {below: '0.2', because: Telefonnummeret var forkert, date: 2026-12-01}\n")
    try:
        expect(page.locator("[data-print]")).to_be_enabled()
        page.get_by_role("link", name="Tilbage til søgningen").click()
        field = page.get_by_role("searchbox")
        field.fill(f"T-1 0.1 {entry.digest[:8]}")
        for _ in range(60):  # asked again with the same words: what was true before must not stay
            field.press("Enter")
            page.wait_for_timeout(500)
            if page.get_by_text("Arket er kaldt tilbage.").is_visible():
                break
        expect(page.get_by_text("Telefonnummeret var forkert")).to_be_visible()
        page.goto("/north/leaflet/first")
        expect(page.get_by_text("Udgaven er kaldt tilbage. Den må ikke udleveres.")).to_be_visible()
        expect(page.locator("[data-print]")).to_have_count(0)
    finally:
        (library.root / "recalls.yaml").unlink()
