"""Converts PNG and JPEG for a PDF: 8 bits, upright, in sRGB or in the inks of a press, without an alpha channel that is opaque."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Final

from PIL import Image, ImageCms, ImageFile, ImageOps

MAX_PIXELS = 50_000_000
"""An A4 page at 600 dpi has 35 million pixels; a larger picture is a mistake or an attack."""

FORMATS_BY_TYPE: Final = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
_QUALITY: Final = 95
"""Quality of a JPEG that has to be encoded again: the loss is invisible."""

_SIXTEEN_BITS: Final = ("I;16", "I;16B", "I;16L", "I")
_SRGB: Final = "sRGB"


def image_problem(data: bytes, kind: str) -> str:
    """Return why a picture cannot be printed, and what to do, as the end of a sentence; nothing if it can."""
    try:
        with _open_image(data, kind) as image:
            if image.size[0] * image.size[1] > MAX_PIXELS:
                return _TOO_LARGE
            image.load()
            if image.mode == "CMYK" and not _has_adobe_cmyk(image):
                return "is a CMYK picture without the marker that states how its inks are stored; save it as RGB"
            if image.mode in _SIXTEEN_BITS and "transparency" in image.info:
                return "has a transparent colour among greys of 16 bits; save it with 8 bits"
            _normalized(image, inks=False)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return _TOO_LARGE
    except Exception:  # Pillow may raise anything for a damaged file
        other = _detect_format(data)
        advice = f": it is a {other}; save it as {kind}" if other not in ("", kind) else "; save it again"
        return f"is not a complete {kind} picture{advice}"
    return ""


def _detect_format(data: bytes) -> str:
    """Return the format of a picture from its content, whatever its file name is."""
    try:
        with Image.open(BytesIO(data), formats=("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "AVIF")) as image:
            return image.format or ""
    except Exception:
        return ""


_TOO_LARGE: Final = f"has more than {MAX_PIXELS // 1_000_000} million pixels; save it with fewer"


def displayed_size(data: bytes) -> tuple[int, int]:
    """Return width and height of a picture as it is shown: EXIF may declare a rotation."""
    with Image.open(BytesIO(data)) as image:
        width, height = image.size
        turned = image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
    return (height, width) if turned else (width, height)


_ORIENTATION: Final = 0x0112


def has_transparency(data: bytes, kind: str) -> bool:
    """Return whether any part of a picture is transparent."""
    with _open_image(data, kind) as image:
        return _alpha_channel(image)


def normalize_image(data: bytes, kind: str, *, inks: bool = False) -> bytes:
    """Return a picture in a form that every PDF viewer shows, unchanged if it is already; with `inks`, CMYK is kept."""
    with _open_image(data, kind) as image:
        image.load()
        made = _normalized(image, inks=inks)
        if made is None:
            return data
        out = BytesIO()
        if kind == "PNG":
            made.save(out, "PNG")
        else:
            made.save(out, "JPEG", quality=_QUALITY, subsampling=0)
        return out.getvalue()


def _normalized(image: Image.Image, *, inks: bool) -> Image.Image | None:
    """Return a picture in a suitable mode, in sRGB and upright, without metadata; None if it can stay as it is."""
    made = _to_eight_bits(image)
    if not (inks and made.mode == "CMYK"):
        made = _to_srgb(made, image.info.get("icc_profile"))
    if made.mode == "CMYK" and not inks:
        made = made.convert("RGB")
    if made.mode in ("RGBA", "LA", "P", "PA") or "transparency" in made.info:
        made = _drop_opaque_alpha(made)
    if made is image:
        return None
    upright = ImageOps.exif_transpose(_keep_exif(made, image))
    upright.info = {}
    return upright


def _to_eight_bits(image: Image.Image) -> Image.Image:
    if image.mode not in _SIXTEEN_BITS:
        return image
    wide = image.tobytes("raw", "I;16") if image.mode != "I" else image.convert("I;16").tobytes()
    return Image.frombytes("L", image.size, wide[1::2])


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return a picture in sRGB. A profile that is damaged, or of another colour model, is ignored, as in browsers."""
    if not profile or image.mode not in ("RGB", "RGBA", "L", "CMYK"):
        return image
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        if own.profile.xcolor_space.strip() != {"L": "GRAY", "CMYK": "CMYK"}.get(image.mode, "RGB") or _is_srgb(own):
            return image
        target = ImageCms.createProfile("sRGB")
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        made = ImageCms.profileToProfile(image, own, target, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return (made.convert("L") if image.mode == "L" else made) if made else image


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    return (profile.profile.profile_description or "").startswith(_SRGB)


def _drop_opaque_alpha(image: Image.Image) -> Image.Image:
    """Return a picture without its alpha channel if that is opaque."""
    if image.mode not in ("RGBA", "LA") and "transparency" not in image.info:
        return image
    if "transparency" in image.info:
        seen = image.convert("RGBA")
        return seen if _alpha_channel(image) else seen.convert("RGB")
    return image if _alpha_channel(image) else image.convert(image.mode.removesuffix("A"))


def _alpha_channel(image: Image.Image) -> bool:
    if image.mode in ("RGBA", "LA"):
        return bool(image.getchannel("A").getextrema() != (255, 255))
    return "transparency" in image.info and bool(image.convert("RGBA").getchannel("A").getextrema() != (255, 255))


def _keep_exif(made: Image.Image, image: Image.Image) -> Image.Image:
    made.info = {key: value for key, value in image.info.items() if key == "exif"}
    return made


def _has_adobe_cmyk(image: Image.Image) -> bool:
    """Return whether a CMYK JPEG has Adobe's marker: its inks are inverted then."""
    return "APP14" in getattr(image, "app", {})


@contextmanager
def _open_image(data: bytes, kind: str) -> Iterator[Image.Image]:
    """Open a picture strictly: once loaded, WeasyPrint makes Pillow accept truncated pictures."""
    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=[kind]) as image:
                yield image
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient
