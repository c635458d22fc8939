"""RGB to the inks of a press: greys are black alone, pictures and gradients follow, and a brand's own inks win."""

import zlib
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pydyf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ContentStream

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.pdf import cmyk
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.page import Page
from tests.helpers.check_runner import wrong
from tests.helpers.tiny_library import TinyLibrary, tiny

PART = st.floats(0, 1)
GRADIENT = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><linearGradient id="a"><stop stop-color="#ff0000"/>'
    '<stop offset="0.5" stop-color="#888888"/><stop offset="1" stop-color="#000000"/></linearGradient>'
    '<rect width="9" height="9" fill="url(#a)" stroke="#00ff00"/></svg>'
)


@pytest.mark.parametrize(
    ("rgb", "expected"),
    [
        ((0, 0, 0), (0, 0, 0, 1)),
        ((1, 1, 1), (0, 0, 0, 0)),
        ((0.5, 0.5, 0.5), (0, 0, 0, 0.5)),
        ((1, 0, 0), (0, 1, 1, 0)),
        ((0, 0.5, 0.25), (1, 0, 0.5, 0.5)),
    ],
)
def test_known_colours(rgb: tuple[float, float, float], expected: cmyk.CmykColour) -> None:
    assert cmyk.cmyk_of_rgb(*rgb) == pytest.approx(expected)


@given(PART)
def test_a_grey_is_black_alone(part: float) -> None:
    assert cmyk.cmyk_of_rgb(part, part, part) == (0, 0, 0, 1 - part)


@given(PART, PART, PART)
def test_no_colour_asks_for_too_much_ink_and_all_come_back(red: float, green: float, blue: float) -> None:
    cyan, magenta, yellow, black = cmyk.cmyk_of_rgb(red, green, blue)
    assert min(cyan, magenta, yellow, black) >= 0
    assert cyan + magenta + yellow + black <= 3
    back = [(1 - part) * (1 - black) for part in (cyan, magenta, yellow)]
    assert back == pytest.approx([red, green, blue], abs=1e-9)


def test_a_brand_s_own_inks_win() -> None:
    inks = (("#24506b", (90.0, 50.0, 25.0, 30.0)),)
    assert cmyk.cmyk_of_rgb(0x24 / 255, 0x50 / 255, 0x6B / 255, inks) == (0.9, 0.5, 0.25, 0.3)
    assert cmyk.cmyk_of_rgb(0x24 / 255, 0x50 / 255, 0x6C / 255, inks) == cmyk.cmyk_of_rgb(
        0x24 / 255, 0x50 / 255, 0x6C / 255
    )


# In finished PDFs.

_folder = TemporaryDirectory()


def library() -> TinyLibrary:
    """Return a tiny library that is printed by a print shop, with one picture of each kind."""
    made = tiny(Path(_folder.name) / str(len(list(Path(_folder.name).iterdir()))))
    made.replace("content/first/leaflet.yaml", "[a4, a5]", "[print-shop]")
    made.body(
        "## Før\n\nTekst.\n\n![A](images/a.png)\n\n![B](images/b.jpg)\n\n![C](images/c.svg)\n\n![D](images/d.png)\n"
    )
    pixels = Image.new("RGB", (3, 1))
    pixels.putdata([(0, 0, 0), (255, 0, 0), (128, 128, 128)])
    for name, picture in (("a.png", pixels), ("d.png", Image.new("L", (3, 1), 7))):
        made.write(f"content/first/images/{name}", saved(picture.resize((300, 100), Image.Resampling.NEAREST), "png"))
    made.write("content/first/images/b.jpg", saved(Image.new("RGB", (300, 100), (255, 0, 0)), "jpeg"))
    made.write("content/first/images/c.svg", GRADIENT)
    return made


def saved(picture: Image.Image, kind: str) -> bytes:
    out = BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def page(of: TinyLibrary) -> Page:
    renderer.prepare_process()
    shop = open_project(BuildRequest(of.root))
    assert {finding.code for finding in wrong(shop.findings)} <= {"low-resolution"}
    return shop.draw(next(iter(shop.output_keys()))).page


@cache
def printed() -> PdfReader:
    return PdfReader(BytesIO(renderer.render(page(library())).pdf))


def operations(reader: PdfReader) -> list[tuple[Any, bytes]]:
    """Return every operation of pages and of what they draw."""
    streams: list[Any] = [page.get_contents() for page in reader.pages]
    for number in range(1, int(reader.trailer["/Size"])):  # type: ignore[call-overload]
        item = reader.get_object(number)
        if isinstance(item, dict) and (item.get("/Subtype") == "/Form" or "/PatternType" in item):
            streams.append(item)
    return [operation for stream in streams if hasattr(stream, "get_data") for operation in ContentStream(stream, reader).operations]  # fmt: skip


def test_no_rgb_is_left_and_text_is_black_ink_alone() -> None:
    operators = [operator for _, operator in operations(printed())]
    assert not {b"rg", b"RG", b"CS"} & set(operators)
    fills, lines, in_text = set(), set(), set()
    current: tuple[float, ...] = ()
    for operands, operator in operations(printed()):
        if operator == b"k":
            current = tuple(map(float, operands))
            fills.add(current)
        elif operator == b"K":
            lines.add(tuple(map(float, operands)))
        elif operator in (b"TJ", b"Tj"):
            in_text.add(current)
    assert (0, 0, 0, 1) in in_text
    assert {ink for ink in in_text if not any(ink[:3])} == {
        (0, 0, 0, 1),
        (0, 0, 0, 0.8),
        (0, 0, 0, 0),
    }  # text, what is beside it, and white on the cover
    brand = tuple(round(part, 4) for part in cmyk.cmyk_of_rgb(0x24 / 255, 0x50 / 255, 0x6B / 255))
    assert brand in in_text  # the title
    assert brand in fills  # and the logo
    assert (1, 0, 1, 0) in lines  # the outline in a picture


def pictures(reader: PdfReader) -> dict[tuple[int, str], Any]:
    found: dict[tuple[int, str], Any] = {}
    for number in range(1, int(reader.trailer["/Size"])):  # type: ignore[call-overload]
        item = reader.get_object(number)
        if isinstance(item, dict) and item.get("/Subtype") == "/Image":
            found[len(found), item["/ColorSpace"]] = item
    return found


def test_pictures_are_in_ink() -> None:
    found = pictures(printed())
    assert [space for _, space in found] == ["/DeviceCMYK", "/DeviceCMYK", "/DeviceGray"]
    png, jpeg, _ = found.values()
    row = png.get_data()[: 300 * 4]
    assert [tuple(row[at * 4 : at * 4 + 4]) for at in (0, 150, 299)] == [
        (0, 0, 0, 255),
        (0, 255, 255, 0),
        (0, 0, 0, 127),
    ]
    assert len(jpeg.get_data()) == 300 * 100 * 4
    assert jpeg.get_data()[:4] == pytest.approx((0, 255, 255, 1), abs=2)  # what JPEG makes of red


def test_streams_that_are_packed_already_are_in_ink_too() -> None:
    """Nor is a string that reads like a colour one, or a number that is missing."""
    lines = [b"q", b"1 0 0 rg", b"0.5 0.5 0.5 RG", b"(1 0 0 rg) Tj", b"0 0 rg", b"Q"]
    pdf = pydyf.PDF()
    packed = pydyf.Stream([zlib.compress(b"\n".join(lines))], {"Type": "/XObject", "Subtype": "/Form", "Filter": "/FlateDecode"})  # fmt: skip
    pdf.add_object(packed)
    cmyk.convert_to_cmyk(pdf)
    assert packed.stream == [b"q", b"0 1 1 0 k", b"0 0 0 0.5 K", b"(1 0 0 rg) Tj", b"0 0 rg", b"Q"]
    assert (packed.compress, packed.extra.get("Filter")) == (True, None)


def test_gradients_are_in_ink() -> None:
    shadings: list[Any] = [
        item
        for number in range(1, int(printed().trailer["/Size"]))  # type: ignore[call-overload]
        if isinstance(item := printed().get_object(number), dict) and "/ShadingType" in item
    ]
    (shading,) = (one for one in shadings if one["/ShadingType"] == 2)  # the others are the rings of the cover
    assert {one["/ColorSpace"] for one in shadings} == {"/DeviceCMYK"}
    ends = [
        list(map(float, function[end])) for function in shading["/Function"]["/Functions"] for end in ("/C0", "/C1")
    ]
    assert ends[0] == [0, 1, 1, 0]
    assert ends[-1] == [0, 0, 0, 1]
    assert ends[1] == ends[2] == pytest.approx([0, 0, 0, 1 - 0x88 / 255], abs=1e-4)


def test_the_inks_of_a_brand_reach_the_press_and_nothing_else() -> None:
    own = library()
    before = page(own)
    own.replace("brands/plain/brand.yaml", "name: Plain\n", "name: Plain\ncmyk: {primary: [90, 50, 25, 30]}\n")
    after = page(own)
    inks = {tuple(map(float, operands)) for operands, operator in operations(PdfReader(BytesIO(renderer.render(after).pdf))) if operator == b"k"}  # fmt: skip
    assert (0.9, 0.5, 0.25, 0.3) in inks
    assert (before.inks, after.inks) == ((), (("#24506b", (90.0, 50.0, 25.0, 30.0)),))
    own.replace("content/first/leaflet.yaml", "[print-shop]", "[a4]")
    assert page(own).inks == ()


def test_a_page_of_another_format_stays_rgb() -> None:
    made = page(library())
    rgb = replace(made, format=replace(made.format, colours="rgb"))
    operators = {operator for _, operator in operations(PdfReader(BytesIO(renderer.render(rgb).pdf)))}
    assert b"rg" in operators
    assert b"k" not in operators
