"""PNG and JPEG of every kind, made in memory, and what is to become of each."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageCms, PngImagePlugin

SIZE: Final = (300, 200)


def gradient(mode: str) -> Image.Image:
    """A picture with all levels, in one mode."""
    across = Image.linear_gradient("L").resize(SIZE)
    down = across.transpose(Image.Transpose.ROTATE_90).resize(SIZE)
    bands = {
        "R": across,
        "G": down,
        "B": Image.new("L", SIZE, 90),
        "A": across,
        "L": across,
        "C": across,
        "M": down,
        "Y": across,
        "K": down,
    }
    return Image.merge(mode, [bands[band] for band in mode]) if len(mode) > 1 else across


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png(depth: int, colour: int, channels: int, *, interlaced: bool = False, extra: bytes = b"") -> bytes:
    """A PNG of a depth and a kind of colour that Pillow does not write, in one level."""
    width, height = SIZE
    row = (
        b"\0" + b"\x40\x80" * (width * channels) if depth == 16 else b"\0" + b"\x60" * -(-width * channels * depth // 8)
    )
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + extra
        + _chunk(b"IDAT", zlib.compress(row * height))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def without_adobe(jpeg: bytes) -> bytes:
    """A CMYK JPEG without the segment that says how its inks are written."""
    at = jpeg.index(b"\xff\xee")
    length = int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return jpeg[:at] + jpeg[at + 2 + length :]


def profile(name: str) -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()  # type: ignore[arg-type]


def _turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(gradient("RGB"), "JPEG", exif=exif)


def _palette(**options: Any) -> bytes:
    return saved(gradient("RGB").quantize(16), **options)


def _animated() -> bytes:
    return saved(gradient("RGB"), save_all=True, append_images=[Image.new("RGB", SIZE, "#fff")], duration=100)


PRINTS: Final[dict[str, Callable[[], bytes]]] = {
    "grey.png": lambda: saved(gradient("L")),
    "grey-16.png": lambda: saved(Image.new("I;16", SIZE, 33_000)),
    "grey-1.png": lambda: saved(gradient("L").convert("1")),
    "grey-2.png": lambda: png(2, 0, 1),
    "rgb.png": lambda: saved(gradient("RGB")),
    "rgb-16.png": lambda: png(16, 2, 3),
    "opaque-alpha.png": lambda: saved(gradient("RGB").convert("RGBA")),
    "opaque-grey-alpha.png": lambda: saved(gradient("L").convert("LA")),
    "palette.png": _palette,
    "palette-idle-transparency.png": lambda: _palette(transparency=200),
    "interlaced.png": lambda: saved(gradient("RGB"), interlace=1),
    "animated.png": _animated,
    "srgb.png": lambda: saved(gradient("RGB"), icc_profile=profile("sRGB")),
    "lab-profile.png": lambda: saved(gradient("RGB"), icc_profile=profile("LAB")),
    "broken-profile.png": lambda: saved(gradient("RGB"), icc_profile=b"no profile"),
    "words.png": lambda: saved(gradient("RGB"), pnginfo=_words()),
    "rgb.jpg": lambda: saved(gradient("RGB"), "JPEG"),
    "grey.jpg": lambda: saved(gradient("L"), "JPEG"),
    "progressive.jpg": lambda: saved(gradient("RGB"), "JPEG", progressive=True),
    "cmyk.jpg": lambda: saved(gradient("CMYK"), "JPEG"),
    "cmyk-turned.jpeg": lambda: saved(gradient("CMYK"), "JPEG", exif=_exif(6)),
    "turned-6.jpg": lambda: _turned(6),
    "turned-2.JPG": lambda: _turned(2),
    "several.jpg": lambda: saved(gradient("RGB"), "MPO", save_all=True, append_images=[gradient("RGB")]),
    "profile.jpg": lambda: saved(gradient("RGB"), "JPEG", icc_profile=profile("sRGB")),
}
"""What every format prints."""

SEEN_THROUGH: Final[dict[str, Callable[[], bytes]]] = {
    "alpha.png": lambda: saved(gradient("RGBA")),
    "alpha-16.png": lambda: png(16, 6, 4),
    "grey-alpha.png": lambda: saved(gradient("LA")),
    "palette-transparency.png": lambda: _palette(transparency=3),
    "rgb-transparency.png": lambda: saved(Image.new("RGB", SIZE, "#fff"), transparency=(255, 255, 255)),
    "grey-transparency.png": lambda: saved(gradient("L"), transparency=0),
}
"""What prints where a format takes what is not opaque."""

REFUSED: Final[dict[str, tuple[Callable[[], bytes], str]]] = {
    "cmyk-without-adobe.jpg": (
        lambda: without_adobe(saved(gradient("CMYK"), "JPEG")),
        "is a CMYK picture without the marker that states how its inks are stored; save it as RGB",
    ),
    "grey-16-transparent.png": (
        lambda: png(16, 0, 1, extra=_chunk(b"tRNS", b"\x40\x80")),
        "has a transparent colour among greys of 16 bits; save it with 8 bits",
    ),
    "cut.png": (lambda: saved(gradient("RGB"))[:-60], "is not a complete PNG picture; save it again"),
    "cut.jpg": (lambda: saved(gradient("RGB"), "JPEG")[:-900], "is not a complete JPEG picture; save it again"),
    "jpeg.png": (lambda: saved(gradient("RGB"), "JPEG"), "is not a complete PNG picture: it is a JPEG; save it as PNG"),
    "png.jpg": (lambda: saved(gradient("RGB")), "is not a complete JPEG picture: it is a PNG; save it as JPEG"),
    "webp.png": (lambda: saved(gradient("RGB"), "WEBP"), "is not a complete PNG picture: it is a WEBP; save it as PNG"),
    "gif.gif": (lambda: saved(gradient("L"), "GIF"), "is not a PNG, JPEG or SVG picture; save it as one"),
    "tiff.jpg": (
        lambda: saved(gradient("RGB"), "TIFF"),
        "is not a complete JPEG picture: it is a TIFF; save it as JPEG",
    ),
    "empty.png": (lambda: b"", "is not a complete PNG picture; save it again"),
}


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def _words() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "N. N.")
    return info
