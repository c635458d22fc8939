"""What is read aloud is what is written, in its order, with its types and languages; and WeasyPrint still needs the mending."""

from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import page as validation
import pydyf
import pytest
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import StreamObject

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.page import Page
from pdfkit_cli.rendering.postprocess import structure_writer
from pdfkit_cli.rendering.postprocess.structure_writer import TagError
from tests.helpers.check_runner import wrong
from tests.helpers.founding_library_build import drawn
from tests.helpers.html_pages import GOOD_SVG, PICTURE, Room
from tests.helpers.screen_reader import Said, number, speak
from tests.helpers.structure_elements import elements
from tests.helpers.tiny_library import TinyLibrary

DAY = date(2026, 11, 21)
CASES = [
    *(
        f"rygcenter-syddanmark/facet-denervation.{language}.{name}.pdf"
        for language in ("da", "ar")
        for name in ("a4", "a5", "a5-booklet", "a4-large")
    ),
    "neurokirurgisk-ambulatorium/nerve-root-block.en.a4.pdf",
    "neurokirurgisk-ambulatorium/nerve-root-block.en.leporello.pdf",
    "smartkliniken/interventional-pain-guideline.sv.a4.pdf",
    "fysioterapi/nerve-root-pain-education.da.a4.pdf",
    "fysioterapi/nerve-root-pain-education.da.short.a4.pdf",
    "sportsmed/facet-neurotomy.sv.a5-booklet.pdf",
]

WITH_LINES = {
    "rygcenter-syddanmark/facet-denervation.da.a5-booklet.pdf",
    "neurokirurgisk-ambulatorium/nerve-root-block.en.leporello.pdf",
}
"""Those whose last page of text is half empty: the rest of it has lines for questions."""


@pytest.fixture(autouse=True, scope="module")
def _prepared() -> None:
    renderer.prepare_process()


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


Finished: TypeAlias = Callable[[str], tuple[Page, bytes]]


@pytest.fixture
def finished(founding: Path) -> Finished:
    """Returns a page of the founding library, and its PDF as it is published."""
    return lambda path: (drawn(path).page, (founding / path).read_bytes())


class _Written(HTMLParser):
    """The words of a page in the order of its source, without what stands in the margins; phases have their numbers."""

    def __init__(self, html: str, *hidden: str) -> None:
        super().__init__()
        self._hidden = ("running-", *hidden)
        self.words: list[str] = []
        self._depth, self._running = 0, 0
        self._phases = iter(range(1, 10)) if html.count('class="step-label"') > 1 else iter(())
        self.feed(html[html.index("<body") :])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("img", "br", "meta"):
            self.words.append(" " * (tag == "br"))
            return
        self._depth += 1
        if not self._running and str(dict(attrs).get("class", "")).startswith(self._hidden):
            self._running = self._depth
        if tag not in ("strong", "em", "span", "a", "bdo"):
            self.words.append(" ")
        if ("class", "step-label") in attrs:
            self.words += (f"{number} " for number in islice(self._phases, 1))

    def handle_endtag(self, tag: str) -> None:
        if self._running == self._depth:
            self._running = 0
        self._depth -= 1
        if tag not in ("strong", "em", "span", "a", "bdo"):
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._running:
            self.words.append(data.translate(dict.fromkeys(range(0x2066, 0x206A))))


def heard(said: list[Said]) -> str:
    """Join what is said; labels of lists and calls of footnotes are no part of the text."""
    parts, before = [], 0
    for piece in said:
        if "Lbl" not in piece.types and "Reference" not in piece.types:
            parts.append(" " * (piece.block != before) + piece.text)
            before = piece.block
    return "".join(parts)


# The library.


@pytest.mark.parametrize("path", CASES)
@pytest.mark.parametrize("profile", ["ua1", "2a"])
def test_it_is_what_it_claims(path: str, profile: str, finished: Finished) -> None:
    report = validation.validate_pdf_bytes(
        finished(path)[1], profile=profile, limits=validation.SafetyLimits.unlimited()
    )
    assert [(failure.rule_id, failure.message) for failure in report.failures] == []
    assert report.is_compliant


