"""Pages for printers that take no PDF: read back by the library of CUPS, and turned as the standard says."""

import os
import subprocess
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw
from pypdf import PdfWriter

from pdfkit_cli.printing.capabilities import PaperSize
from pdfkit_cli.printing.ipp import Resolution
from pdfkit_cli.printing.raster import compress_lines, draw_raster
from pdfkit_cli.printing.ticket import RasterSettings

A4, DOTS = PaperSize(210, 297), Resolution(75, 75)
PIXELS = (620, 877)


def settings(sides: str = "one-sided", back: str = "normal", *, colour: bool = False) -> RasterSettings:
    return RasterSettings(DOTS, colour, A4, sides, back)


def decompressed(data: bytes, size: int, width: int, height: int) -> tuple[bytes, bytes]:
    """Return the pixels of a page and the bytes after it, as PWG 5102.4 describes them."""
    at, lines = 0, list[bytes]()
    while len(lines) < height:
        repeat, line, at = data[at] + 1, b"", at + 1
        while len(line) < width * size:
            count, at = data[at], at + 1
            if count < 128:
                line += data[at : at + size] * (count + 1)
                at += size
            else:
                assert count != 128
                line += data[at : at + (257 - count) * size]
                at += (257 - count) * size
        assert len(line) == width * size
        lines += [line] * repeat
    assert len(lines) == height
    return b"".join(lines), data[at:]


@given(st.data(), st.booleans(), st.integers(1, 300))
def test_pixels_come_back(data: st.DataObject, colour: bool, width: int) -> None:
    size = 3 if colour else 1
    row = st.lists(st.sampled_from([b"\0", b"\1", b"\xff"]), min_size=width * size, max_size=width * size).map(b"".join)
    runs = st.tuples(st.sampled_from([b"\0\1\2", b"\xff\xff\xff"]), st.integers(0, width)).map(
        lambda run: (run[0][:size] * run[1] + b"\7" * size * width)[: width * size]
    )
    lines = data.draw(st.lists(st.one_of(row, runs), min_size=1, max_size=4))
    lines = [line for line in lines for _ in range(data.draw(st.sampled_from([1, 2, 300])))]
    picture = Image.frombytes("RGB" if colour else "L", (width, len(lines)), b"".join(lines))
    packed = compress_lines(picture)
    assert decompressed(packed, size, width, len(lines)) == (b"".join(lines), b"")


def pages(count: int, *, landscape: bool = False) -> bytes:
    """Return a PDF on which every page has a black box in its upper left corner, as wide as a quarter and as high as an eighth."""
    width, height = (842, 595) if landscape else (595, 842)
    made = PdfWriter()
    for _ in range(count):
        picture = Image.new("RGB", (width, height), "white")
        ImageDraw.Draw(picture).rectangle((0, 0, width // 4, height // 8), fill=(200, 0, 0))
        written = BytesIO()
        picture.save(written, "PDF", resolution=72)
        made.append(BytesIO(written.getvalue()))
    out = BytesIO()
    made.write(out)
    return out.getvalue()


def pictures(raster: bytes) -> list[tuple[bytes, Image.Image]]:
    """Return the head and the picture of each page."""
    assert raster[:4] == b"RaS2"
    rest, found = raster[4:], []
    while rest:
        head = rest[:1796]
        width, height = (int.from_bytes(head[at : at + 4]) for at in (372, 376))
        size = int.from_bytes(head[388:392]) // 8
        pixels, rest = decompressed(rest[1796:], size, width, height)
        found.append((head, Image.frombytes("RGB" if size == 3 else "L", (width, height), pixels)))
    return found


def corner(picture: Image.Image) -> str:
    """Return the corner with the box."""
    where = [
        f"{up} {side}"
        for up, y in (("upper", 20), ("lower", picture.height - 20))
        for side, x in (("left", 20), ("right", picture.width - 20))
        if picture.convert("L").getpixel((x, y)) < 200  # type: ignore[operator]
    ]
    assert len(where) == 1
    return where[0]


@pytest.mark.parametrize(
    ("back", "sides", "turned", "factors"),
    [
        ("normal", "two-sided-long-edge", "upper left", (1, 1)),
        ("normal", "two-sided-short-edge", "upper left", (1, 1)),
        ("flipped", "two-sided-long-edge", "lower left", (1, -1)),
        ("flipped", "two-sided-short-edge", "upper right", (-1, 1)),
        ("rotated", "two-sided-long-edge", "lower right", (-1, -1)),
        ("rotated", "two-sided-short-edge", "upper left", (1, 1)),
        ("manual-tumble", "two-sided-long-edge", "upper left", (1, 1)),
        ("manual-tumble", "two-sided-short-edge", "lower right", (-1, -1)),
    ],
)
def test_backs_are_turned_as_the_printer_wants(back: str, sides: str, turned: str, factors: tuple[int, int]) -> None:
    """PWG 5102.4, table 6; CUPS itself sends the same."""
    found = pictures(draw_raster(pages(3), settings(sides, back)))
    assert [corner(picture) for _, picture in found] == ["upper left", turned, "upper left"]
    said = [int.from_bytes(head[at : at + 4], signed=True) for head, _ in found[1:2] for at in (456, 460)]
    assert tuple(said) == factors
    for head, picture in found:
        assert picture.size == PIXELS
        assert [int.from_bytes(head[at : at + 4]) for at in (272, 368, 452)] == [1, sides == "two-sided-short-edge", 3]


def test_wide_pages_lie_on_upright_paper_all_turned_alike() -> None:
    found = pictures(draw_raster(pages(2, landscape=True), settings("two-sided-short-edge")))
    assert [(picture.size, corner(picture)) for _, picture in found] == [(PIXELS, "upper right")] * 2


@pytest.mark.parametrize("colour", [False, True])
def test_cups_reads_what_we_write(colour: bool, tmp_path: Path) -> None:
    """Its filter makes a PDF of it, which looks like the first one."""
    pdf, raster = pages(2), tmp_path / "pages.pwg"
    raster.write_bytes(draw_raster(pdf, settings(colour=colour)))
    done = subprocess.run(
        ["/usr/lib/cups/filter/rastertopdf", "1", "me", "pages", "1", "", raster],
        capture_output=True, check=True, env=os.environ | {"CONTENT_TYPE": "image/pwg-raster", "PPD": ""},
    )  # fmt: skip
    drawn, meant = (_first_page(each, colour) for each in (done.stdout, pdf))
    assert drawn.size == meant.size == PIXELS
    assert (
        sum(ImageChops.difference(drawn, meant).convert("L").point(lambda each: each > 40, "1").histogram()[1:]) < 2000
    )


def _first_page(pdf: bytes, colour: bool) -> Image.Image:
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) == 2
        picture: Image.Image = document[0].render(scale=75 / 72, grayscale=not colour).to_pil()
    return picture.convert("RGB" if colour else "L").resize(PIXELS)
