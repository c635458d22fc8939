"""A slip in one file of the library: what it was about stays as it was, marked, and the keeper is told on every page."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.content import loader
from pdfkit_cli.desk.i18n import LANGUAGES, Translator
from tests.desk.test_keeper import at_once, text  # noqa: F401 - a fixture
from tests.helpers.desk_app_client import opened
from tests.helpers.desk_client import client, library_of
from tests.helpers.tiny_library import TEXT, TinyLibrary

PDF = "/north/pdf/first.da.a4.pdf"
KEEPER = ("/keeper", "/keeper/pdfs", "/keeper/findings", "/keeper/matrix", "/keeper/matrix?attention")

SLIPS = {
    "clinic": ("clinics/north.yaml", 'phone: "76 36 14 00"', "phone 76 36 14 99"),
    "leaflet": ("content/first/leaflet.yaml", "owner: north", "owner north"),
    "dates": ("content/first/leaflet.yaml", "status: draft", "status: approved"),
    "text": ("content/first/da.md", "title: En titel", "title En titel"),
}
"""What an editor may do by mistake: the file, what it had, and what it has."""


@pytest.fixture
def out(library: TinyLibrary, tmp_path: Path) -> Path:
    """The output folder of a library with a PDF for each clinic, and a second leaflet that nothing is wrong with."""
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4]")
    library.write("content/second/leaflet.yaml", library.read("content/first/leaflet.yaml").replace("T-1", "T-2"))
    library.write("content/second/da.md", TEXT.replace("En titel", "Den anden"))
    library.replace("clinics/north.yaml", "hands_out:", "hands_out:\n  second: {languages: [da]}")
    assert build(BuildRequest(library.root, tmp_path / "dist", jobs=1)).clean
    return tmp_path / "dist"


def slip(library: TinyLibrary, what: str, asking: TestClient) -> None:
    library.replace(*SLIPS[what])
    assert library_of(asking).refresh()


def test_a_slip_in_a_clinics_file_leaves_the_clinic_as_it_was_and_says_so(library: TinyLibrary, out: Path) -> None:
    asking = client(library.root, out)
    before = asking.get(PDF).content
    slip(library, "clinic", asking)
    page = asking.get("/")
    assert page.url.path == "/north/"
    assert "Klinik Nord" in page.text
    for shown in (page, asking.get("/north/leaflet/first")):
        assert "The clinic’s file has an error" in shown.text
        assert "The phone number is 76 36 14 00" in shown.text
    assert asking.get(PDF).content == before
    library.replace("content/first/da.md", "i tvivl", "usikker")
    library_of(asking).refresh()
    assert asking.get(PDF).status_code == 200, "a text is built with what the clinic had"
    library.replace("clinics/north.yaml", "phone 76 36 14 99", 'phone: "76 36 14 99"')
    library_of(asking).refresh()
    mended = asking.get("/").text
    assert "has an error" not in mended
    assert library_of(asking).now.errors == ()


def test_a_clinic_that_was_broken_when_the_desk_started_is_named_and_not_offered(
    library: TinyLibrary, out: Path
) -> None:
    library.replace(*SLIPS["clinic"])
    page = client(library.root, out).get("/")
    assert page.url.path == "/clinic"
    assert re.search("Temporarily out of order.*file has an error: north", page.text)
    assert 'value="north"' not in page.text
    assert 'value="south"' in page.text


@pytest.mark.parametrize("what", ["leaflet", "dates"])
def test_a_leaflet_with_a_slip_is_found_and_out_of_order(library: TinyLibrary, out: Path, what: str) -> None:
    asking = client(library.root, out)
    slip(library, what, asking)
    found = asking.get("/", params={"q": "titel"}).text
    assert "En titel" in found
    assert "Temporarily out of order" in found
    page = asking.get("/north/leaflet/first")
    assert page.status_code == 200
    assert "This leaflet is temporarily out of order" in page.text
    assert "/pdf/" not in page.text
    for path in (PDF, PDF.replace("/pdf/", "/ready/"), PDF.replace("/pdf/", "/picture/") + "?width=480"):
        assert asking.get(path).status_code == 410, "it may have been withdrawn"
    assert asking.get(PDF.replace("first", "second")).status_code == 200
    library.replace(SLIPS[what][0], SLIPS[what][2], SLIPS[what][1])
    library_of(asking).refresh()
    assert asking.get(PDF).status_code == 200


def test_a_leaflet_that_is_withdrawn_with_a_slip_is_not_printed(library: TinyLibrary, out: Path) -> None:
    asking = client(library.root, out)
    library.replace("content/first/leaflet.yaml", "status: draft\nowner: north", "status: withdrawn\nowner north")
    library_of(asking).refresh()
    assert asking.get(PDF).status_code == 410
    assert asking.post("/north/pack", data={"leaflet": "north/first.da.a4.pdf"}).status_code == 410
    assert asking.post("/north/personal/first.da.a4.pdf", data={}).status_code == 410


@pytest.mark.parametrize("what", ["leaflet", "dates", "text"])
def test_a_leaflet_that_was_broken_when_the_desk_started_is_named_by_its_title(
    library: TinyLibrary, out: Path, what: str
) -> None:
    library.replace(*SLIPS[what])
    asking = client(library.root, out)
    page = text(asking.get("/").text)
    assert re.search("Temporarily out of order.* En titel", page)
    assert "1 leaflet Den anden" in page
    answer = asking.get("/north/leaflet/first")
    assert answer.status_code == 503
    assert "temporarily out of order" in answer.text
    assert "does not hand out" not in answer.text
    assert asking.get(PDF).status_code == 404


def test_one_language_that_was_broken_when_the_desk_started_is_named(library: TinyLibrary, out: Path) -> None:
    library.replace("clinics/north.yaml", "first: {languages: [da]}", "first: {languages: [da, sv]}")
    library.write("content/first/sv.md", "---\ntitle En titel\n---\n")
    page = text(client(library.root, out).get("/").text)
    assert re.search("Temporarily out of order.* En titel · Swedish", page)


def test_a_text_with_a_slip_stays_as_it_was_and_says_so(library: TinyLibrary, out: Path) -> None:
    asking = client(library.root, out)
    before = asking.get(PDF).content
    library.replace("content/first/da.md", "i tvivl", "usikker")
    slip(library, "text", asking)
    for path in ("/north/?q=titel", "/north/leaflet/first"):
        assert "Being corrected: this is the last good version" in asking.get(path).text
    assert asking.get(PDF).content == before
    library.replace("content/first/da.md", "title En titel", "title: En titel")
    library_of(asking).refresh()
    assert "Being corrected" not in asking.get("/north/leaflet/first").text
    assert asking.get(PDF).content != before


def test_a_text_is_not_held_beside_a_leaflet_that_has_changed(library: TinyLibrary, out: Path) -> None:
    asking = client(library.root, out)
    library.replace("content/first/leaflet.yaml", 'version: "0.1"', 'version: "0.2"')
    slip(library, "text", asking)
    assert asking.get(PDF).status_code == 404, "the old text under the new version was never written"


def test_what_was_good_is_remembered_while_the_library_itself_is_broken(library: TinyLibrary, out: Path) -> None:
    asking = client(library.root, out)
    settings = library.read("library.yaml")
    library.write("library.yaml", "nme: X\n")
    slip(library, "clinic", asking)
    assert asking.get("/").status_code == 503
    library.write("library.yaml", settings)
    library_of(asking).refresh()
    assert "The clinic’s file has an error" in asking.get("/").text


def test_an_error_of_what_is_held_still_blocks(library: TinyLibrary, out: Path) -> None:
    """A clinic's own wording is read anew while its file is held: an error in it must not be forgotten."""
    library.replace("content/first/leaflet.yaml", "formats:", "slots: [extra]\nformats:")
    library.write("content/first/da.md", TEXT + "\n::: slot extra\nKom.\n:::\n")
    asking = client(library.root, out)
    library.write("clinics/north/first/extra.da.md", "Kom {{ clinic.nothing }}.\n")
    slip(library, "clinic", asking)
    assert asking.get(PDF).status_code == 503
    assert len(library_of(asking).now.errors) == 2