@pytest.mark.parametrize("path", CASES)
def test_it_is_read_as_it_is_written(path: str, finished: Finished) -> None:
    """Letter by letter, in the order of the source, whatever the format; and no words run into each other at the end of a line."""
    page, pdf = finished(path)
    notes = ["notes page-2", "notes page-3"] if path in WITH_LINES else ["notes"]
    hidden = (
        notes + ["topic-head"] * ("education" in path) + ["back-lines"] * ("booklet" not in path or path in WITH_LINES)
    )  # what the format does not show
    written, spoken = "".join(_Written(page.html, *hidden).words).split(), heard(speak(pdf)).split()
    assert spoken == written


def test_pages_left_over_are_read_where_they_stand(library: TinyLibrary) -> None:
    """Lines for questions, on one page of a booklet of four: a cover, the text, that page and the back."""
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a5-booklet]")
    project = open_project(BuildRequest(library.root, as_of=DAY))
    page = project.draw(next(key for key in project.output_keys() if key.edition.clinic == "north")).page
    written = "".join(_Written(page.html, "notes page-2", "notes page-3").words).split()
    assert written.count("spørgsmål") == 2  # on that page, and on the back
    assert heard(speak(renderer.render(page).pdf)).split() == written


@pytest.mark.parametrize("path", CASES)
def test_only_types_that_say_something(path: str, finished: Finished) -> None:
    reader = PdfReader(BytesIO(finished(path)[1]))
    root: Any = reader.root_object
    tree = root["/StructTreeRoot"]
    kinds = {str(element["/S"]) for element in elements(tree)}
    assert kinds <= {
        "/Document", "/Part", "/Sect", "/Div", "/H1", "/H2", "/H3", "/H4", "/H5", "/P", "/L", "/LI", "/Lbl", "/LBody",
        "/Table", "/THead", "/TBody", "/TR", "/TH", "/TD", "/Figure", "/Caption", "/Span", "/Em", "/Strong", "/Link", "/Note", "/Reference",
    }  # fmt: skip
    assert all(element["/K"] for element in elements(tree))
    roles = tree.get("/RoleMap", {})
    assert {str(kind) for kind in roles} == kinds & {"/Em", "/Strong"}
    assert set(roles.values()) <= {"/Span"}


@pytest.mark.parametrize("path", CASES)
def test_no_element_hangs_nowhere(path: str, finished: Finished) -> None:
    reader = PdfReader(BytesIO(finished(path)[1]))
    root: Any = reader.root_object
    found = (reader.get_object(item) for item in range(1, int(reader.trailer["/Size"])))  # type: ignore[call-overload]
    there = {number(item) for item in found if isinstance(item, dict) and item.get("/Type") == "/StructElem"}
    assert there == {number(element) for element in elements(root["/StructTreeRoot"])}


@pytest.mark.parametrize("path", CASES)
def test_pictures_are_where_their_boxes_say(path: str, finished: Finished) -> None:
    """The logo stands in the upper part of the first page, every picture inside its sheet."""
    reader = PdfReader(BytesIO(finished(path)[1]))
    root: Any = reader.root_object
    figures = [element for element in elements(root["/StructTreeRoot"]) if element["/S"] == "/Figure"]
    assert figures
    for figure in figures:
        left, bottom, right, top = map(float, figure["/A"]["/BBox"])
        box = figure["/Pg"]["/MediaBox"]
        assert 0 <= left < right <= float(box[2])
        assert 0 <= bottom < top <= float(box[3])
    logo, height = figures[0]["/A"]["/BBox"], float(figures[0]["/Pg"]["/MediaBox"][3])
    assert float(logo[1]) > 0.8 * height
    if path.endswith("a5-booklet.pdf"):  # the first page is the right half of the first side, or the left in Arabic
        assert (float(logo[0]) > float(figures[0]["/Pg"]["/MediaBox"][2]) / 2) == (".ar." not in path)


