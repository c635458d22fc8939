"""A finished PDF held to the figures of its format: for each fault one PDF that has it, and the good ones that have none."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image, ImageChops, ImageFilter

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.content import yaml_source
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.pdf import pdfium
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.engine import RenderError
from pdfkit_cli.rendering.layouts import Layouts
from pdfkit_cli.rendering.page import ClearZone, Page, PageFormat, PageLimits, Stylesheet
from pdfkit_cli.rendering.verification import preflight
from tests.helpers.check_runner import wrong
from tests.helpers.tiny_library import FORMATS, WHOLE_FORMATS, tiny

PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z" fill="#123" {}/></svg>'
BODY = "## Før du kommer\n\nTekst.\n\n![En øvelse](images/a.svg)\n\n::: call\n:::\n"

EXTRACTED = """
## Øvelser

::: exercise 3 × 10
Stræk benet.
:::

:::: warning Ring
- feber

::: call
:::
::::
"""
"""What formats show that do not show the whole leaflet."""


@cache
def page(format_name: str, svg: str = "", css: str = "") -> Page:
    """Return a page of the tiny library, with a picture; the picture may get attributes, the format more CSS."""
    renderer.prepare_process()
    library = tiny(Path(_folder.name) / yaml_source.sha256_hex(f"{format_name} {svg} {css}".encode())[:16])
    library.body(BODY + EXTRACTED * (format_name not in WHOLE_FORMATS))
    library.translate()
    for clinic in ("north", "south"):
        library.replace(f"clinics/{clinic}.yaml", "hands_out:", 'out_of_hours: ["112"]\nhands_out:')
    library.write("content/first/images/a.svg", PICTURE.format(svg))
    library.replace("content/first/leaflet.yaml", "[a4, a5]", f"[{format_name}]")
    shop = open_project(BuildRequest(library.root))
    assert {finding.code for finding in wrong(shop.findings)} <= {"see-through"}
    made = shop.draw(next(iter(shop.output_keys()))).page
    sheet = made.stylesheet.css + css
    return replace(made, stylesheet=Stylesheet(sheet, yaml_source.sha256_hex(sheet.encode())))


_folder = TemporaryDirectory()


@cache
def good(format_name: str) -> bytes:
    return renderer.render(page(format_name)).pdf


def unchecked(made: Page) -> bytes:
    """Return the PDF of a page without the check that a render ends with."""
    return renderer.render(replace(made, format=replace(made.format, preflight=None))).pdf


def form(format_name: str) -> PageFormat:
    return page(format_name).format


def codes(pdf: bytes, of: PageFormat) -> list[str]:
    return [fault.code for fault in preflight.check_format(pdf, of)]


def edited(pdf: bytes, edit: Callable[[Pdf], None], version: str = "") -> bytes:
    """Return a PDF after an edit."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        edit(document)
        document.save(out, force_version=version)
    return out.getvalue()


def figures(of: PageFormat, **changes: Any) -> PageFormat:
    """Return a format that is held to other figures."""
    assert of.preflight
    return replace(of, preflight=replace(of.preflight, **changes))


def test_every_format_has_a_preflight() -> None:
    formats = Layouts(packaged_folder("layouts"), packaged_folder("fonts")).formats
    assert tuple(formats) == FORMATS
    assert {"a4", "a4-large", "a5", "a5-booklet", "digital-letter", "print-shop", "remote-print"} <= set(FORMATS)
    assert all(one.preflight for one in formats.values())


@pytest.mark.parametrize("name", FORMATS)
def test_a_good_pdf_has_no_fault(name: str) -> None:
    assert codes(good(name), form(name)) == []
    assert codes(edited(good(name), lambda document: None), form(name)) == []  # nor has one that was only saved anew


@pytest.mark.parametrize("name", FORMATS)
def test_a_part_of_a_page_has_the_pixels_of_the_page(name: str) -> None:
    """Lines to write on and the rings of a cover aside: they are patterns, which PDFium may draw a pixel off; the next test has them."""
    plain = ".questions-lines, .cover .front::after { background: none !important }"
    with pdfium.open_document(unchecked(page(name, css=plain))) as document:
        for drawn in document:
            whole = drawn.render(scale=preflight.DPI / 72, grayscale=True).to_pil()
            width, height = whole.size
            for box in (
                (0, 0, width, 11), (11, 0, width, height), (40, 30, 200, height - 9), (3, 90, 4, 300), (100, 80, 101, height), (-3, 5, 9, 9), (0, 9, 9, height + 1), (0, height + 50, 9, height + 60),
            ):  # fmt: skip
                part = preflight._picture_of(drawn, box)
                assert part.size == whole.crop(box).size
                assert max(ImageChops.difference(part, whole.crop(box)).tobytes()) <= 2
                assert part.point(preflight._INKED).tobytes() == whole.crop(box).point(preflight._INKED).tobytes()


