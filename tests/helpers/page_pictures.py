"""Pages as pictures, compared with approved ones."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from tests.helpers.tiny_library import ROOT

PICTURES = ROOT / "tests/rendering/pictures"


DPI = 50


CHANGED = 40
"""Levels of 255 from which a pixel counts as changed: less is the grain of another rasteriser."""


SHARE = 0.002
"""Share of changed pixels that is still the same page: one word of a page is more."""


def failed(name: str, actual: Image.Image, expected: Image.Image | None) -> Iterator[Path]:
    """Write what is needed to see the fault."""
    folder = PICTURES / "failed"
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {"actual": actual, "expected": expected}
    if expected and expected.size == actual.size:
        pictures["difference"] = ImageChops.difference(actual, expected)
    for kind, picture in pictures.items():
        if picture:
            picture.save(folder / f"{name}-{kind}.png")
            yield folder / f"{name}-{kind}.png"


def looks_as_it_did(name: str, actual: Image.Image) -> None:
    """Compare with the picture of this name, or make it where that is asked for."""
    picture = PICTURES / f"{name}.png"
    if os.environ.get("PDFKIT_UPDATE_PICTURES"):
        actual.save(picture, optimize=True)
    expected = Image.open(picture).convert("L") if picture.exists() else None
    if expected is None or expected.size != actual.size:
        pytest.fail(f"no picture of this size: {[str(file) for file in failed(name, actual, expected)]}")
    changed = sum(ImageChops.difference(actual, expected).histogram()[CHANGED:])
    if changed > SHARE * actual.width * actual.height:
        pytest.fail(f"{changed} pixels differ: {[str(file) for file in failed(name, actual, expected)]}")
