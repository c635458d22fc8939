"""The keeper's pages: what they show, in three languages, and what they let nobody do."""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.testclient import TestClient

from pdfkit_cli.build.output_folder import OutputFolder
from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.desk import diff_preview, isolated_task, keeper
from pdfkit_cli.desk.file_words import reason_text
from pdfkit_cli.desk.i18n import LANGUAGES, PHRASES_FOLDER, Translator
from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.output.fingerprints import RebuildReason, RebuildReasonKind
from tests.helpers import work_here
from tests.helpers.desk_app_client import OWN, opened
from tests.helpers.desk_client import app_of, library_of
from tests.helpers.tiny_library import TEXT, TinyLibrary

PATH = "north/first.da.a4.pdf"
PAGES = ("/keeper", "/keeper/pdfs", "/keeper/findings", "/keeper/matrix")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker would do is done here, and now."""

    def do(work: Callable[[Any], Any], task: Any, seconds: float, prepare: object = None, stop: object = None) -> Any:
        return work(task)

    monkeypatch.setattr(isolated_task, "run_isolated", do)
    monkeypatch.setattr(keeper, "WAIT_SECONDS", 300.0)


@pytest.fixture
def out(library: TinyLibrary) -> Path:
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4]")
    return library.root.parent / "dist"


def text(html: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", html).split())


def test_the_plan_says_what_and_why(library: TinyLibrary, out: Path, fake_rendering: None, at_once: None) -> None:
    with opened(library.root, out) as client:
        words = text(client.get("/keeper/pdfs", cookies={"language": "en"}).text)
        assert "2 PDFs to make" in words
        assert "Not made before" in words
        assert "See the difference" not in words
        build(BuildRequest(library.root, out))
        library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 99")
        refreshed(client, library.root)
        page = client.get("/keeper/pdfs", cookies={"language": "en"}).text
        assert "1 PDF to make" in text(page)
        assert "Klinik Nord changed" in text(page)
        assert f'href="/keeper/differences/{PATH}"' in page


def refreshed(client: TestClient, root: Path) -> None:
    """Let the desk see what was changed, without waiting for it to look."""
    assert library_of(client).refresh()


def test_nothing_to_do(library: TinyLibrary, out: Path, fake_rendering: None, at_once: None) -> None:
    build(BuildRequest(library.root, out))
    with opened(library.root, out) as client:
        page = client.get("/keeper/pdfs", cookies={"language": "da"}).text
        assert "Alt er opdateret. 2 PDF-filer passer til biblioteket." in text(page)
        assert "/keeper/build" not in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_in_every_language(
    library: TinyLibrary, out: Path, fake_rendering: None, at_once: None, path: str, language: str
) -> None:  # fmt: skip
    library.replace("clinics/south.yaml", "phone:", "# phone:")
    with opened(library.root, out) as client:
        answer = client.get(path, cookies={"language": language})
    assert answer.status_code == 200
    assert f'<html lang="{language}" translate="no">' in answer.text, "no browser offers to translate a leaflet"
    assert answer.headers["cache-control"] == "no-store"
    heading = {"/keeper": "inbox", "/keeper/pdfs": "plan", "/keeper/findings": "findings", "/keeper/matrix": "matrix"}[
        path
    ]
    assert f"<h1>{Translator(language)(f'keeper_{heading}')}</h1>" in answer.text
    assert "clinics/south.yaml" in answer.text
    assert Translator(language).remedy("missing-fact") in answer.text


def test_the_matrix_shows_what_needs_attention(
    library: TinyLibrary, out: Path, fake_rendering: None, at_once: None
) -> None:
    approved = "status: approved\nreviewed: 2026-01-31\nreview_by: 2099-01-31"
    library.replace("content/first/leaflet.yaml", "status: draft", approved)
    build(BuildRequest(library.root, out))
    with opened(library.root, out) as client:
        everything = client.get("/keeper/matrix", cookies={"language": "en"}).text
        assert everything.count("state-current") == 3, "two clinics, and the legend"
        assert "Nothing needs attention" in client.get("/keeper/matrix?attention", cookies={"language": "en"}).text
        for page in ("0", "-1", "2", "99999999999", "²", "x"):
            assert client.get("/keeper/matrix", params={"page": page}).status_code == 200


def test_the_matrix_of_one_clinic(library: TinyLibrary, out: Path, fake_rendering: None, at_once: None) -> None:
    library.replace("clinics/north.yaml", "[da]", "[da, en]")
    library.write("content/first/en.md", TEXT)

    def table(query: str) -> tuple[list[str], int]:
        page = client.get(f"/keeper/matrix?{query}", cookies={"language": "en"}).text
        return re.findall(r'<th scope="col">(Klinik \w+)</th>', page), page.count('<th scope="row"')

    with opened(library.root, out) as client:
        assert table("") == (["Klinik Nord", "Klinik Syd"], 2)
        assert table("only=south") == (["Klinik Syd"], 1)
        assert table("only=south&attention") == (["Klinik Syd"], 1)
        assert table("only=nowhere") == table("")
        page = client.get("/keeper/matrix?only=south").text
        assert 'href="/keeper/matrix?only=south&amp;attention"' in page
        assert '<option value="south" selected>' in page


def test_the_matrix_comes_in_pages(library: TinyLibrary, out: Path, at_once: None, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(keeper, "MAX_ROWS", 2)
    names = [f"leaflet-{number}" for number in range(5)]
    for name in names:
        yaml_ = library.read("content/first/leaflet.yaml").replace("T-1", name.upper())
        library.write(f"content/{name}/leaflet.yaml", yaml_)
        library.write(f"content/{name}/da.md", TEXT.replace("En titel", f"Titel {name}"))
        library.replace("clinics/north.yaml", "hands_out:", f"hands_out:\n  {name}: {{languages: [da, en]}}")
    with opened(library.root, out) as client:
        shown = [client.get(f"/keeper/matrix?page={at}").text for at in (1, 2, 3)]
    found = [re.findall(r"Titel leaflet-\d|En titel", page) for page in shown]
    assert found == [["En titel", "Titel leaflet-0"], ["Titel leaflet-1", "Titel leaflet-2"], ["Titel leaflet-3", "Titel leaflet-4"]]  # fmt: skip


def test_a_large_library_is_waited_for(library: TinyLibrary, out: Path, at_once: None, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(keeper, "WAIT_SECONDS", 0.0)
    with opened(library.root, out) as client:
        first = client.get("/keeper/pdfs")
        assert first.status_code == 202
        assert 'http-equiv="refresh"' in first.text
        assert "/keeper/build" in first.text, "before the first build, nothing need be known to start it"
        assert "/keeper/build" not in client.get("/keeper/matrix").text
        monkeypatch.setattr(keeper, "WAIT_SECONDS", 300.0)
        assert client.get("/keeper/pdfs").status_code == 200


def test_a_broken_library_shows_its_findings(library: TinyLibrary, out: Path) -> None:
    library.write("library.yaml", "nme: X\n")
    with opened(library.root, out) as client:
        for path in (*PAGES, f"/keeper/differences/{PATH}"):
            answer = client.get(path)
            assert (answer.status_code, "library.yaml:1:1" in answer.text) == (503, True)


def waited(client: TestClient) -> str:
    end = time.monotonic() + 300
    client.cookies.set("language", "en")
    while "data-running" in (page := str(client.get("/keeper/progress").text)):
        assert time.monotonic() < end
        time.sleep(0.1)
    return page


def test_the_button(library: TinyLibrary, out: Path) -> None:
    library.replace("clinics/south.yaml", "phone:", "# phone:")
    with opened(library.root, out) as client:
        assert client.post("/keeper/build").status_code == 403, "without a word where it comes from"
        assert client.post("/keeper/build", headers={"origin": "http://elsewhere.example"}).status_code == 403
        assert client.get("/keeper/build").status_code in (404, 405)
        assert not out.exists()
        first, second = (client.post("/keeper/build", headers=OWN) for _ in range(2))
        assert (first.status_code, first.headers["location"]) == (303, "/keeper/pdfs")
        assert second.headers["location"] == "/keeper/pdfs?already"
        page = waited(client)
    assert "1 file is ready" in text(page)
    assert "1 file could not be made" in text(page)
    assert "south/first.da.a4.pdf" in page
    assert [path.name for path in out.glob("*/*.pdf")] == ["first.da.a4.pdf"]


def test_the_end_of_the_desk_ends_its_build(library: TinyLibrary, out: Path) -> None:
    with opened(library.root, out) as client:
        client.post("/keeper/build", headers=OWN)
        process = app_of(client).state.keeper.builds._process
        assert process.is_alive()
    assert not process.is_alive()


def test_the_difference_of_one_pdf(library: TinyLibrary, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "WAIT_SECONDS", 300.0)
    assert build(BuildRequest(library.root, out, jobs=1)).clean
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 99")
    with work_here.worker_processes(), opened(library.root, out) as client:
        client.cookies.set("language", "da")
        for path in ("/keeper", "/keeper/pdfs"):
            assert "Klinik Nord: telefon 76 36 14 00 → 76 36 14 99" in text(client.get(path).text)
        page = client.get(f"/keeper/differences/{PATH}", cookies={"language": "en"}).text
        assert "2 places have other words" in text(page)
        assert re.search("<del>.*76 36 14 00.*</del>", page, re.S)
        assert re.search("<ins>.*76 36 14 99.*</ins>", page, re.S)
        pictures = re.findall('<image href="([^"]+)"', page)
        assert pictures == [f"/keeper/picture/0/before/{PATH}", f"/keeper/picture/0/after/{PATH}"]
        for picture in pictures:
            answer = client.get(picture)
            assert (answer.headers["content-type"], answer.content[:4]) == ("image/png", b"\x89PNG")
        for wrong in (f"/keeper/picture/9/after/{PATH}", f"/keeper/picture/0/same/{PATH}", "/keeper/picture/0/after/x"):
            assert client.get(wrong).status_code == 404
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before, "nothing is published"


def test_a_number_in_groups_keeps_its_order_in_arabic() -> None:
    assert keeper.keep_number_order("اتصل على 76 36 14 99 أو +45 76 <1") == (
        'اتصل على <bdi dir="ltr">76 36 14 99</bdi> أو <bdi dir="ltr">+45 76</bdi> &lt;1'
    )


@pytest.mark.parametrize("path", ["x", "../leaflets/library.yaml", "%2e%2e/leaflets/library.yaml", "/etc/passwd", "manifest.json"])  # fmt: skip
def test_no_other_file_is_compared(library: TinyLibrary, out: Path, path: str) -> None:
    build(BuildRequest(library.root, out, jobs=1))
    with opened(library.root, out) as client:
        answer = client.get(f"/keeper/differences/{path}")
    assert answer.status_code == 404
    assert "Tiny" not in answer.text


def test_what_was_never_published_has_no_difference(library: TinyLibrary, out: Path) -> None:
    with opened(library.root, out) as client:
        answer = client.get(f"/keeper/differences/{PATH}", cookies={"language": "en"})
    assert (answer.status_code, "has not been made yet" in answer.text) == (404, True)


def test_a_render_that_hangs_is_one_message(library: TinyLibrary, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "WAIT_SECONDS", 300.0)
    monkeypatch.setattr(diff_preview, "TIME_LIMIT", 0.01)
    build(BuildRequest(library.root, out, jobs=1))
    with work_here.worker_processes(), opened(library.root, out) as client:
        assert client.get("/keeper/pdfs").status_code == 200
        answer = client.get(f"/keeper/differences/{PATH}", cookies={"language": "en"})
        assert "it took longer than 0.01 seconds and was stopped" in answer.text
        assert "Traceback" not in answer.text
        assert client.get("/keeper/progress").status_code == 200


def test_a_build_that_cannot_go_on_is_told_in_the_language_of_the_desk(library: TinyLibrary, out: Path) -> None:
    with OutputFolder(out), opened(library.root, out) as client:
        client.post("/keeper/build", headers=OWN)
        waited(client)
        client.cookies.set("language", "da")
        page = client.get("/keeper/progress").text
    assert "Et andet program er i gang med at lave PDF-filer." in text(page)
    assert "--" not in text(page), "no option of the command line"


def kill(task: int) -> int:
    os.kill(os.getpid(), task)
    return task


def test_a_worker_that_is_killed_is_one_error() -> None:
    with pytest.raises(PdfkitError, match="SIGKILL"):
        isolated_task.run_isolated(kill, 9, 30.0)


def test_names_and_findings_are_words_and_no_markup(library: TinyLibrary, out: Path, at_once: None) -> None:
    library.replace("content/first/da.md", "title: En titel", "title: 'Pjece \"x\" & y <b'")
    library.replace("clinics/north.yaml", "name: Klinik Nord", "name: '<img src=x onerror=alert(1)>'")
    library.replace("clinics/south.yaml", "brand: plain", "brand: plain\n<script>alert(1)</script>: x")
    with opened(library.root, out) as client:
        shown = [client.get(path).text for path in PAGES]
    assert any("&lt;script&gt;" in page for page in shown)
    assert any("&lt;img" in page for page in shown)
    assert not any("<script>alert" in page or "<img src=x" in page for page in shown)


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (RebuildReason(RebuildReasonKind.NEW), "De er ikke lavet før"),
        (
            RebuildReason(RebuildReasonKind.CHANGED, "leaflets/content/first/da.md"),
            "leaflets/content/first/da.md er ændret",
        ),
        (
            RebuildReason(RebuildReasonKind.ADDED, "leaflets/content/first/da.md"),
            "leaflets/content/first/da.md er kommet til",
        ),
        (RebuildReason(RebuildReasonKind.GONE, "layouts/base/page.css"), "layouts/base/page.css er væk"),
        (RebuildReason(RebuildReasonKind.CHANGED, "weasyprint"), "weasyprint er i en anden version"),
        (RebuildReason(RebuildReasonKind.MISSING), "Filen er væk"),
        (
            RebuildReason(RebuildReasonKind.STALE, "leaflets/content/first/en.md"),
            "leaflets/content/first/en.md passer ikke længere til originalen",
        ),
    ],
)
def test_reasons_in_the_language_of_the_desk(why: RebuildReason, said: str) -> None:
    assert reason_text(Translator("da"), why) == said


@pytest.mark.parametrize("language", ["da", "sv"])
def test_no_reason_is_english_in_another_language(language: str) -> None:
    english = {reason_text(Translator("en"), why) for why in reasons()}
    said = [reason_text(Translator(language), why) for why in reasons()]
    assert len(set(said)) == len(said)
    assert not english & set(said)
    assert not {words for each in said for words in ("source", "changed", " is ", " new") if words in each.replace("leaflets/x.md", "")}  # fmt: skip


def reasons() -> list[RebuildReason]:
    own = (RebuildReasonKind.NEW, RebuildReasonKind.UNFINISHED, RebuildReasonKind.FORCED, RebuildReasonKind.MISSING, RebuildReasonKind.ALTERED, RebuildReasonKind.UNKNOWN)  # fmt: skip
    return [RebuildReason(kind, "" if kind in own else "leaflets/x.md") for kind in RebuildReasonKind]


def test_every_phrase_is_there_in_every_language() -> None:
    names = {language: set(Translator(language).phrases) for language in LANGUAGES}
    assert names["da"] == names["sv"] == names["en"]
    gaps = {
        language: {name: _gaps(phrase) for name, phrase in Translator(language).phrases.items()}
        for language in LANGUAGES
    }
    assert gaps["da"] == gaps["sv"] == gaps["en"]
    files = [file for file in PHRASES_FOLDER.rglob("*.yaml") if file.stem == "da"]
    assert sum(len(yaml.safe_load(file.read_text("utf-8"))) for file in files) == len(names["da"]), "no name twice"


def _gaps(phrase: Any) -> set[str]:
    forms = [phrase] if isinstance(phrase, str) else [phrase["other"]]
    return {gap for form in forms for gap in re.findall(r"{(\w+)}", form)}