def test_a_part_of_a_page_has_its_pattern_to_a_pixel() -> None:
    with pdfium.open_document(good("print-shop")) as document:
        for pattern, levels in ((document[0], preflight._INKED), (document[2], range(256))):
            whole = pattern.render(scale=preflight.DPI / 72, grayscale=True).to_pil().point(levels)
            box = (40, 30, 200, whole.height - 9)
            part = preflight._picture_of(pattern, box)
            around = (whole.filter(kind(3)).crop(box) for kind in (ImageFilter.MinFilter, ImageFilter.MaxFilter))
            darkest, lightest = (picture.tobytes() for picture in around)
            pixels = zip(darkest, part.point(levels).tobytes(), lightest, strict=True)
            assert all(dark - 2 <= level <= light + 2 for dark, level, light in pixels)
        rows = part.crop((60, 0, 61, part.height)).tobytes()
        assert sum(level < preflight.PAPER for level in rows) >= 15  # a line each


def test_a_format_without_figures_is_held_to_nothing() -> None:
    assert preflight.check_format(b"no PDF at all", PageFormat("x")) == ()


def test_a_fault_fails_the_render_and_says_what_to_do() -> None:
    with pytest.raises(RenderError) as caught:
        renderer.render(page("remote-print", css="main { margin-left: -20mm }"))
    said = str(caught.value).splitlines()[-1]
    assert said.startswith("ink in the zone “left margin”: page 1, 6 mm from the left and ")
    assert said.endswith("or widen the margins in the format's CSS [ink-in-zone]")


# Boxes.


def set_box(name: str, *millimetres: float) -> Callable[[Pdf], None]:
    def edit(document: Pdf) -> None:
        document.pages[0][name] = Array([part * 72 / 25.4 for part in millimetres])

    return edit


def crop(document: Pdf) -> None:
    document.pages[0].CropBox = Array([9, 9, 400, 580])


def turn(degrees: int) -> Callable[[Pdf], None]:
    def edit(document: Pdf) -> None:
        document.pages[0].Rotate = degrees

    return edit


BOXES = {
    "letter paper": ("a4", set_box("/TrimBox", 0, 0, 215.9, 279.4), "page 1 is 215.9 × 279.4 mm, not 210 × 297 mm"),
    "a sheet around it": ("a4", set_box("/MediaBox", -5, -5, 215, 302), "page 1 has a sheet around it"),
    "bleed where none is": ("a4", set_box("/BleedBox", -3, -3, 213, 300), "page 1 has a bleed of 3.0 mm, not 0 mm"),
    "no bleed": ("print-shop", set_box("/BleedBox", 0, 0, 148, 210), "page 1 has a bleed of 0.0 mm, not 3 mm"),
    "bleed on three sides": ("print-shop", set_box("/BleedBox", -3, 0, 151, 213), "page 1 has a bleed of 0.0 mm"),
    "turned": ("a5", turn(90), "page 1 is turned or cropped"),
    "upside down": ("a5", turn(180), "page 1 is turned or cropped"),
    "cropped": ("a5", crop, "page 1 is turned or cropped"),
    "with its marks": ("leporello", set_box("/CropBox", -28.35, -28.35, 325.35, 238.35), "page 1 is turned or cropped"),
}


@pytest.mark.parametrize("name", BOXES)
def test_boxes(name: str) -> None:
    format_name, edit, said = BOXES[name]
    found = preflight.check_format(edited(good(format_name), edit), form(format_name))
    faults = [fault for fault in found if fault.code != "ink-in-zone"]  # another page has its zones elsewhere
    assert {fault.code for fault in faults} == {"page-box"}
    assert any(fault.message.startswith(said) for fault in faults), faults


def test_css_of_another_size() -> None:
    pdf = unchecked(page("a4", css="@page { size: letter }"))
    assert "page-box" in codes(pdf, form("a4"))


# Ink.


@pytest.mark.parametrize(("left", "inked"), [(-8.5, True), (-7.9, False)])
def test_ink_is_seen_to_half_a_millimetre(left: float, inked: bool) -> None:
    """The left margin of remote print ends at 18 mm, its text begins at 26 mm."""
    box = f"left: {left}mm; top: 20mm; width: 2mm; height: 2mm; background: #000"
    pdf = unchecked(page("remote-print", css=f"main::before {{ content: ''; position: absolute; {box} }}"))
    assert codes(pdf, form("remote-print")) == (["ink-in-zone"] if inked else [])


