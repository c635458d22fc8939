"""Pages as a person sees them, against pictures that were looked at and found good.

A page that differs writes what it is, what was expected and the difference to tests/pictures/failed/. After a change that is meant, look at them
and run the tests with PDFKIT_UPDATE_PICTURES=1.
"""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops

from pdfkit_cli.build.pipeline import BuildRequest, Project, open_project
from pdfkit_cli.rendering import renderer
from tests.helpers.tiny_library import FOUNDING

PICTURES = Path(__file__).parent / "pictures"
DPI = 50
CHANGED = 40
"""Levels of 255 from which a pixel counts as changed: less is the grain of another rasteriser."""

SHARE = 0.002
"""Share of changed pixels that is still the same page: one word of a page is more."""

CASES = {
    "a4-first": ("rygcenter-syddanmark/facet-denervation.da.a4.pdf", 1),
    "a4-warning": ("rygcenter-syddanmark/facet-denervation.da.a4.pdf", 4),
    "a4-arabic": ("rygcenter-syddanmark/facet-denervation.ar.a4.pdf", 2),
    "a4-exercises": ("sportsmed/facet-neurotomy.sv.a4.pdf", 5),
    "a4-guide": ("fysioterapi/nerve-root-pain-education.da.a4.pdf", 2),
    "a4-short": ("fysioterapi/nerve-root-pain-education.da.short.a4.pdf", 1),
    "a4-table": ("smartkliniken/interventional-pain-guideline.sv.a4.pdf", 2),
    "a4-two-labels": ("neurokirurgisk-ambulatorium/nerve-root-block.en.a4.pdf", 1),
    "a5-call": ("exempelkliniken-norr/facet-denervation.sv.a5.pdf", 2),
    "a5-arabic": ("rygcenter-syddanmark/facet-denervation.ar.a5.pdf", 1),
    "booklet-cover": ("rygcenter-syddanmark/facet-denervation.da.a5-booklet.pdf", 1),
    "booklet-inside": ("rygcenter-syddanmark/facet-denervation.ar.a5-booklet.pdf", 2),
    "large-first": ("rygcenter-syddanmark/facet-denervation.da.a4-large.pdf", 1),
    "large-exercise": ("sportsmed/facet-neurotomy.en.a4-large.pdf", 7),
    "print-shop-first": ("sportsmed/facet-neurotomy.sv.print-shop.pdf", 1),
    "print-shop-exercises": ("sportsmed/facet-neurotomy.sv.print-shop.pdf", 8),
    "remote-first": ("rygcenter-syddanmark/facet-denervation.da.remote-print.pdf", 1),
    "remote-last": ("exempelkliniken-norr/facet-denervation.sv.remote-print.pdf", 4),
    "remote-arabic": ("rygcenter-syddanmark/facet-denervation.ar.remote-print.pdf", 4),
    "digital-links": ("exempelkliniken-norr/facet-denervation.sv.digital-letter.pdf", 4),
    "digital-arabic": ("rygcenter-syddanmark/facet-denervation.ar.digital-letter.pdf", 2),
}


@cache
def project() -> Project:
    renderer.prepare_process()
    return open_project(BuildRequest(FOUNDING))


@cache
def pages(path: str) -> tuple[Image.Image, ...]:
    output_key = next(item for item in project().output_keys() if item.path == path)
    document = pypdfium2.PdfDocument(renderer.render(project().draw(output_key).page).pdf)
    return tuple(page.render(scale=DPI / 72).to_pil().convert("L") for page in document)


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


@pytest.mark.parametrize("name", CASES)
def test_the_page_looks_as_it_did(name: str) -> None:
    path, number = CASES[name]
    looks_as_it_did(name, pages(path)[number - 1])


def test_no_page_is_blank_but_the_booklet_s_last() -> None:
    for path in {path for path, _ in CASES.values()}:
        for number, page in enumerate(pages(path), start=1):
            assert any(page.histogram()[:80]), f"{path} page {number}"