def test_a_clinic_s_names_are_in_its_language(finished: Finished) -> None:
    """A voice that reads Arabic cannot read Danish names."""
    pieces = speak(finished("rygcenter-syddanmark/facet-denervation.ar.a4.pdf")[1])
    names = [piece for piece in pieces if "Syddanmark" in piece.text]
    assert len(names) > 1
    assert {piece.lang for piece in names} == {"da"}
    assert {piece.lang for piece in pieces if any("\u0620" < char < "\u064b" for char in piece.text)} == {"ar"}
    danish = speak(finished("rygcenter-syddanmark/facet-denervation.da.a4.pdf")[1])
    assert {piece.lang for piece in danish} == {"da"}


# Small pages.


def said(page: Page) -> list[tuple[str, str, str]]:
    """Return the types of each piece, below the document, with its language and its text."""
    return [("/".join(piece.types[1:]), piece.lang, piece.text) for piece in speak(renderer.render(page).pdf)][1:]


def test_emphasis(room: Room) -> None:
    page = room.page("<p>En <em>to</em> <strong>tre</strong></p>")
    assert said(page) == [
        ("P", "da", "En "), ("P/Em", "da", "to"), ("P/Span", "da", " "), ("P/Strong", "da", "tre"),
    ]  # fmt: skip


def test_languages(room: Room) -> None:
    page = room.page('<p>Ordet <span lang="en">frozen <em>shoulder</em></span>.</p><p lang="sv">Åter</p>')
    assert said(page) == [
        ("P", "da", "Ordet "), ("P/Span", "en", "frozen "), ("P/Span/Em", "en", "shoulder"), ("P", "da", "."),
        ("P", "sv", "Åter"),
    ]  # fmt: skip


def test_a_figure_with_its_caption(room: Room) -> None:
    page = room.page(f"<figure>{PICTURE}<figcaption>Sådan</figcaption></figure>", a=GOOD_SVG)
    assert said(page) == [("Div/Figure", "da", ""), ("Div/Caption", "da", "Sådan")]


NOTE = '<p>Et<span class="n">Fod</span> to.</p>'
NOTE_CSS = ".n { float: footnote } .n::footnote-marker { content: counter(footnote) '. ' }"


def test_a_footnote_is_read_where_it_is_called(room: Room) -> None:
    page = room.page(NOTE * 2 + "<p>Slut</p>", css=NOTE_CSS)
    assert said(page)[:4] == [
        ("P", "da", "Et"),
        ("P/Reference", "da", "1"),
        ("P/Note/Lbl", "da", "1. "),
        ("P/Note", "da", "Fod "),
    ]
    reader = PdfReader(BytesIO(renderer.render(page).pdf))
    root: Any = reader.root_object
    names = root["/StructTreeRoot"]["/IDTree"]["/Names"]
    notes = [element for element in elements(root["/StructTreeRoot"]) if element["/S"] == "/Note"]
    assert [str(note["/ID"]) for note in notes] == ["note1", "note2"]
    assert {str(name): number(note.get_object()) for name, note in zip(names[::2], names[1::2], strict=True)} == {
        str(note["/ID"]): number(note) for note in notes
    }


def test_lists_in_lists(room: Room) -> None:
    page = room.page("<ol><li>Et<ul><li>A</li></ul></li><li>To</li></ol>")
    assert said(page) == [
        ("L/LI/Lbl", "da", "1. "), ("L/LI/LBody", "da", "Et"), ("L/LI/LBody/L/LI/Lbl", "da", "◦ "),
        ("L/LI/LBody/L/LI/LBody", "da", "A"), ("L/LI/Lbl", "da", "2. "), ("L/LI/LBody", "da", "To"),
    ]  # fmt: skip


