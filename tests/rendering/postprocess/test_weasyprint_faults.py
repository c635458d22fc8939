"""Each fault that pdf/tags, pdf/tree, pdf/metadata and pdf/streams mend is still there, in WeasyPrint 70.0 and pydyf 0.13.

A test that fails here is good news: the fault is gone, and so may be what mends it, its line in docs/conformance.md and the test. A fault that has only
changed its looks needs another look at the mending.
"""

import re
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Any

import pydyf
import pytest
from PIL import Image
from pypdf import PdfReader

from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.rendering import renderer
from tests.helpers.screen_reader import Said, speak
from tests.helpers.structure_elements import elements, number_of, parents

FONTS = packaged_folder("fonts")
FACES = {
    "F": FONTS / "source-sans-3/SourceSans3-Regular.ttf",
    "A": FONTS / "noto-sans-arabic/NotoSansArabic-Regular.ttf",
}
SHORT = "@page { size: 60mm 40mm; margin: 5mm }"


@cache
def engine() -> tuple[Any, Any]:
    renderer.prepare_process()
    import weasyprint

    return weasyprint, weasyprint.text.fonts.FontConfiguration()


def unmended(body: str, css: str = "", **options: Any) -> bytes:
    """Return what WeasyPrint makes of a page by itself."""
    weasyprint, fonts = engine()
    faces = "".join(f"@font-face {{ font-family: {name}; src: url({path.as_uri()}) }}" for name, path in FACES.items())
    sheet = weasyprint.CSS(string=f"{faces} html {{ font-family: F, A }} {css}", font_config=fonts)
    html = weasyprint.HTML(string=f'<html lang="da"><title>T</title><body>{body}</body></html>')
    pdf: bytes = html.write_pdf(stylesheets=[sheet], font_config=fonts, **({"pdf_variant": "pdf/ua-1"} | options))
    return pdf


class Raw:
    """A PDF that nobody has mended, with what the questions below ask of it."""

    def __init__(self, pdf: bytes) -> None:
        self.pdf, self.reader = pdf, PdfReader(BytesIO(pdf))
        self.root: Any = self.reader.root_object
        self.tree = list(elements(self.root["/StructTreeRoot"]))

    def of(self, kind: str) -> list[Any]:
        return [element for element in self.tree if element["/S"] == f"/{kind}"]

    def texts(self) -> list[str]:
        return [piece.text for piece in self.said()]

    def said(self) -> list[Said]:
        return speak(self.pdf)

    def inside(self, kind: str) -> list[str]:
        """Return the types of what elements of a type hold."""
        kids = [kid.get_object() for element in self.of(kind) for kid in element["/K"]]
        return [str(kid["/S"]) for kid in kids if isinstance(kid, dict) and "/S" in kid]

    @property
    def strays(self) -> list[Any]:
        known = {number_of(element) for element in self.tree}
        rows = [row for row in parents(self.reader).values() if isinstance(row, list)]
        return [element for row in rows for element in row if number_of(element.get_object()) not in known]


PNG = BytesIO()
Image.new("RGB", (2, 2)).save(PNG, "png")
PICTURE = f'<img src="data:image/png;base64,{b64encode(PNG.getvalue()).decode()}" alt="En tegning">'
TABLE = "<table><thead><tr><th>A<th>B</thead><tbody>" + "<tr><td>1<td>2" * 20 + "</tbody></table>"
NOTE, NOTE_CSS = '<p>Et<span class="n">Fod</span> to.</p>', ".n { float: footnote }"
LINES = "<p>" + "Ord der fylder en linje og den næste. " * 4 + "</p>"

