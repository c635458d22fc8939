"""Text and pictures that stand on a page and cannot be read or seen there: cut off, on top of each other, without glyphs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from pdfkit_cli.pdf.reader.content_stream import ARTIFACT, CAP_HEIGHT, Box, Colour, TextRun, intersect
from pdfkit_cli.pdf.reader.document import PageContent

Margins: TypeAlias = tuple[float, float, float, float]
"""Left, bottom, right, top of a page, in points."""

EDGE_TOLERANCE: Final = 0.75
"""Points by which a letter may reach over an edge: overhanging letters, and rounding."""

MARGIN_TOLERANCE: Final = 1.5
"""Points by which text may reach into the margins: punctuation and spaces at a line end."""

DESCENT: Final = 0.15
"""Depth under the baseline in ems that letters fill, most of their tails left out."""

OVERLAP_TOLERANCE: Final = 1.0
"""Points, both ways, that two lines may share: tails and accents."""

MIN_CONTRAST: Final = 1.5
"""A contrast (WCAG 2.1, relative luminance) under which a text cannot be told from its ground."""

UNSEEN_ALPHA: Final = 0.2
"""An opacity under which a text cannot be told from its ground: black on white at 0.2 has a contrast of 1.6."""


@dataclass(frozen=True, slots=True)
class IllegibleRun:
    """A run that cannot be read, and why, to stand behind its words."""

    page: PageContent
    run: TextRun
    why: str


def find_illegible(page: PageContent, margins: Margins | None = None) -> Iterator[IllegibleRun]:
    """Yield what cannot be read on a page. With `margins`, content may not stand in them either."""
    area = _inside(page.box, margins) if margins else None
    for run in page.runs:
        if why := _illegible_reason(page, run, area):
            yield IllegibleRun(page, run, why)
    yield from _overlaps(page)
    yield from _invisible_runs(page)


def _inside(box: Box, margins: Margins) -> Box:
    return box[0] + margins[0], box[1] + margins[1], box[2] - margins[2], box[3] - margins[3]


def _illegible_reason(page: PageContent, run: TextRun, area: Box | None) -> str:
    if run.missing:
        return "has letters that no font has"
    if _overhang(run.box, page.box, EDGE_TOLERANCE):
        return "stands over the edge of the page"
    if _overhang(run.box, run.clip, EDGE_TOLERANCE):
        return "is cut off"
    if area and run.mark != ARTIFACT and _overhang(run.box, area, MARGIN_TOLERANCE):
        return "stands in the margin of the page"
    return ""


def overhangs(box: Box, edge: Box) -> bool:
    """Say whether a box reaches over an edge by more than a letter may."""
    return _overhang(box, edge, EDGE_TOLERANCE)


def _overhang(box: Box, edge: Box, slack: float) -> bool:
    return box[0] < edge[0] - slack or box[1] < edge[1] - slack or box[2] > edge[2] + slack or box[3] > edge[3] + slack


def letter_band(run: TextRun) -> Box:
    """Return the part of a line that letters fill."""
    left, bottom, right, top = run.box
    return left, bottom - (top - bottom) * DESCENT / CAP_HEIGHT, right, top


def _overlaps(page: PageContent) -> Iterator[IllegibleRun]:
    """Yield runs that another run stands on, from the bottom of the page upwards."""
    bands = sorted(((letter_band(run), run) for run in page.runs), key=lambda item: item[0][1])
    for at, (box, run) in enumerate(bands):
        for other_box, other in bands[at + 1 :]:
            if other_box[1] > box[3] - OVERLAP_TOLERANCE:
                break
            shared = intersect(box, other_box)
            if shared[2] - shared[0] > OVERLAP_TOLERANCE and shared[3] - shared[1] > OVERLAP_TOLERANCE:
                yield IllegibleRun(page, run, f"stands on “{excerpt(other)}”")


def excerpt(run: TextRun) -> str:
    """Return the words of a run as they stand in the file, cut short."""
    words = "".join(run.glyphs).strip()
    return words if len(words) <= 40 else words[:39] + "…"


def _invisible_runs(page: PageContent) -> Iterator[IllegibleRun]:
    """Yield runs in the colour of what was painted last beneath them; paper is white, a picture or a pattern could be anything."""
    fills = [(intersect(ink.box, ink.clip), ink.colour) for ink in page.inks if ink.solid]
    for run in page.runs:
        ground: Colour | None = (1.0,)
        for box, colour in reversed(fills):
            if not _overhang(run.box, box, EDGE_TOLERANCE):
                ground = colour
                break
        if run.alpha < UNSEEN_ALPHA or (ground and run.colour and _contrast(run.colour, ground) < MIN_CONTRAST):
            yield IllegibleRun(page, run, "cannot be told from its ground")


def _contrast(one: Colour, other: Colour) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    """Return the relative luminance (WCAG 2.1) of grey, RGB or, roughly, CMYK."""
    if len(colour) == 1:
        colour = colour * 3
    if len(colour) == 4:
        colour = tuple((1 - part) * (1 - colour[3]) for part in colour[:3])
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
