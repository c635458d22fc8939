"""No page of the founding library has a hole, a stranded heading, a torn list, or what else a typesetter would not let pass.

It is read from the finished PDFs. Each exception is named, with the reason why the layout cannot do without it.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers import page_faults
from tests.helpers.founding_library_build import output_keys
from tests.helpers.printed_blocks import Printed, printed
from tests.helpers.soak_sampling import WHOLE
from tests.helpers.tiny_library import ROOT

FULL = 0.85
"""The share of the type area above which a page that text flows on from may not end."""

UNDIVIDED = {
    ("facet-denervation", "a4"): 0.84,
    ("facet-denervation", "a4-bilingual"): 0.79,
    ("facet-denervation", "a5"): 0.71,
    ("facet-denervation", "a5-booklet"): 0.77,
    ("facet-denervation", "a4-large"): 0.66,
    ("facet-denervation", "remote-print"): 0.83,
    ("facet-neurotomy", "a5"): 0.63,
    ("facet-neurotomy", "a5-booklet"): 0.75,
    ("facet-neurotomy", "print-shop"): 0.76,
    ("facet-neurotomy", "a4-large"): 0.7,
    ("nerve-root-block", "a5"): 0.8,
    ("nerve-root-block", "a5-folder"): 0.82,
    ("nerve-root-block", "a5-folder-screen"): 0.82,
    ("nerve-root-block", "a4-large"): 0.81,
    ("nerve-root-pain-education", "a4-large"): 0.72,
}
"""Where a page may end above that, and where it must end at least.

What comes next is not divided, and needs more than is left: a picture with its legend, what happens when, what to call for with whom to call, an exercise, a topic, what one may and may not do, a phase's heading with its text, the contact panel.
"""

ALLOWED = {
    (
        "lone_ends",
        "facet-neurotomy.sv.a4",
    ): "a paragraph of one line, and to keep it with the list before it costs a page",
    ("lone_ends", "facet-neurotomy.sv.digital-a4"): "the same page",
    ("lone_ends", "facet-neurotomy.sv.remote-print"): "the same",
    ("stranded_headings", "facet-denervation.ar.a5-booklet"): "its paragraph is below it, and has one line",
    (
        "distant_notes",
        "nerve-root-pain-education.da.a4-large",
    ): "three notes of one sentence take half a page of large print",
}

FAULTS = (
    page_faults.stranded_headings,
    page_faults.torn_announcements,
    page_faults.torn_legends,
    page_faults.lone_items,
    page_faults.lone_ends,
    page_faults.distant_notes,
    page_faults.headless_tables,
)

NO_PAGES = {"digital-letter", "pocket-card", "exercise-sheet"}
"""Formats of which everything is on one page."""

FOLDER = ROOT / "layouts/formats"

_MARGINS = re.compile(r"@page \{(?: size: [\w ]+;)? margin: ([^;]+);")
_UPPER_MARGIN = re.compile(r"@page \{ margin-block-start: ([\d.]+)mm")


def paths() -> list[str]:
    """Return a PDF of each text in each format; in `make soak` those of all clinics."""
    found = [path for path, key in output_keys().items() if key.format not in NO_PAGES]
    return found if WHOLE else list({path.partition("/")[2]: path for path in found}.values())


@cache
def form(name: str) -> dict[str, Any]:
    """Return what a format says of itself."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / name / "format.yaml").read_text("utf-8"))
    return found


@cache
def margins(name: str) -> tuple[float, float]:
    """Return the upper and the lower margin of the pages of a format, in mm."""
    css = "\n".join((FOLDER / part).read_text("utf-8") for part in form(name)["css"])
    sides = [float(side.removesuffix("mm")) for side in _MARGINS.findall(css)[-1].split()]
    upper = _UPPER_MARGIN.findall(css)
    return float(upper[-1]) if upper else sides[0], sides[2] if len(sides) > 2 else sides[0]


def opened(path: str, founding: Path) -> Printed:
    key = output_keys()[path]
    two_columns = (key.edition.variant, key.format) == ("short", "a4")
    columns = 2 if two_columns else form(key.format).get("columns", 1)
    return printed((founding / path).read_bytes(), columns)


def cover_pages(path: str) -> int:
    """Return how many pages in front have no text that flows on."""
    key = output_keys()[path].format
    return int("cover" in form(key) and not key.startswith("a5-folder"))


@pytest.mark.parametrize("path", paths())
def test_a_typesetter_would_let_the_pages_pass(path: str, founding: Path) -> None:
    pdf, text = opened(path, founding), path.partition("/")[2].removesuffix(".pdf")
    assert holes(path, pdf) == {}
    assert [fault for fault in faults(pdf) if (fault[0], text) not in ALLOWED] == []


def holes(path: str, pdf: Printed) -> dict[int, float]:
    """Return the pages that end too early, with the share of them that is filled."""
    key = output_keys()[path]
    least = UNDIVIDED.get((key.edition.leaflet, key.format), FULL)
    shares = page_faults.fill_shares(pdf, *margins(key.format), covers="cover" in form(key.format))
    return {page: round(share, 3) for page, share in shares if page > cover_pages(path) and share < least}


def faults(pdf: Printed) -> Iterator[tuple[str, int, str]]:
    for look in FAULTS:
        for page, words in look(pdf):
            yield look.__name__, page, words