def test_what_follows_a_list_in_a_list(room: Room) -> None:
    for body in ("Et<ul><li>A</li></ul>to", "<p>Et</p><ul><li>A</li></ul><p>to</p>"):
        pieces = said(room.page(f"<ul><li>{body}</li></ul>"))
        assert [text.strip() for types, _, text in pieces if not types.endswith("Lbl")] == ["Et", "A", "to"]
        assert {types.split("/")[2] for types, _, _ in pieces} == {"Lbl", "LBody"}


SHORT = "@page { size: 60mm 40mm; margin: 5mm } h1 { display: none }"


def types(pdf: bytes) -> list[str]:
    root: Any = PdfReader(BytesIO(pdf)).root_object
    return [str(element["/S"]) for element in elements(root["/StructTreeRoot"])]


def test_pieces_on_several_pages_are_one_element(room: Room) -> None:
    body = "<p>" + "Ord der fylder en side og den næste. " * 12 + "</p><ul><li>" + "Et punkt. " * 30 + "</li></ul>"
    pdf = renderer.render(room.page(body, css=SHORT)).pdf
    assert len(PdfReader(BytesIO(pdf)).pages) > 3
    assert types(pdf) == ["/Document", "/P", "/L", "/LI", "/Lbl", "/LBody"]
    assert validation.is_pdf_compliant_bytes(pdf, profile="2a")


def test_a_footnote_at_the_foot_of_a_page_does_not_part_what_goes_on_behind_it(room: Room) -> None:
    text = "Ord der fylder en side og den næste. " * 12
    pdf = renderer.render(room.page(f'<div><p>Et<span class="n">Fod</span> {text}</p></div>', css=SHORT + NOTE_CSS)).pdf
    assert len(PdfReader(BytesIO(pdf)).pages) > 2
    assert types(pdf) == ["/Document", "/P", "/Reference", "/Note", "/Lbl"]


def test_a_link_on_two_lines_is_one_link(room: Room) -> None:
    link = '<a href="https://example.org/">' + "et langt navn på en adresse " * 3 + "</a>"
    pdf = renderer.render(room.page(f"<p>Se {link}.</p>", css=SHORT)).pdf
    root: Any = PdfReader(BytesIO(pdf)).root_object
    (link_element,) = [element for element in elements(root["/StructTreeRoot"]) if element["/S"] == "/Link"]
    kids = [kid.get_object() for kid in link_element["/K"]]
    assert len([kid for kid in kids if not isinstance(kid, int) and kid["/Type"] == "/OBJR"]) > 1
    assert validation.is_pdf_compliant_bytes(pdf, profile="ua1")


TABLE = (
    "<table><thead><tr><th>Navn</th><th>Tal</th></tr></thead><tbody>"
    + "".join(f'<tr><th scope="row">Række {row}</th><td>{row}</td></tr>' for row in range(12))
    + "</tbody></table>"
)


def test_a_table_on_several_pages_is_one_table(room: Room) -> None:
    pdf = renderer.render(room.page(TABLE, css=SHORT)).pdf
    reader = PdfReader(BytesIO(pdf))
    assert len(reader.pages) > 1
    assert all("Navn" in page.extract_text() for page in reader.pages)
    heard_words = [piece.text for piece in speak(pdf)]
    assert heard_words.count("Navn") == 1
    root: Any = reader.root_object
    tree = list(elements(root["/StructTreeRoot"]))
    assert [str(element["/S"]) for element in tree if element["/S"] in ("/Table", "/THead", "/TBody")] == [
        "/Table", "/THead", "/TBody",
    ]  # fmt: skip
    headers = {str(element["/ID"]): str(element["/A"]["/Scope"]) for element in tree if element["/S"] == "/TH"}
    assert sorted(headers.values()) == ["/Column"] * 2 + ["/Row"] * 12
    cells = [element for element in tree if element["/S"] == "/TD"]
    assert len(cells) == 12
    for cell in cells:
        assert sorted(headers[str(name)] for name in cell["/A"]["/Headers"]) == ["/Column", "/Row"]
    assert validation.is_pdf_compliant_bytes(pdf, profile="ua1")