@pytest.mark.parametrize("style", ["width: 0.25pt; background: #000", "width: 9mm; background: #eee"])
def test_a_hairline_and_a_pale_tint_are_ink(style: str) -> None:
    css = f"main::before {{ content: ''; position: absolute; left: -20mm; top: 0; height: 90mm; {style} }}"
    assert codes(unchecked(page("remote-print", css=css)), form("remote-print")) == ["ink-in-zone"]


def test_white_is_no_ink() -> None:
    css = "main::before { content: ''; position: absolute; left: -20mm; top: 0; width: 9mm; height: 90mm; background: #fff }"
    assert codes(unchecked(page("remote-print", css=css)), form("remote-print")) == []


def zone(pages: str) -> PageLimits:
    band = ClearZone(name="top", left=0, top=0, width=148, height=4, pages=pages)  # type: ignore[arg-type]
    return PageLimits(page=(148, 210), zones=(band,))


@pytest.mark.parametrize(("pages", "faults"), [("every", 1), ("first", 1), ("later", 0)])
def test_a_zone_may_be_of_some_pages_only(pages: str, faults: int) -> None:
    """The front page has a bar up to its upper edge here; print-shop has crop marks outside of the page, too."""
    box = "position: absolute; left: -5mm; top: -60mm; width: 4mm; height: 60mm; background: #000"
    pdf = unchecked(page("print-shop", css=f".cover {{ position: relative }} .cover::before {{ content: ''; {box} }}"))
    assert len(preflight.check_format(pdf, figures(form("print-shop"), zones=zone(pages).zones))) == faults


def test_ink_on_many_pages_is_one_fault() -> None:
    pdf = unchecked(page("a4", css="@page { margin-bottom: 10mm } .figure { break-before: page }"))
    (fault,) = preflight.check_format(pdf, form("a4"))
    assert fault.code == "ink-in-zone"
    assert "“lower edge”: page 1, " in fault.message
    assert " more like it; " in fault.message


# Limits.


def test_bytes() -> None:
    pdf = good("digital-letter")
    assert codes(pdf, figures(form("digital-letter"), max_bytes=len(pdf))) == []
    (fault,) = preflight.check_format(pdf, figures(form("digital-letter"), max_bytes=len(pdf) - 1))
    assert str(fault).endswith("use fewer or smaller pictures [file-too-large]")


def test_sheets() -> None:
    three = unchecked(page("remote-print", css="h2, .figure { break-before: page }"))
    assert codes(three, figures(form("remote-print"), max_sheets=2)) == []
    (fault,) = preflight.check_format(three, figures(form("remote-print"), max_sheets=1))
    assert str(fault).endswith("shorten the text, or hand it out in another format [too-many-sheets]")
    (fault,) = preflight.check_format(three, figures(form("remote-print"), max_sheets=1, instead=("a5", "a4")))
    assert str(fault).endswith("shorten the text, or hand it out in a5 or a4 [too-many-sheets]")


def claim(document: Pdf) -> None:
    document.Root.Version = Name("/2.0")


def test_version() -> None:
    of = form("remote-print")
    assert codes(edited(good("remote-print"), lambda document: None, "1.4"), of) == []
    assert codes(edited(good("remote-print"), lambda document: None, "2.0"), of) == ["pdf-version"]
    assert codes(edited(good("remote-print"), claim), of) == ["pdf-version"]


# Fonts, tags.


def objects(document: Pdf, kind: str) -> list[Dictionary]:
    return [item for item in document.objects if isinstance(item, Dictionary) and item.get("/Type") == kind]


def drop_font(document: Pdf) -> None:
    descriptor = next(iter(objects(document, "/FontDescriptor")))
    for key in ("/FontFile2", "/FontFile3"):
        if key in descriptor:
            del descriptor[key]


def add_helvetica(document: Pdf) -> None:
    """Use it in a form of the page, where a reader of pages alone does not see it."""
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    drawn = document.make_stream(b"BT /H 9 Tf (x) Tj ET", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9])
    drawn.Resources = Dictionary(Font=Dictionary(H=font))
    document.pages[0].Resources.XObject.Added = drawn
    document.pages[0].contents_add(document.make_stream(b"q 1 0 0 1 90 90 cm /Added Do Q"))


@pytest.mark.parametrize("edit", [drop_font, add_helvetica])
def test_fonts(edit: Callable[[Pdf], None]) -> None:
    assert codes(edited(good("a4"), edit), form("a4")) == ["font-not-embedded"]


def drop_tree(document: Pdf) -> None:
    del document.Root.StructTreeRoot


def unmark(document: Pdf) -> None:
    document.Root.MarkInfo.Marked = False


