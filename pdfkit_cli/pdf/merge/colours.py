"""Compares output intents: different programs embed different profiles of the same colour space, sRGB."""

from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms

from pdfkit_cli.pdf.objects import PDF_ERRORS, array_items, entry, stream_data

_TEST_SHADES = (0, 32, 96, 128, 192, 255)
_TOLERANCE = 3
"""Levels of 256 by which two profiles of one colour space may differ through rounding."""


def same_colour_space(intents: Iterable[Any]) -> bool:
    """Return whether all parts have the same colour space; `intents` are the arrays of output intents, None for a part without any."""
    spaces: set[bytes] = set()
    for array in intents:
        profiles = {stream_data(entry(intent, "/DestOutputProfile")) for intent in array_items(array)} or {b""}
        spaces |= {b"sRGB" if _is_srgb(profile) else profile for profile in profiles}
    return len(spaces) == 1


@lru_cache(maxsize=64)
def _is_srgb(profile: bytes) -> bool:
    """Return whether a profile is one of sRGB (IEC 61966-2-1)."""
    if profile[16:20] != b"RGB ":
        return False
    patches = [(r, g, b) for r in _TEST_SHADES for g in _TEST_SHADES for b in _TEST_SHADES]
    image = Image.new("RGB", (len(patches), 1))
    image.putdata(patches)
    try:
        opened = ImageCms.ImageCmsProfile(BytesIO(profile))
        found = ImageCms.profileToProfile(image, opened, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, *PDF_ERRORS):
        return False
    if found is None:
        return False
    return all(abs(x - y) <= _TOLERANCE for x, y in zip(image.tobytes(), found.tobytes(), strict=True))
