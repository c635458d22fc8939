"""A page to a PDF: nothing else is read, nothing fails quietly, and the bytes are the same everywhere."""

import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.content import yaml_source
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.errors import InternalError
from pdfkit_cli.rendering import renderer, templates
from pdfkit_cli.rendering.engine import RenderError
from pdfkit_cli.rendering.page import BASE_URL, DeclaredFile, Page
from tests.helpers.check_runner import wrong
from tests.helpers.html_pages import FONT, GOOD_SVG, NS, PICTURE, Room
from tests.helpers.tiny_library import TinyLibrary, tiny

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True, scope="module")
def _prepared() -> None:
    renderer.prepare_process()


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Count what leaves the machine."""
    tried: list[object] = []

    def refuse(*arguments: object, **_: object) -> None:
        tried.append(arguments)
        raise OSError("no network in tests")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    yield tried
    assert tried == []


@contextmanager
def opened() -> Iterator[set[str]]:
    """Collect the files that Python opens meanwhile."""
    found: set[str] = set()
    _watchers.append(found)
    try:
        yield found
    finally:
        _watchers.remove(found)


_watchers: list[set[str]] = []


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _watchers and isinstance(arguments[0], str | bytes):
        _watchers[-1].add(os.fsdecode(arguments[0]))


sys.addaudithook(_note)


# Nothing else is read.

REACHES: dict[str, Callable[[Room, str], Page]] = {
    "image": lambda room, url: room.page(f'<img src="{url}" alt="x">'),
    "object": lambda room, url: room.page(f'<object data="{url}">x</object>'),
    "embed": lambda room, url: room.page(f'<embed src="{url}">'),
    "stylesheet": lambda room, url: room.page(head=f'<link rel="stylesheet" href="{url}">'),
    "style element": lambda room, url: room.page(head=f"<style>p {{ background: url('{url}') }}</style>"),
    "attachment": lambda room, url: room.page(head=f'<link rel="attachment" href="{url}">'),
    "import": lambda room, url: room.page(before=f'@import url("{url}");'),
    "background": lambda room, url: room.page(css=f'p {{ background: url("{url}") }}'),
    "list mark": lambda room, url: room.page("<ul><li>x</li></ul>", css=f'ul {{ list-style-image: url("{url}") }}'),
    "content": lambda room, url: room.page(css=f'p::before {{ content: url("{url}") }}'),
    "font": lambda room, url: room.page(css=f'@font-face {{ font-family: G; src: url("{url}") }}'),
    "second font": lambda room, url: room.page(
        css=f'@font-face {{ font-family: G; src: url("{url}"), url(f.ttf) }} p {{ font-family: G }}'
    ),
    "image in a picture": lambda room, url: room.page(PICTURE, a=f'<svg {NS}><image href="{url}" width="9" height="9"/></svg>'),
    "xlink in a picture": lambda room, url: room.page(
        PICTURE, a=f'<svg {NS}><image xlink:href="{url}" width="9" height="9"/></svg>'
    ),
    "image in a drawing": lambda room, url: room.page(
        f'<svg {NS}><title>x</title><image href="{url}" width="9" height="9"/></svg>'
    ),
}  # fmt: skip

UNREAD: dict[str, Callable[[Room, str], Page]] = {
    "use": lambda room, url: room.page(PICTURE, a=f'<svg {NS}><use href="{url}#x"/><path d="M0 0h9v9z"/></svg>'),
    "fill": lambda room, url: room.page(PICTURE, a=f'<svg {NS}><path fill="url({url}#a)" d="M0 0h9v9z"/></svg>'),
    "style": lambda room, url: room.page(
        PICTURE, a=f'<svg {NS}><style>@import url("{url}"); path {{ fill: url("{url}") }}</style><path d="M0 0h9"/></svg>'
    ),
    "entity": lambda room, url: room.page(
        PICTURE, a=f'<!DOCTYPE svg [<!ENTITY x SYSTEM "{url}">]><svg {NS}><title>&x;</title><path d="M0 0h9"/></svg>'
    ),
}  # fmt: skip
"""Ways that WeasyPrint does not follow; when a library loads, pictures.read refuses them."""

ADDRESSES = [
    "https://example.com/x.png",
    "file:///etc/hostname",
    "../../../../etc/hostname",
    "other.svg",
    "//example.com/x",
]


@pytest.mark.parametrize("url", ADDRESSES)
@pytest.mark.parametrize("reach", REACHES)
def test_nothing_undeclared_is_reached(room: Room, no_network: list[object], reach: str, url: str) -> None:
    (room.folder / "other.svg").write_text(GOOD_SVG)
    page = REACHES[reach](room, url)
    with opened() as files, pytest.raises(RenderError, match=r"the page asks for \S+, which it does not declare"):
        renderer.render(page)
    assert not {file for file in files if file.endswith(("hostname", "other.svg"))}


@pytest.mark.parametrize("url", ADDRESSES)
@pytest.mark.parametrize("reach", UNREAD)
def test_what_a_picture_refers_to_is_not_read(room: Room, no_network: list[object], reach: str, url: str) -> None:
    (room.folder / "other.svg").write_text(GOOD_SVG)
    with opened() as files:
        try:
            renderer.render(UNREAD[reach](room, url))
        except RenderError:
            assert reach == "entity"
    assert not {file for file in files if file.endswith(("hostname", "other.svg"))}


def test_only_declared_files_are_opened(room: Room) -> None:
    renderer.render(room.page())  # modules and fonts are loaded
    page = room.page(PICTURE, a=GOOD_SVG)
    with opened() as files:
        renderer.render(page)
    profile = {file for file in files if file.endswith("/weasyprint/pdf/sRGB2014.icc")}  # its own, for PDF/A
    assert files - profile == {str(room.folder / "a.svg")}


def test_fonts_of_the_machine_are_out_of_reach(room: Room) -> None:
    for name in ("DejaVu Sans", "Liberation Sans", "F"):
        page = room.page(css=f'@font-face {{ font-family: G; src: local("{name}") }} p {{ font-family: G }}')
        with pytest.raises(RenderError, match="Font-face 'G' cannot be loaded"):
            renderer.render(page)
    for family in ("sans-serif", "DejaVu Sans", "Nowhere"):
        pdf = renderer.render(room.page(css=f"p {{ font-family: {family} }}")).pdf
        assert fonts(PdfReader(BytesIO(pdf))) == {"F"}


def test_data_in_the_page_itself_may_be_shown(room: Room) -> None:
    code = templates.qr_code("https://example.com")
    assert renderer.render(room.page(f'<img src="{code}" alt="En kode">')).pages == 1


def test_what_one_page_declares_is_not_there_for_the_next(room: Room) -> None:
    with_picture = room.page(PICTURE, a=GOOD_SVG)
    renderer.render(with_picture)
    with pytest.raises(RenderError, match="does not declare"):
        renderer.render(replace(with_picture, files=with_picture.files[:1]))


# Nothing fails quietly.


def test_a_picture_that_changed_since_the_plan(room: Room) -> None:
    page = room.page(PICTURE, a=GOOD_SVG)
    (room.folder / "a.svg").write_text(GOOD_SVG.replace("9v9", "8v8"))
    with pytest.raises(RenderError, match=r"/a\.svg changed while the build was running; build again"):
        renderer.render(page)
    (room.folder / "a.svg").unlink()
    with pytest.raises(RenderError, match=r"/a\.svg cannot be read: No such file"):
        renderer.render(page)
    (room.folder / "a.svg").write_text(GOOD_SVG)
    assert renderer.render(page).pages == 1


def test_a_picture_is_the_one_that_the_page_declares(room: Room) -> None:
    """Also where another page has shown another one under the same address."""
    one = renderer.render(room.page(PICTURE, a=GOOD_SVG)).pdf
    other = renderer.render(room.page(PICTURE, a=GOOD_SVG.replace("9v9", "5v5"))).pdf
    assert one != other
    assert renderer.render(room.page(PICTURE, a=GOOD_SVG)).pdf == one


def test_a_font_is_the_one_that_the_page_declares(room: Room) -> None:
    page = room.page()
    bold = FONT.with_name("SourceSans3-Bold.ttf")
    one = renderer.render(page).pdf
    other = replace(page, files=(DeclaredFile(f"{BASE_URL}f.ttf", bold, yaml_source.sha256_hex(bold.read_bytes())),))
    assert fonts(PdfReader(BytesIO(renderer.render(other).pdf))) == {"F-Bold"}
    assert renderer.render(page).pdf == one


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (lambda room: room.page(css="p { colr: red }"), "the stylesheet has faults"),
        (lambda room: room.page(css="p { color: rde }"), "the stylesheet has faults"),
        (lambda room: room.page('<p style="colr: red">x</p>'), "Ignored `colr: red`"),
        (lambda room: room.page("<p>漢</p>"), r"U\+6F22"),
        (lambda room: room.page(PICTURE, a="<svg"), r"Failed to load image at 'https://pdfkit\.invalid/a\.svg'"),
        (lambda room: room.page(PICTURE, a=GOOD_SVG.replace("0 0 9 9", "a b c d")), r"a\.svg: .*viewBox"),
        (lambda room: room.page('<img src="data:image/png;base64,AAAA" alt="x">'), "Failed to load image"),
        (lambda room: room.page("<div>" * 3000 + "x"), "WeasyPrint could not draw it: RecursionError"),
    ],
)
def test_a_fault_fails_each_page_that_has_it(room: Room, fault: Callable[[Room], Page], words: str) -> None:
    """The second page of a worker hears of it as the first did, and a good page is none the worse."""
    good = renderer.render(room.page()).pdf
    page = fault(room)
    for _ in range(2):
        with pytest.raises(RenderError, match=words):
            renderer.render(page)
    assert renderer.render(room.page()).pdf == good


def test_an_exception_of_weasyprint_is_told_as_its_own(room: Room) -> None:
    with pytest.raises(RenderError) as caught:
        renderer.render(room.page("<div>" * 3000 + "x"))
    assert caught.value.fault
    assert caught.value.fault.kind == "RecursionError"
    assert "weasyprint" in caught.value.fault.traceback


@pytest.mark.parametrize(
    "place", ["pdfkit_cli.rendering.renderer.verify_rendered", "pdfkit_cli.rendering.engine.repair"]
)
def test_an_exception_of_ours_is_no_fault_of_weasyprint(
    room: Room, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where WeasyPrint called us."""

    def fail(*_: object) -> None:
        raise KeyError("k3")

    monkeypatch.setattr(place, fail)
    with pytest.raises(InternalError, match=r"internal error \(KeyError\)"):
        renderer.render(room.page())


def test_a_fault_is_said_once(room: Room) -> None:
    with pytest.raises(RenderError) as caught:
        renderer.render(room.page(css="p { colr: red }"))
    assert len(str(caught.value).split("\n")) == 2


def test_weasyprint_says_nothing_on_the_way(room: Room, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RenderError):
        renderer.render(room.page(css="p { colr: red }"))
    assert capfd.readouterr() == ("", "")


# The same bytes everywhere.

BODY = """
## Før du kommer

Ring på {{ clinic.phone }}, hvis du er i tvivl.

![En streg](images/a.svg)

- et
- to

::: warning Feber
Ring straks.
:::

Læs mere på [Sundhed](https://www.sundhed.dk/borger/sygdomme-a-aa/ryg/laang-adresse-til-en-side/).
"""
ARABIC = "---\ntitle: عنوان\nsummary: مقدمة قصيرة\n---\n\n## قبل الموعد\n\nاتصل على {{ clinic.phone }}.\n"


def pages(library: TinyLibrary) -> dict[str, Page]:
    """Return a page in each format, in Danish and in Arabic."""
    library.write("content/first/images/a.svg", GOOD_SVG)
    library.body(BODY)
    library.write("content/first/ar.md", ARABIC)  # shorter than its source: what is rendered matters here
    library.replace("library.yaml", "languages:", "checks: {severity: {different-structure: off}}\nlanguages:")
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4, a5, a5-booklet, a4-large]")
    library.replace("clinics/north.yaml", "[da]", "[da, ar]")
    project = open_project(BuildRequest(library.root, as_of=date(2026, 11, 21)))
    assert not wrong(project.findings)
    return {item.path: project.draw(item).page for item in project.output_keys() if item.edition.clinic == "north"}


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The PDFs of those pages."""
    made = pages(tiny(tmp_path_factory.mktemp("printed")))
    return {path: renderer.render(page).pdf for path, page in made.items()}


SCRIPT = """
import datetime, json, sys, time
import msgpack  # its C code measures datetime as it loads
from pathlib import Path
if sys.argv[2] == "later":
    now = time.time
    time.time = lambda: now() + 500 * 86400
    class Later(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return super().now(tz) + datetime.timedelta(500)
        utcnow = today = now
    datetime.datetime = Later
from pdfkit_cli.errors import InternalError
from pdfkit_cli.rendering import renderer
from tests.helpers.tiny_library import tiny
from tests.rendering.test_renderer import digests, pages
renderer.prepare_process()
made = list(pages(tiny(Path(sys.argv[1]))).items())
print(json.dumps(digests({path: renderer.render(page).pdf for path, page in reversed(made)})))
"""


def digests(files: dict[str, bytes]) -> dict[str, str]:
    return {path: hashlib.sha256(data).hexdigest() for path, data in sorted(files.items())}


@pytest.mark.slow
@pytest.mark.parametrize("day", ["today", "later"])
def test_same_bytes_in_another_process(printed: dict[str, bytes], tmp_path: Path, day: str) -> None:
    """In another order, with another hash seed, on another day, where every setting that fontconfig knows is hostile."""
    hostile = tmp_path / "fonts.conf"
    folder = packaged_folder("fonts")
    hostile.write_text(
        f"<fontconfig><dir>/usr/share/fonts</dir><dir>{folder}</dir><match><edit name='family' mode='assign'>"
        "<string>Serif</string></edit><edit name='hinting'><bool>false</bool></edit></match></fontconfig>"
    )
    (tmp_path / ".fonts").symlink_to(folder)
    environment = os.environ | {
        "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "123" if day == "today" else "456", "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "FONTCONFIG_FILE": str(hostile),
        "FONTCONFIG_PATH": str(tmp_path), "FONTCONFIG_SYSROOT": str(tmp_path), "FC_LANG": "ar", "LANG": "ar_EG.UTF-8",
        "LC_ALL": "C", "PANGO_LANGUAGE": "ar:tr", "LANGUAGE": "tr", "TZ": "Pacific/Kiritimati", "SOURCE_DATE_EPOCH": "1",
    }  # fmt: skip
    made = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path), day], env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(made.stdout) == digests(printed)
    assert made.stderr == ""


def test_same_bytes_again(printed: dict[str, bytes], tmp_path: Path) -> None:
    made = pages(tiny(tmp_path))
    assert digests({path: renderer.render(made[path]).pdf for path in sorted(made, reverse=True)}) == digests(printed)


@pytest.mark.parametrize("phone", ["{{ clinic.phone }}", "klinikken"])
def test_same_bytes_whoever_comes_first(tmp_path: Path, phone: str) -> None:
    """Clinics that share a body have it laid out once: which of them was first must not show."""
    library = tiny(tmp_path)
    library.body(f"Ring til {phone}.\n\n::: call\n:::\n\n" + "## Kapitel\n\nOrd og flere ord om det. " * 9)
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a5, a5-booklet]")
    library.replace(
        "clinics/south.yaml",
        "hands_out",
        "unit: En afdeling med et langt navn\naddress: {street: Vej 1, postal_code: '9000', city: By}\n"
        "email: syd@example.dk\nweb: https://example.dk\nhours: [{days: [mon, fri], opens: '08:00', closes: '15:00'}]\nhands_out",
    )
    project = open_project(BuildRequest(library.root, as_of=date(2026, 11, 21)))
    assert not wrong(project.findings)
    made = {item.path: project.draw(item).page for item in project.output_keys()}
    assert len(made) == 4
    found = []
    for order in (sorted(made), sorted(made, reverse=True), sorted(made, key=lambda path: path.split(".")[2])):
        renderer.reset()
        found.append(digests({path: renderer.render(made[path]).pdf for path in order}))
    assert found[0] == found[1] == found[2]


def test_no_date_but_the_leaflets_own(printed: dict[str, bytes]) -> None:
    this_year = time.strftime("%Y")
    for pdf in printed.values():
        info = PdfReader(BytesIO(pdf)).metadata
        assert info is not None
        assert {str(info[key])[:10] for key in ("/CreationDate", "/ModDate")} == {"D:20260131"}
        assert not re.search(rf"D:{this_year}(?!0131)".encode(), pdf)


# What a finished PDF owes its reader.


def fonts(reader: PdfReader) -> set[str]:
    """Return the names of the fonts, all of them embedded."""
    found = set()
    for item in objects(reader):
        if isinstance(item, dict) and item.get("/Type") == "/FontDescriptor":
            assert any(f"/FontFile{kind}" in item for kind in ("", "2", "3")), item
            found.add(str(item["/FontName"]).split("+")[-1].lstrip("/"))
    return found


def objects(reader: PdfReader) -> Iterator[Any]:
    for number in range(1, int(reader.trailer["/Size"])):  # type: ignore[call-overload]
        yield reader.get_object(number)


@dataclass(frozen=True)
class Print:
    """One of the PDFs, read."""

    language: str
    format: str
    reader: PdfReader

    @property
    def root(self) -> Any:
        return self.reader.root_object

    @property
    def words(self) -> tuple[str, str, str]:
        """Title, summary and heading."""
        if self.language == "ar":
            return "عنوان", "مقدمة قصيرة", "قبل الموعد"
        return "En titel", "En kort indledning.", "Før du kommer"


@pytest.fixture(params=["da.a4", "da.a5", "da.a5-booklet", "da.a4-large", "ar.a4", "ar.a5-booklet"])
def a_print(printed: dict[str, bytes], request: pytest.FixtureRequest) -> Print:
    language, format_name = request.param.split(".")
    return Print(language, format_name, PdfReader(BytesIO(printed[f"north/first.{request.param}.pdf"])))


def test_it_is_tagged_and_says_so(a_print: Print) -> None:
    assert a_print.root["/MarkInfo"]["/Marked"]
    assert "/ParentTree" in a_print.root["/StructTreeRoot"]
    metadata = a_print.root["/Metadata"].get_data().decode()
    assert re.search(r"pdfuaid:part[^>]*>1<|pdfuaid:part=.1.", metadata)


def test_it_says_what_it_is(a_print: Print) -> None:
    info = a_print.reader.metadata
    assert info is not None
    assert (info.title, info.subject) == a_print.words[:2]
    assert info.author == "Klinik Nord"
    assert "T-1" in str(info.keywords)
    assert a_print.root["/Lang"] == a_print.language


def test_it_has_bookmarks(a_print: Print) -> None:
    outline: Any = a_print.reader.outline
    assert outline[0]["/Title"] == a_print.words[0]
    assert a_print.words[2] in [item["/Title"] for item in outline[1] if isinstance(item, dict)]


def test_it_tells_the_printer_how(a_print: Print) -> None:
    preferences = a_print.root["/ViewerPreferences"]
    assert preferences["/DisplayDocTitle"]
    assert preferences["/PrintScaling"] == "/None"
    edge = "Short" if a_print.format == "a5-booklet" else "Long"
    assert preferences["/Duplex"] == f"/DuplexFlip{edge}Edge"
    assert preferences["/Direction"] == ("/R2L" if a_print.language == "ar" else "/L2R")


def test_it_has_our_fonts_and_no_other(a_print: Print) -> None:
    families = set(
        re.findall(r'font-family: "([^"]+)"; src', (packaged_folder("layouts") / "base/fonts.css").read_text())
    )
    ours = {family.replace(" ", "-") for family in families}
    for name in fonts(a_print.reader):
        assert name.startswith(tuple(ours)), name


def test_it_has_the_paper_size(a_print: Print) -> None:
    sizes = {"a4": (210, 297), "a5": (148, 210), "a5-booklet": (297, 210), "a4-large": (210, 297)}
    width, height = sizes[a_print.format]
    for page in a_print.reader.pages:
        assert float(page.mediabox.width) == pytest.approx(width / 25.4 * 72, abs=0.1)
        assert float(page.mediabox.height) == pytest.approx(height / 25.4 * 72, abs=0.1)


def test_pages_are_counted_as_printed(printed: dict[str, bytes], tmp_path: Path) -> None:
    for path, page in pages(tiny(tmp_path)).items():
        assert renderer.render(page).pages == len(PdfReader(BytesIO(printed[path])).pages)