@pytest.mark.parametrize("edit", [drop_tree, unmark])
def test_tags(edit: Callable[[Pdf], None]) -> None:
    assert codes(edited(good("digital-letter"), edit), form("digital-letter")) == ["untagged"]


# Transparency.


def add_state(**state: Any) -> Callable[[Pdf], None]:
    def edit(document: Pdf) -> None:
        document.pages[0].Resources.ExtGState.Added = document.make_indirect(Dictionary(**state))

    return edit


def add_group(document: Pdf) -> None:
    document.pages[0].Group = Dictionary(Type=Name.Group, S=Name.Transparency)


def add_masked_picture(document: Pdf) -> None:
    grey = {"Type": Name.XObject, "Subtype": Name.Image, "Width": 1, "Height": 1, "BitsPerComponent": 8}
    mask = document.make_stream(b"\x80", ColorSpace=Name.DeviceGray, **grey)
    image = document.make_stream(b"\x80", ColorSpace=Name.DeviceGray, SMask=mask, **grey)
    document.pages[0].Resources.XObject.Added = image


TRANSPARENCY = {
    "fill": (add_state(ca=0.5), "a colour that is not opaque"),
    "stroke": (add_state(CA=0.5), "a colour that is not opaque"),
    "blend mode": (add_state(BM=Name.Multiply), "a blend mode"),
    "soft mask": (add_state(SMask=Dictionary(S=Name.Alpha)), "a soft mask"),
    "picture": (add_masked_picture, "a soft mask"),
    "page group": (add_group, "a transparency group"),
}


@pytest.mark.parametrize("name", TRANSPARENCY)
def test_transparency(name: str) -> None:
    edit, said = TRANSPARENCY[name]
    pdf = edited(good("remote-print"), edit)
    (fault,) = preflight.check_format(pdf, form("remote-print"))
    assert fault.code == "transparency"
    assert fault.message.startswith(f"it has {said}: ")
    assert codes(pdf, replace(form("remote-print"), transparency=True)) == []


@pytest.mark.parametrize("state", [{"ca": 1, "CA": 1}, {"BM": Name.Normal}, {"SMask": Name("/None")}])
def test_what_says_opaque_is_opaque(state: dict[str, Any]) -> None:
    assert codes(edited(good("remote-print"), add_state(**state)), form("remote-print")) == []


@pytest.mark.parametrize(
    ("svg", "css"), [('opacity="0.5"', ""), ('fill-opacity="0.5"', ""), ("", "h2 { color: rgba(0, 0, 0, 0.5) }")]
)
def test_transparency_that_an_author_or_a_designer_draws(svg: str, css: str) -> None:
    assert "transparency" in codes(unchecked(page("remote-print", svg, css)), form("remote-print"))
    assert codes(unchecked(page("a4", svg, css)), form("a4")) == []


# Colours.


def paint(code: bytes) -> Callable[[Pdf], None]:
    def edit(document: Pdf) -> None:
        document.pages[0].contents_add(document.make_stream(code))

    return edit


def paint_in_a_form(document: Pdf) -> None:
    drawn = document.make_stream(b"1 0 0 RG 0 0 m 9 9 l S", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9])
    document.pages[0].Resources.XObject.Added = drawn


def add_rgb_picture(document: Pdf) -> None:
    picture = document.make_stream(
        Image.new("RGB", (1, 1)).tobytes(), Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1,
        BitsPerComponent=8, ColorSpace=Name.DeviceRGB,
    )  # fmt: skip
    document.pages[0].Resources.XObject.Added = picture


COLOURS = {
    "fill": paint(b"q 1 0 0 rg Q"),
    "colour space": paint(b"q /DeviceRGB cs 1 0 0 sc Q"),
    "in a form": paint_in_a_form,
    "picture": add_rgb_picture,
}


@pytest.mark.parametrize("name", COLOURS)
def test_colours(name: str) -> None:
    (fault,) = preflight.check_format(edited(good("print-shop"), COLOURS[name]), form("print-shop"))
    assert str(fault) == "it has colours that are not CMYK or black (/DeviceRGB) [colour-space]"
    assert codes(edited(good("remote-print"), COLOURS[name]), form("remote-print")) == []


def test_a_string_that_reads_like_a_colour_is_none() -> None:
    pdf = edited(good("print-shop"), paint(b"q 0 g 0 0 0 1 k /Artifact <</A (1 0 0 rg )>> BDC EMC Q"))
    assert codes(pdf, form("print-shop")) == []


def test_a_colour_that_nobody_can_convert_is_found() -> None:
    pdf = unchecked(page("print-shop", css="h2 { color: lab(50% 40 20) }"))
    assert codes(pdf, form("print-shop")) == ["colour-space"]