FAULTS: dict[str, tuple[str, str, Callable[[Raw], bool]]] = {
    "language of elements": (
        '<p>x <span lang="en">y</span></p>',
        "",
        lambda raw: not any("/Lang" in e for e in raw.tree),
    ),
    "em": ("<p><em>x</em></p>", "", lambda raw: raw.inside("P") == ["/NonStruct"]),
    "strong": ("<p><strong>x</strong></p>", "", lambda raw: raw.inside("P") == ["/NonStruct"]),
    "figure": (f"<figure>{PICTURE}</figure>", "", lambda raw: bool(raw.of("NonStruct"))),
    "header": ("<header><p>x</p></header>", "", lambda raw: bool(raw.of("NonStruct"))),
    "scope": (TABLE, "", lambda raw: not any("/Scope" in cell["/A"] for cell in raw.of("TH"))),
    "names of header cells": (
        TABLE,
        "",
        lambda raw: "/ID" in raw.of("TH")[0] and "/IDTree" not in raw.root["/StructTreeRoot"],
    ),
    "attributes without a use": (
        "<table><tr><td>x</table>",
        "",
        lambda raw: list(raw.of("TD")[0]["/A"]["/Headers"]) == [],
    ),
    "header on every page": (TABLE, SHORT, lambda raw: len(raw.of("Table")) == len(raw.of("THead")) > 1),
    "next key": ("<p>x</p>", "", lambda raw: "/ParentTreeNextKey" not in raw.root["/StructTreeRoot"]),
    "box in pixels, y down": (
        PICTURE,
        "@page { margin: 0 }",
        lambda raw: float(raw.of("Figure")[0]["/A"]["/BBox"][1]) < 99,
    ),
    "footnote": (NOTE, NOTE_CSS, lambda raw: not raw.of("Note")),
    "call of a footnote": (NOTE, NOTE_CSS, lambda raw: not raw.of("Reference")),
    "footnote at the foot": (NOTE + "<p>Slut</p>", NOTE_CSS, lambda raw: raw.texts()[-1] == "Fod"),
    "margin is content": ("<p>x</p>", "@page { @top-left { content: 'Hoved' } }", lambda raw: bool(raw.strays)),
    "element for each page": (LINES * 3, SHORT, lambda raw: len(raw.of("P")) > 3),
    "element for each line": (f"<p><em>{LINES[3:-4]}</em></p>", SHORT, lambda raw: len(raw.of("NonStruct")) > 1),
    "element for each text": (LINES, SHORT, lambda raw: set(raw.inside("P")) == {"/Span"}),
    "link for each line": (
        '<p><a href="https://e.org">' + LINES[3:-4] + "</a></p>",
        SHORT,
        lambda raw: len(raw.of("Link")) > 1,
    ),
    "heading in a heading": ("<h2>x</h2>", "h2 { display: flex }", lambda raw: "/H2" in raw.inside("H2")),
    "list beside its item": ("<ul><li>x<ul><li>y</ul></ul>", "", lambda raw: "/L" in raw.inside("L")),
    "nothing in an element": ("<p>x<br>y</p>", "", lambda raw: any(not e["/K"] for e in raw.tree)),
    "text that only groups": ("<div>x</div>", "", lambda raw: not raw.of("P")),
    "no space at the end of a line": (LINES, SHORT, lambda raw: not raw.texts()[0].endswith(" ")),
    "no space between elements": ("<p><em>a</em> <em>b</em></p>", "", lambda raw: raw.texts() == ["a", "", "b"]),
    "Arabic backwards": ('<p dir="rtl">باب</p><p dir="rtl">قلم</p>', "", lambda raw: raw.texts()[1] == "قلم"[::-1]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_weasyprint_still_has_it(fault: str) -> None:
    body, css, there = FAULTS[fault]
    assert there(Raw(unmended(body, css))), f"{fault}: mended in WeasyPrint, or another fault now"


def test_weasyprint_claims_one_standard() -> None:
    metadata = Raw(unmended("<p>x</p>", pdf_variant="pdf/a-2a")).root["/Metadata"]
    assert b"pdfuaid" not in metadata.get_data()
    assert metadata["/Filter"] == "/FlateDecode"


def test_weasyprint_writes_xmp_of_others_beside_its_own() -> None:
    given = BytesIO(b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF>')
    raw = Raw(unmended("<p>x</p>", pdf_variant="pdf/a-2a", xmp_metadata=[given]))
    assert len(re.findall(rb"<rdf:RDF", raw.root["/Metadata"].get_data())) == 2


def test_pictures_are_smoothed_unless_css_says_otherwise() -> None:
    def smoothed(css: str) -> bool:
        resources: Any = Raw(unmended(PICTURE, css)).reader.pages[0]["/Resources"]
        return any(item.get_object()["/Interpolate"].value for item in resources["/XObject"].values())

    assert smoothed("")
    assert not smoothed("html { image-rendering: crisp-edges }")


def test_pydyf_ends_streams_in_doubt() -> None:
    assert pydyf.Stream([b"x\r"]).data.endswith(b"x\r\nendstream")


def test_pydyf_compresses_whenever_it_is_asked() -> None:
    stream = pydyf.Stream([b"x"], compress=True)
    first = stream.data
    stream.stream.append(b"y")
    assert stream.data != first
