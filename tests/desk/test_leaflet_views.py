"""Finding, looking at and printing a leaflet, as a browser asks for it."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from pdfkit_cli.build import planning
from pdfkit_cli.build.output_folder import OutputFolder
from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.content import loader
from pdfkit_cli.content.language_files import known_language
from pdfkit_cli.content.languages.typography import localized_date
from pdfkit_cli.content.library import Library
from pdfkit_cli.desk import on_demand_build, page_images
from pdfkit_cli.pdf import thumbnails
from tests.helpers.desk_client import client, library_of
from tests.helpers.pdfium_users import PdfiumUsers
from tests.helpers.tiny_library import TinyLibrary, tiny

PDF, READY = "/north/pdf/first.da.a4.pdf", "/north/ready/first.da.a4.pdf"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[TinyLibrary, Path]:
    """A tiny library, built; tests that change it make their own."""
    folder = tmp_path_factory.mktemp("desk")
    library = tiny(folder)
    library.replace("library.yaml", "ar]", "ar]\nchecks: {review_soon: 60}")
    assert build(BuildRequest(library.root, folder / "dist")).clean
    return library, folder / "dist"


@pytest.fixture
def asking(built: tuple[TinyLibrary, Path]) -> TestClient:
    return client(built[0].root, built[1])


def dated(library: TinyLibrary, days: int) -> None:
    """Let the review of the leaflet be due in so many days."""
    due = date.today() + timedelta(days)
    library.replace(
        "content/first/leaflet.yaml", "status: draft", f"status: approved\nreviewed: 2020-01-31\nreview_by: {due}"
    )


def test_the_clinic_is_asked_for_once(library: TinyLibrary, tmp_path: Path) -> None:
    asking = client(library.root, tmp_path / "dist", clinic="")
    asked = asking.get("/")
    assert asked.url.path == "/clinic"
    assert "Klinik Nord" in asked.text
    assert asking.post("/choose", data={"clinic": "south", "back": "/x"}).url.path == "/south/"
    assert "Klinik Syd" in asking.get("/").text


def test_a_clinic_that_is_gone_is_asked_for_again(library: TinyLibrary, tmp_path: Path) -> None:
    assert client(library.root, tmp_path / "dist", clinic="west").get("/").url.path == "/clinic"


@pytest.mark.parametrize(
    ("language", "words"), [("da", "Find en pjece"), ("sv", "Hitta en broschyr"), ("en", "Find a leaflet")]
)
def test_the_interface_speaks_the_language_chosen(asking: TestClient, language: str, words: str) -> None:
    asking.post("/choose", data={"language": language, "back": "/"})
    answer = asking.get("/")
    assert words in answer.text
    assert f'<html lang="{language}"' in answer.text


def test_a_leaflet_is_found_by_a_misspelled_word_and_by_its_id(asking: TestClient) -> None:
    for query in ("titel", "titl", "T-1", "indledninng"):
        assert "En titel" in asking.get("/", params={"q": query}).text, query
    nothing = asking.get("/", params={"q": "kvantefysik"})
    assert "/north/leaflet/first" not in nothing.text
    assert "kvantefysik" in nothing.text


def test_a_leaflet_is_found_by_the_code_of_an_appointment(built: tuple[TinyLibrary, Path], tmp_path: Path) -> None:
    library = tiny(tmp_path)
    library.write("appointments.yaml", "north:\n  KNAB: {leaflets: [first]}\n")
    asking = client(library.root, built[1])
    assert "/north/leaflet/first" in asking.get("/", params={"q": "KNAB"}).text
    library.write("appointments.yaml", "north: [")
    library_of(asking).refresh()
    assert "/north/leaflet/first" not in asking.get("/", params={"q": "KNAB"}).text
    assert "/north/leaflet/first" in asking.get("/", params={"q": "titel"}).text


def test_many_leaflets_are_counted_and_the_first_are_shown(built: tuple[TinyLibrary, Path], tmp_path: Path) -> None:
    library, clinic = tiny(tmp_path), "  first: {languages: [da]}\n"
    for number in range(25):
        leaflet = library.read("content/first/leaflet.yaml").replace("T-1", f"T-{number + 10}")
        library.write(f"content/more-{number:02}/leaflet.yaml", leaflet)
        text = library.read("content/first/da.md").replace("En titel", f"En titel mere {number:02}")
        library.write(f"content/more-{number:02}/da.md", text)
        clinic += f"  more-{number:02}: {{languages: [da]}}\n"
    library.replace("clinics/north.yaml", "  first: {languages: [da]}\n", clinic)
    asking = client(library.root, built[1])
    for query in ("", "titel"):
        html = asking.get("/", params={"q": query}).text
        assert html.count("data-first") == 24
        more = re.search(r'<a class="button" href="([^"]+)" data-key="(more-\d\d)">Show more</a>', html)
        assert more
        assert f"/north/leaflet/{more[2]}" not in html
        rest = asking.get(more[1].replace("&amp;", "&")).text
        assert rest.count("data-first") == 26
        assert f"/north/leaflet/{more[2]}" in rest, "where the focus goes"
        assert "Show more" not in rest
    assert "26 leaflets" in asking.get("/").text
    assert html.index("En titel<") < html.index("En titel mere")


def test_what_is_searched_for_is_escaped(asking: TestClient) -> None:
    assert "<script>alert" not in asking.get("/", params={"q": '"><script>alert(1)</script>'}).text


def test_a_result_says_what_one_must_know(asking: TestClient) -> None:
    html = asking.get("/").text
    for words in (
        "T-1 · version 0.1",
        "1 page",
        "1 sheet",
        "Draft",
        ">Dansk</span></a>",
        "/north/picture/first.da.a4.pdf?page=1",
    ):
        assert words in html


def test_a_leaflet_says_how_to_print_it_and_shows_every_page(asking: TestClient) -> None:
    html = asking.get("/north/leaflet/first?language=da&format=a5").text
    assert "Flip on the long edge" in html
    assert "Put A5 paper in the printer. If it only has A4, choose A4." in html
    assert 'action="/north/pdf/first.da.a5.pdf"' in html
    pictures = re.findall(r'src="(/north/picture/[^"]+width=1200[^"]+)"', html)
    assert len(pictures) == 1
    picture = asking.get(pictures[0].replace("&amp;", "&"))
    assert "immutable" in picture.headers["cache-control"]
    image = Image.open(BytesIO(picture.content))
    assert image.width == 1200
    assert min(image.convert("L").tobytes()) < 80  # there is ink on it


@pytest.mark.parametrize("query", ["page=2", "page=0", "page=x", "page=1&width=9999", "page=²"])
def test_a_picture_that_there_is_not(asking: TestClient, query: str) -> None:
    width = "" if "width" in query else "&width=1200"
    assert asking.get(f"/north/picture/first.da.a4.pdf?{query}{width}").status_code == 404


def test_the_pdf_is_the_published_one_and_named_for_a_person(
    asking: TestClient, built: tuple[TinyLibrary, Path]
) -> None:
    shown = asking.get(PDF)
    assert shown.content == (built[1] / "north/first.da.a4.pdf").read_bytes()
    assert shown.headers["content-disposition"].startswith("inline")
    saved = asking.get(f"{PDF}?save")
    assert saved.headers["content-disposition"].startswith("attachment")
    assert "T-1" in saved.headers["content-disposition"]
    again = asking.get(PDF, headers={"if-none-match": shown.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_what_is_current_is_planned_once_until_something_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, out = tiny(tmp_path), tmp_path / "dist"
    asking, planned, plan = client(library.root, out), [], planning.compute_plan

    def counted(*asked: Any) -> planning.Plan:
        planned.append(asked)
        return plan(*asked)

    monkeypatch.setattr(planning, "compute_plan", counted)
    first = asking.get(PDF)
    planned.clear()
    assert [asking.get(PDF).content for _ in range(3)] == [first.content] * 3
    assert len(planned) == 0
    (out / "north/first.da.a4.pdf").write_bytes(b"not what was published")
    mended = asking.get(PDF)
    assert mended.content.startswith(b"%PDF")
    assert planned
    planned.clear()
    library.replace("content/first/da.md", "i tvivl", "usikker")
    assert library_of(asking).refresh()
    assert asking.get(PDF).headers["etag"] != mended.headers["etag"]
    assert planned


def test_a_language_that_there_is_not_is_never_replaced(asking: TestClient) -> None:
    html = asking.get("/north/leaflet/first?language=sv").text
    assert "does not hand out this leaflet in that language" in html
    assert "/pdf/" not in html


def test_a_review_that_is_near_is_said(library: TinyLibrary, tmp_path: Path) -> None:
    dated(library, 60)
    assert "Review due" in client(library.root, tmp_path / "dist").get("/").text


def test_a_review_that_is_far_is_not_said(library: TinyLibrary, tmp_path: Path) -> None:
    dated(library, 61)
    assert "Review due" not in client(library.root, tmp_path / "dist").get("/").text


def test_an_overdue_leaflet_cannot_be_printed(built: tuple[TinyLibrary, Path], tmp_path: Path) -> None:
    library = tiny(tmp_path)
    dated(library, -1)
    asking = client(library.root, built[1])
    assert "Review was due" in asking.get("/").text
    assert "cannot be printed" in asking.get("/north/leaflet/first").text
    for path in (PDF, "/north/ready/first.da.a4.pdf", "/north/picture/first.da.a4.pdf?page=1&width=480"):
        assert asking.get(path).status_code == 410
    assert asking.post("/north/pack", data={"leaflet": "north/first.da.a4.pdf"}).status_code == 410


def test_a_withdrawn_or_superseded_leaflet_points_to_its_successor(
    built: tuple[TinyLibrary, Path], tmp_path: Path
) -> None:
    library = tiny(tmp_path)
    model = library.read("content/first/leaflet.yaml")
    for name, id, successor in (("second", "T-2", "\nsuperseded_by: third"), ("third", "T-3", "")):
        library.write(f"content/{name}/leaflet.yaml", model.replace("T-1", id).rstrip() + successor)
        library.write(f"content/{name}/da.md", library.read("content/first/da.md").replace("En titel", f"Den {name}"))
    library.write("content/first/leaflet.yaml", model.rstrip() + "\nsuperseded_by: second")
    asking = client(library.root, built[1])
    page = asking.get("/north/leaflet/first").text
    assert 'href="/north/leaflet/third"' in page
    assert "Den third" in page
    assert "must not be handed out" in page
    assert asking.get(PDF).status_code == 404
    library.write("content/first/leaflet.yaml", model.replace("draft", "withdrawn"))
    library_of(asking).refresh()
    assert "withdrawn" in asking.get("/north/leaflet/first").text
    assert asking.get(PDF).status_code == 404


def test_a_changed_leaflet_is_built_before_it_is_printed(tmp_path: Path) -> None:
    library = tiny(tmp_path)
    asking = client(library.root, tmp_path / "dist")
    missing = asking.get("/north/leaflet/first?language=da&format=a4").text
    assert 'data-ready="/north/ready/first.da.a4.pdf"' in missing
    assert "/picture/" not in missing
    first = asking.get("/north/ready/first.da.a4.pdf").json()["sha256"]
    assert "data-ready" not in asking.get("/north/leaflet/first?language=da&format=a4").text
    library.replace("content/first/da.md", "i tvivl", "usikker")
    assert library_of(asking).refresh()
    assert "data-ready" in asking.get("/north/leaflet/first?language=da&format=a4").text
    printed = asking.get(PDF)
    assert printed.headers["etag"][1:9] != first[:8]


def test_a_click_on_an_outdated_leaflet_loads_the_library_once(
    library: TinyLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking, loads, load = client(library.root, tmp_path / "dist"), [], loader.load_library

    def counted(root: Path, *arguments: Any, **options: Any) -> Library:
        loads.append(root)
        return load(root, *arguments, **options)

    monkeypatch.setattr(loader, "load_library", counted)
    assert asking.get(PDF).status_code == 200
    assert loads == [], "it was loaded at the start"
    library.replace("content/first/da.md", "i tvivl", "usikker")
    assert library_of(asking).refresh()
    before = library_of(asking).manifest.files["north/first.da.a4.pdf"].sha256
    assert asking.get("/north/ready/first.da.a4.pdf").json()["sha256"] != before
    assert len(loads) == 1


def test_pictures_and_the_thumbnails_of_a_build_take_turns_in_pdfium(
    library: TinyLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking, picture = client(library.root, tmp_path / "dist"), "/north/picture/first.da.a4.pdf?page=1&width="
    assert asking.get(PDF).status_code == 200
    users, building, drawn = PdfiumUsers(monkeypatch, 0.01), threading.Event(), [0]
    make = thumbnails.render_thumbnail

    def counted(*arguments: Any, **options: Any) -> bytes:
        drawn[0] += 1
        return make(*arguments, **options)

    monkeypatch.setattr(thumbnails, "render_thumbnail", counted)

    def look() -> None:
        while not building.is_set():
            page_images.page_image.cache_clear()
            for width in page_images.IMAGE_WIDTHS:
                assert asking.get(f"{picture}{width}").status_code == 200

    with ThreadPoolExecutor(4) as threads:
        looking = [threads.submit(look) for _ in range(4)]
        try:
            for path in ("/north/ready/first.da.a5.pdf", "/south/ready/first.da.a4.pdf"):
                assert asking.get(path).status_code == 200
        finally:
            building.set()
        for done in looking:
            done.result(60)
    assert drawn[0], "the build made a thumbnail for the catalogue"
    assert len(users.opened) > 1
    assert (users.most, users.inside) == (1, [])


@pytest.mark.usefixtures("worker_processes")
def test_a_render_that_hangs_is_one_clear_message(
    library: TinyLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_demand_build, "BUILD_SECONDS", 0.05)
    answer = client(library.root, tmp_path / "dist").get(READY, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["problem"]) == (503, "render_slow")


def test_the_counter_goes_before_a_build(library: TinyLibrary, tmp_path: Path) -> None:
    out = tmp_path / "dist"
    asking = client(library.root, out)
    with OutputFolder(out):  # as while a build writes
        ready = asking.get(READY)
        assert ready.status_code == 200
        assert not (out / "north").exists(), "nothing is published beside the build"
        made = asking.get(PDF).content
        assert made.startswith(b"%PDF")
        page = asking.get("/north/leaflet/first?language=da&format=a4").text
        assert "data-ready" not in page
        picture = re.search(r'src="(/north/picture/first.da.a4.pdf[^"]*)"', page)
        assert picture
        assert asking.get(picture[1].replace("&amp;", "&")).headers["content-type"] == "image/png"
        pack = asking.post("/north/pack", data={"leaflet": ["north/first.da.a4.pdf"], "channel": "paper"})
        assert pack.content.startswith(b"%PDF")
        library.body("## Hop\n\nEn anden tekst.\n")
        assert library_of(asking).refresh()
        assert asking.get(PDF).content != made, "never what the library no longer says"
        made = asking.get(PDF).content
        entry = library_of(asking).current(library_of(asking).now.output_keys["north/first.da.a4.pdf"])
        assert entry
        form = {"file": "north/first.da.a4.pdf", "number": "0" * 32, "way": "window", "copies": "1"}
        assert entry.digest[:8] in asking.post("/north/issued", data=form).json()["lines"]
    assert build(BuildRequest(library.root, out)).clean
    assert (out / "north/first.da.a4.pdf").read_bytes() == made
    assert asking.get(PDF).content == made


def test_what_is_outdated_in_its_layout_alone_is_offered_with_its_day(library: TinyLibrary, tmp_path: Path) -> None:
    out, earlier = tmp_path / "dist", "/north/earlier/first.da.a4.pdf"
    assert build(BuildRequest(library.root, out)).clean
    published = (out / "north/first.da.a4.pdf").read_bytes()
    asking = client(library.root, out)
    assert "data-ready" not in asking.get("/north/leaflet/first?language=da&format=a4").text
    library.replace("brands/plain/brand.yaml", "#b3611f", "#7a4b00")
    assert library_of(asking).refresh()
    page = asking.get("/north/leaflet/first?language=da&format=a4").text
    assert "data-ready" in page
    assert f'href="{earlier}"' in page
    assert f"Open the leaflet of {localized_date(date.today(), known_language('en'))}" in page
    assert asking.get(earlier).content == published
    library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 99")
    assert library_of(asking).refresh()
    assert earlier not in asking.get("/north/leaflet/first?language=da&format=a4").text
    assert asking.get(earlier).status_code == 404, "another phone is another text"


def test_a_broken_library_shows_its_findings_and_comes_back(library: TinyLibrary, tmp_path: Path) -> None:
    good = library.read("library.yaml")
    library.write("library.yaml", "nme: Tiny\n")
    asking = client(library.root, tmp_path / "dist")
    for path in ("/", "/north/leaflet/first", "/clinic"):
        broken = asking.get(path)
        assert broken.status_code == 503
        assert "library.yaml:1:1" in broken.text
    library.write("library.yaml", good)
    assert library_of(asking).refresh()
    assert asking.get("/").status_code == 200


def test_a_folder_without_a_library_says_so(tmp_path: Path) -> None:
    answer = client(tmp_path, tmp_path / "dist").get("/")
    assert answer.status_code == 503
    assert "no library here" in answer.text


def test_a_library_that_changes_is_picked_up_without_a_restart(library: TinyLibrary, tmp_path: Path) -> None:
    asking = client(library.root, tmp_path / "dist")
    desk = library_of(asking)
    before = desk.now.number
    assert not desk.refresh()
    with asking:  # the server is up, and watches
        library.replace("content/first/da.md", "En titel", "En anden overskrift")
        for _ in range(100):
            if "En anden overskrift" in asking.get("/").text:
                break
            desk.ended.wait(0.1)
        assert "En anden overskrift" in asking.get("/").text
    assert desk.now.number > before
