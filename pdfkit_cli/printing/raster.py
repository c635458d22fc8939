"""Pages as PWG Raster (PWG 5102.4), for printers that take no PDF: drawn by PDFium, in the printer's resolution."""

import re
import struct
from collections.abc import Iterator
from functools import reduce
from typing import Any, Final

from PIL import Image, ImageChops

from pdfkit_cli.pdf import pdfium
from pdfkit_cli.printing.ticket import ONE_SIDED, RasterSettings

SYNC_WORD: Final = b"RaS2"

_HEADER: Final = struct.Struct(">64s64s64s64s42If2f4f16i16f1024s64s64s64s")
"""The header of a page (PWG 5102.4, 4.3): 1796 bytes."""

_SGRAY, _SRGB = 18, 19
_LONGEST_RUN: Final = 128
_MOST_LINES: Final = 256

BACK_TRANSFORMS: Final = {
    ("flipped", "two-sided-long-edge"): (1, -1),
    ("flipped", "two-sided-short-edge"): (-1, 1),
    ("rotated", "two-sided-long-edge"): (-1, -1),
    ("manual-tumble", "two-sided-short-edge"): (-1, -1),
}
"""How the backs of sheets are sent, by `pwg-raster-document-sheet-back` and sides: the factors across the feed and along it.

Other backs are sent upright (PWG 5102.4, table 6)."""


def draw_raster(pdf: bytes, how: RasterSettings) -> bytes:
    """Return the pages of a PDF as PWG Raster. Raises PdfiumError."""
    with pdfium.open_document(pdf) as document:
        count = len(document)
        pages = (_page(document, index, count, how) for index in range(count))
        return b"".join((SYNC_WORD, *pages))


def _page(document: Any, index: int, count: int, how: RasterSettings) -> bytes:
    cross, feed = back_transform(index, how)
    picture = _oriented(_drawn(document[index], how), cross, feed)
    return _header(picture, count, (cross, feed), how) + compress_lines(picture)


def back_transform(index: int, how: RasterSettings) -> tuple[int, int]:
    """Return the factors across the feed and along it for a page, counted from 0."""
    if how.sides == ONE_SIDED or index % 2 == 0:
        return 1, 1
    return BACK_TRANSFORMS.get((how.sheet_back, how.sides), (1, 1))


def _drawn(page: Any, how: RasterSettings) -> Image.Image:
    """Return a page on its paper, upright: a page that is wider than high is turned, as are all others of its PDF."""
    width, height = page.get_size()
    dots = how.resolution.cross
    drawn: Image.Image = page.render(
        scale=dots / 72, rotation=90 if width > height else 0, grayscale=not how.colour
    ).to_pil()
    sheet = Image.new("RGB" if how.colour else "L", paper_dots(how), "white")
    sheet.paste(drawn.convert(sheet.mode), ((sheet.width - drawn.width) // 2, (sheet.height - drawn.height) // 2))
    return sheet


def paper_dots(how: RasterSettings) -> tuple[int, int]:
    """Return the width and height of the paper in dots."""
    return (
        round(how.paper.width / 25.4 * how.resolution.cross),
        round(how.paper.height / 25.4 * how.resolution.feed),
    )


def _oriented(picture: Image.Image, cross: int, feed: int) -> Image.Image:
    if cross < 0:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM) if feed < 0 else picture


def _header(picture: Image.Image, count: int, transform: tuple[int, int], how: RasterSettings) -> bytes:
    dots, colours = how.resolution, 3 if how.colour else 1
    points = [round(length / 25.4 * 72) for length in (how.paper.width, how.paper.height)]
    numbers = [0] * 42
    numbers[4], numbers[28] = how.sides != ONE_SIDED, how.sides == "two-sided-short-edge"
    numbers[5:7], numbers[24:26] = [dots.cross, dots.feed], points
    numbers[29:31] = [picture.width, picture.height]
    numbers[32:35] = [8, 8 * colours, colours * picture.width]
    numbers[36], numbers[41] = _SRGB if how.colour else _SGRAY, colours
    extra = [count, *transform, 0, 0, picture.width, picture.height, 0, 4, *[0] * 7]
    texts = [b"PwgRaster", b"", b"", b""]
    reals = [0.0] * 16
    return _HEADER.pack(*texts, *numbers, 0.0, 0.0, 0.0, *[0.0] * 4, *extra, *reals, b"", b"", b"", b"")


def compress_lines(picture: Image.Image) -> bytes:
    """Return the pixels of a picture in the compression of PWG Raster (5102.4, 4.4): equal lines once, then runs of pixels."""
    pixels, changes, size = picture.tobytes(), _changes(picture), len(picture.getbands())
    parts: list[bytes] = []
    last, count = b"", 0
    for number in range(picture.height):
        line = pixels[number * picture.width * size : (number + 1) * picture.width * size]
        if line == last and count < _MOST_LINES:
            count += 1
            parts[-2] = bytes([count - 1])
            continue
        marks = changes[number * picture.width : (number + 1) * picture.width]
        parts += (b"\0", b"".join(_runs(line, marks, size)))
        last, count = line, 1
    return b"".join(parts)


def _changes(picture: Image.Image) -> bytes:
    """Return a byte for each pixel: 0 if it is like the one before it, else 1."""
    shifted = Image.new(picture.mode, picture.size)
    shifted.paste(picture, (1, 0))
    differences = ImageChops.difference(picture, shifted).split()
    return reduce(ImageChops.lighter, differences).point([0] + [1] * 255).tobytes()


_RUN: Final = re.compile(rb".\0{2,127}", re.DOTALL)
"""A pixel and those like it, at most 128; two alone are no shorter as a run."""


def _runs(line: bytes, marks: bytes, size: int) -> Iterator[bytes]:
    at = 0
    for run in _RUN.finditer(marks):
        start, end = run.span()
        yield from _literals(line[at * size : start * size], size)
        yield bytes([end - start - 1]) + line[start * size : (start + 1) * size]
        at = end
    yield from _literals(line[at * size :], size)


def _literals(pixels: bytes, size: int) -> Iterator[bytes]:
    """Yield pixels that differ, at most 128 at a time; one alone is a run of one."""
    for start in range(0, len(pixels), _LONGEST_RUN * size):
        part = pixels[start : start + _LONGEST_RUN * size]
        count = len(part) // size
        yield bytes([257 - count if count > 1 else 0]) + part
