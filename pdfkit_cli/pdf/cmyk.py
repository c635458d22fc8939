"""Converts RGB to the four inks of a press, on the pydyf objects of a PDF that is not yet written (WeasyPrint 70, pydyf 0.13).

WeasyPrint writes every named and every hex colour as RGB, in all variants, each as a separate piece of a content
stream; pictures and colour gradients declare their colour space in their dictionary.
The conversion uses no profile: black is the share that the three colours have in common, and the other inks carry the rest.
So every grey, including black text, is black ink only, and no colour needs more than 300 % of ink.
A brand can specify its own inks.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from typing import Any, TypeAlias

import pydyf
from PIL import Image, ImageChops, ImageMath

Inks: TypeAlias = tuple[tuple[str, tuple[float, float, float, float]], ...]
"""Colours as #rrggbb, each with the percentages of cyan, magenta, yellow and black that print it."""

CmykColour: TypeAlias = tuple[float, float, float, float]
"""Cyan, magenta, yellow and black, 0 to 1."""

_COLOUR = re.compile(rb"([-.\d]+ [-.\d]+ [-.\d]+) (rg|RG)")
_OPERATORS = {b"rg": b"k", b"RG": b"K"}


def convert_to_cmyk(pdf: pydyf.PDF, inks: Inks = ()) -> None:
    """Convert every RGB colour to CMYK, in place: text, lines, areas, gradients and pictures; `inks` are a brand's own."""
    for item in pdf.objects:
        if isinstance(item, pydyf.Stream) and item.extra.get("Subtype") == "/Image":
            _convert_image(item)
        elif isinstance(item, pydyf.Stream) and _is_painted_stream(item):
            item.stream = [_convert_operators(part, inks) for part in _stream_parts(item)]
        elif isinstance(item, pydyf.Dictionary) and "ShadingType" in item:
            _convert_shading(item, inks)
        elif isinstance(item, pydyf.Dictionary) and "lab-d50" in item:
            item.clear()  # colour spaces that WeasyPrint declares in every file; preflight finds any use of one


def cmyk_of_rgb(red: float, green: float, blue: float, inks: Inks = ()) -> CmykColour:
    """Return the inks of an RGB colour, all from 0 to 1, with full black generation and undercolour removal."""
    colour = "#{:02x}{:02x}{:02x}".format(*(round(255 * part) for part in (red, green, blue)))
    if own := dict(inks).get(colour):
        return own[0] / 100, own[1] / 100, own[2] / 100, own[3] / 100
    light = max(red, green, blue)
    if not light:
        return 0.0, 0.0, 0.0, 1.0
    return 1 - red / light, 1 - green / light, 1 - blue / light, 1 - light


@cache
def _operands(numbers: bytes, inks: Inks) -> bytes:
    red, green, blue = map(float, numbers.split())
    return b" ".join(b"%g" % round(part, 4) for part in cmyk_of_rgb(red, green, blue, inks))


def _is_painted_stream(stream: Any) -> bool:
    """Return whether a stream is the content of a page, a form or a pattern, and not a font or metadata."""
    return stream.extra.get("Type") in (None, "/XObject", "/Pattern") and "Length1" not in stream.extra


def _stream_parts(stream: Any) -> list[Any]:
    """Return the pieces of a content stream, each a line, decompressed where it is compressed already."""
    if stream.extra.get("Filter") != "/FlateDecode":
        return list(stream.stream)
    del stream.extra["Filter"]
    stream.compress = True
    return zlib.decompress(b"".join(stream.stream)).split(b"\n")


def _convert_operators(part: Any, inks: Inks) -> Any:
    """Return a piece of a content stream, with any RGB colour that it sets converted."""
    colour = _COLOUR.fullmatch(part) if isinstance(part, bytes) else None
    return _operands(colour[1], inks) + b" " + _OPERATORS[colour[2]] if colour else part


def _convert_shading(shading: Any, inks: Inks) -> None:
    """Convert the colours of the stops of a gradient; it stays linear between them."""
    functions = [function for function in _functions(shading["Function"]) if len(function["C0"]) == 3]
    if functions:
        shading["ColorSpace"] = "/DeviceCMYK"
        for function in functions:
            for end in ("C0", "C1"):
                red, green, blue = function[end]
                function[end] = pydyf.Array(round(part, 4) for part in cmyk_of_rgb(red, green, blue, inks))


def _functions(function: Any) -> Iterator[Any]:
    if "C0" in function:
        yield function
    for part in function.get("Functions", ()):
        yield from _functions(part)


def _convert_image(picture: Any) -> None:
    if picture.extra.get("ColorSpace") != "/DeviceRGB":
        return
    pixels = _image_to_cmyk(_decode_pixels(picture))
    picture.stream = [zlib.compress(pixels.tobytes(), 9)]
    picture.extra |= {"ColorSpace": "/DeviceCMYK", "Filter": "/FlateDecode"}
    picture.extra.pop("DecodeParms", None)
    picture.extra.pop("Decode", None)


def _decode_pixels(picture: Any) -> Image.Image:
    """Return the pixels of a picture, which is stored as a JPEG file or as the compressed rows of a PNG."""
    data = b"".join(getattr(part, "data", part) for part in picture.stream)
    if picture.extra["Filter"] != "/DCTDecode":
        header = struct.pack("!IIBBBBB", picture.extra["Width"], picture.extra["Height"], 8, 2, 0, 0, 0)
        data = b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))
            for kind, body in ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
        )
    return Image.open(BytesIO(data)).convert("RGB")


def _image_to_cmyk(picture: Image.Image) -> Image.Image:
    """Return a picture in CMYK, each pixel converted like `cmyk_of_rgb`."""
    bands = picture.split()
    light = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    colours = [ImageMath.lambda_eval(_absorption, part=part, light=light) for part in bands]
    return Image.merge("CMYK", [*colours, ImageChops.invert(light)])


def _absorption(of: dict[str, Any]) -> Any:
    """Return the share of light that a colour absorbs; 0 for black, since Pillow divides by zero to zero."""
    return of["convert"]((of["light"] - of["part"]) * 255 / of["light"], "L")