FURNITURE = "@page { @top-left { content: 'Hoved' } @bottom-right { content: 'Fod ' counter(page) } @left-middle { content: 'Side' } }"


def test_what_stands_in_the_margins_is_furniture(room: Room) -> None:
    pdf = renderer.render(room.page(css=FURNITURE)).pdf
    assert [piece.text for piece in speak(pdf)] == ["T", "Hej"]
    (page,) = PdfReader(BytesIO(pdf)).pages
    contents = page.get_contents()
    assert contents is not None
    data = contents.get_data()
    for subtype in (b"/Subtype /Header", b"/Subtype /Footer", b""):
        assert data.count(b"/Type /Pagination" + subtype + b">>") == 1


def test_a_link_in_the_margin_is_refused(room: Room) -> None:
    page = room.page(
        '<p id="x"><a href="https://example.org">x</a></p>',
        css="#x { position: running(x) } @page { @top-left { content: element(x) } }",
    )
    with pytest.raises(TagError, match="a link is in the margin of a page"):
        renderer.render(page)


def test_the_lines_of_an_address_are_not_parted(room: Room) -> None:
    address = "example.org/en-meget-lang-adresse-uden-et-eneste-mellemrum-i-sig-overhovedet"
    page = room.page(
        f"<p>Ord og flere ord, og så {address} til sidst.</p>", css=SHORT + "p { overflow-wrap: anywhere }"
    )
    assert (
        "".join(piece.text for piece in speak(renderer.render(page).pdf))
        == f"Ord og flere ord, og så {address} til sidst."
    )


PNG = BytesIO()
Image.new("RGB", (40, 30), "#24506b").save(PNG, "png")


def test_pictures_of_pixels_are_not_smoothed(library: TinyLibrary) -> None:
    """PDF/A forbids it (ISO 19005-2, 6.2.8.1)."""
    library.write("content/first/images/a.png", PNG.getvalue())
    library.body("![En flade](images/a.png)\n")
    shop = open_project(BuildRequest(library.root, as_of=DAY))
    assert {finding.code for finding in wrong(shop.findings)} <= {"low-resolution"}
    pdf = renderer.render(shop.draw(next(iter(shop.output_keys()))).page).pdf
    assert b"/Interpolate true" not in pdf
    assert b"/Interpolate" in pdf
    assert validation.is_pdf_compliant_bytes(pdf, profile="2a")


@pytest.mark.parametrize("path", CASES[:4])
def test_the_colour_profile_is_there_once(path: str, finished: Finished) -> None:
    reader = PdfReader(BytesIO(finished(path)[1]))
    root: Any = reader.root_object
    (intent,) = root["/OutputIntents"]
    assert "sRGB" in intent["/OutputConditionIdentifier"]
    found = (reader.get_object(item) for item in range(1, int(reader.trailer["/Size"])))  # type: ignore[call-overload]
    profiles = [item for item in found if isinstance(item, StreamObject) and item.get("/N") == 3]
    assert [number(profile) for profile in profiles] == [number(intent["/DestOutputProfile"])]


def test_two_elements_of_one_name_are_refused() -> None:
    pdf = pydyf.PDF()
    parents = pydyf.Dictionary({"Nums": pydyf.Array()})
    pdf.add_object(parents)
    root = pydyf.Dictionary({"Type": "/StructTreeRoot", "ParentTree": parents.reference})
    pdf.add_object(root)
    pdf.catalog["StructTreeRoot"] = root.reference
    for kind in ("/Note", "/TH"):
        pdf.add_object(pydyf.Dictionary({"Type": "/StructElem", "S": kind, "ID": pydyf.String("x")}))
    with pytest.raises(TagError, match="the same ID"):
        structure_writer.finalize_tags(pdf)
