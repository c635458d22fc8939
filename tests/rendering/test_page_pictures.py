"""Pages as a person sees them, against pictures that were looked at and found good.

A page that differs writes what it is, what was expected and the difference to tests/pictures/failed/. After a change that is meant, look at them
and run the tests with PDFKIT_UPDATE_PICTURES=1.
"""

from functools import cache
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from tests.helpers.page_pictures import DPI, looks_as_it_did

CASES = {
    "a4-first": ("rygcenter-syddanmark/facet-denervation.da.a4.pdf", 1),
    "a4-warning": ("rygcenter-syddanmark/facet-denervation.da.a4.pdf", 3),
    "a4-arabic": ("rygcenter-syddanmark/facet-denervation.ar.a4.pdf", 2),
    "a4-exercises": ("sportsmed/facet-neurotomy.sv.a4.pdf", 6),
    "a4-guide": ("fysioterapi/nerve-root-pain-education.da.a4.pdf", 2),
    "a4-short": ("fysioterapi/nerve-root-pain-education.da.short.a4.pdf", 1),
    "a4-table": ("smartkliniken/interventional-pain-guideline.sv.a4.pdf", 2),
    "a4-two-labels": ("neurokirurgisk-ambulatorium/nerve-root-block.en.a4.pdf", 1),
    "a5-call": ("exempelkliniken-norr/facet-denervation.sv.a5.pdf", 5),
    "a5-arabic": ("rygcenter-syddanmark/facet-denervation.ar.a5.pdf", 1),
    "booklet-cover": ("rygcenter-syddanmark/facet-denervation.da.a5-booklet.pdf", 1),
    "booklet-inside": ("rygcenter-syddanmark/facet-denervation.ar.a5-booklet.pdf", 2),
    "large-first": ("rygcenter-syddanmark/facet-denervation.da.a4-large.pdf", 1),
    "large-exercise": ("sportsmed/facet-neurotomy.en.a4-large.pdf", 11),
    "print-shop-first": ("sportsmed/facet-neurotomy.sv.print-shop.pdf", 1),
    "print-shop-exercises": ("sportsmed/facet-neurotomy.sv.print-shop.pdf", 10),
    "remote-first": ("rygcenter-syddanmark/facet-denervation.da.remote-print.pdf", 1),
    "remote-last": ("exempelkliniken-norr/facet-denervation.sv.remote-print.pdf", 4),
    "remote-arabic": ("rygcenter-syddanmark/facet-denervation.ar.remote-print.pdf", 4),
    "digital-links": ("exempelkliniken-norr/facet-denervation.sv.digital-a4.pdf", 4),
    "phone": ("neurokirurgisk-ambulatorium/nerve-root-block.da.digital-letter.pdf", 1),
    "phone-arabic": ("rygcenter-syddanmark/facet-denervation.ar.digital-letter.pdf", 1),
    "columns": ("rygcenter-syddanmark/facet-denervation.da.a4-columns.pdf", 1),
    "folder": ("neurokirurgisk-ambulatorium/nerve-root-block.da.a5-folder.pdf", 1),
    "leporello-outside": ("neurokirurgisk-ambulatorium/nerve-root-block.da.leporello.pdf", 1),
    "leporello-inside": ("neurokirurgisk-ambulatorium/nerve-root-block.da.leporello.pdf", 2),
    "card": ("rygcenter-syddanmark/facet-denervation.ar.pocket-card.pdf", 1),
    "exercise-sheet": ("sportsmed/facet-neurotomy.sv.exercise-sheet.pdf", 1),
}


@cache
def pages(pdf: Path) -> tuple[Image.Image, ...]:
    return tuple(page.render(scale=DPI / 72).to_pil().convert("L") for page in pypdfium2.PdfDocument(pdf))


@pytest.mark.parametrize("name", CASES)
def test_the_page_looks_as_it_did(name: str, founding: Path) -> None:
    path, number = CASES[name]
    looks_as_it_did(name, pages(founding / path)[number - 1])


@pytest.mark.parametrize("path", sorted({path for path, _ in CASES.values()}))
def test_no_page_is_blank_but_the_booklet_s_last(path: str, founding: Path) -> None:
    for number, page in enumerate(pages(founding / path), start=1):
        assert any(page.histogram()[:80]), f"{path} page {number}"