def test_a_build_holds_nothing(library: TinyLibrary) -> None:
    before = loader.load_library(library.root)
    library.replace(*SLIPS["clinic"])
    assert "north" not in loader.load_library(library.root, before).clinics
    held = loader.load_library(library.root, before, hold=True)
    assert held.clinics["north"] == before.clinics["north"]
    assert list(held.held) == [f"{library.root.as_posix()}/clinics/north.yaml"]
    assert not [finding for finding in held.findings if "north.yaml" in finding.place.file]


@pytest.mark.usefixtures("fake_rendering", "at_once")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", [*SLIPS, "phone"])
def test_nothing_is_current_while_anything_is_broken(library: TinyLibrary, out: Path, what: str, language: str) -> None:
    file, old, new = SLIPS.get(what, ("clinics/south.yaml", "phone:", "# phone:"))
    library.replace(file, old, new)
    say = Translator(language)
    with opened(library.root, out) as asking:
        for path in KEEPER:
            page = asking.get(path, cookies={"language": language}).text
            bar = re.search('<section class="notice notice-bad broken".*?</section>', page, re.S)
            assert bar, path
            assert say("broken", n=1) in bar[0]
            assert f"leaflets/{'content/first/da.md' if what == 'phone' else file}" in bar[0]
            assert say("plan_idle") not in page
            assert say("matrix_empty") not in page
    library.replace(file, new, old)
    with opened(library.root, out) as asking:
        for path in KEEPER:
            assert "notice-bad broken" not in asking.get(path, cookies={"language": language}).text
        assert say("plan_idle") in asking.get("/keeper", cookies={"language": language}).text
