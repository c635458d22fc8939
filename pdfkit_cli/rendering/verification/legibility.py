"""Text on a page that cannot be read: cut off, on other text, without glyphs, or in the colour of its background."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from pdfkit_cli.content.contrast import Rgb, rgb_contrast_ratio
from pdfkit_cli.pdf.geometry import Box, contains, intersect
from pdfkit_cli.pdf.reader.content_stream import ARTIFACT, CAP_HEIGHT, Colour, TextRun
from pdfkit_cli.pdf.reader.document import PageContent

Margins: TypeAlias = tuple[float, float, float, float]
"""Left, bottom, right, top of a page, in points."""

EDGE_TOLERANCE: Final = 0.75
"""Points by which a letter may reach over an edge: overhanging letters, and rounding."""

MARGIN_TOLERANCE: Final = 1.5
"""Points by which text may reach into the margins: punctuation and spaces at the end of a line."""

DESCENT: Final = 0.15
"""Depth below the baseline in ems that letters fill, without most of their descenders."""

OVERLAP_TOLERANCE: Final = 1.0
"""Points, both ways, by which two lines may overlap: descenders and accents."""

MIN_CONTRAST: Final = 1.5
"""The least contrast ratio (WCAG 2.1) at which text can be told from its background."""

UNSEEN_ALPHA: Final = 0.2
"""An opacity under which text cannot be told from its background: black on white at 0.2 has a contrast of 1.6."""

PAPER: Final[Colour] = (1.0,)
"""White, in grey."""


class IllegibleReason(StrEnum):
    """Why a run cannot be read, as it follows the quoted run in a message."""

    MISSING_GLYPH = "has letters that no font has"
    OFF_PAGE = "reaches over the edge of the page"
    CUT_OFF = "is cut off"
    IN_MARGIN = "is in the margin of the page"
    OVERLAP = "overlaps"
    NO_CONTRAST = "cannot be told from its background"
    OTHER_GLYPHS = "is painted with the glyphs of another text"


@dataclass(frozen=True, slots=True)
class IllegibleRun:
    """A run that cannot be read, and the run that it overlaps, if that is why."""

    page: PageContent
    run: TextRun
    reason: IllegibleReason
    other: TextRun | None = None

    def __str__(self) -> str:
        other = f" “{excerpt(self.other)}”" if self.other else ""
        return f"“{excerpt(self.run)}” {self.reason}{other}, on page {self.page.number}"


def find_illegible(page: PageContent, margins: Margins | None = None) -> Iterator[IllegibleRun]:
    """Yield the illegible runs of a page. With `margins`, content in them counts too."""
    area = text_area(page.box, margins) if margins else None
    for run in page.runs:
        if reason := _illegible_reason(page, run, area):
            yield IllegibleRun(page, run, reason)
    yield from _overlaps(page)
    yield from _invisible_runs(page)


def text_area(box: Box, margins: Margins) -> Box:
    """Return the part of a page inside its margins."""
    return box[0] + margins[0], box[1] + margins[1], box[2] - margins[2], box[3] - margins[3]


def _illegible_reason(page: PageContent, run: TextRun, area: Box | None) -> IllegibleReason | None:
    if run.missing:
        return IllegibleReason.MISSING_GLYPH
    if overhangs(run.box, page.box):
        return IllegibleReason.OFF_PAGE
    if overhangs(run.box, run.clip):
        return IllegibleReason.CUT_OFF
    if area and run.mark != ARTIFACT and not contains(area, run.box, MARGIN_TOLERANCE):
        return IllegibleReason.IN_MARGIN
    return None


def overhangs(box: Box, edge: Box) -> bool:
    """Return whether a box reaches over an edge by more than a letter may."""
    return not contains(edge, box, EDGE_TOLERANCE)


def letter_band(run: TextRun) -> Box:
    """Return the part of a line that letters fill."""
    left, bottom, right, top = run.box
    return left, bottom - (top - bottom) * DESCENT / CAP_HEIGHT, right, top


def _overlaps(page: PageContent) -> Iterator[IllegibleRun]:
    """Yield runs that overlap another run, from the bottom of the page upwards."""
    bands = sorted(((letter_band(run), run) for run in page.runs), key=lambda item: item[0][1])
    for at, (box, run) in enumerate(bands):
        for other_box, other in bands[at + 1 :]:
            if other_box[1] > box[3] - OVERLAP_TOLERANCE:
                break
            shared = intersect(box, other_box)
            if shared[2] - shared[0] > OVERLAP_TOLERANCE and shared[3] - shared[1] > OVERLAP_TOLERANCE:
                yield IllegibleRun(page, run, IllegibleReason.OVERLAP, other)


def excerpt(run: TextRun) -> str:
    """Return the text of a run as it is in the file, cut short."""
    words = "".join(run.glyphs).strip()
    return words if len(words) <= 40 else words[:39] + "…"


def _invisible_runs(page: PageContent) -> Iterator[IllegibleRun]:
    """Yield runs in the colour of the area beneath them. Paper is white; images and patterns are not judged."""
    fills = [(intersect(ink.box, ink.clip), ink.colour) for ink in page.inks if ink.solid]
    for run in page.runs:
        background: Colour | None = PAPER
        for box, colour in reversed(fills):
            if not overhangs(run.box, box):
                background = colour
                break
        if run.alpha < UNSEEN_ALPHA or (background and run.colour and _contrast(run.colour, background) < MIN_CONTRAST):
            yield IllegibleRun(page, run, IllegibleReason.NO_CONTRAST)


def _contrast(one: Colour, other: Colour) -> float:
    return rgb_contrast_ratio(_rgb(one), _rgb(other))


def _rgb(colour: Colour) -> Rgb:
    """Return grey, RGB or, roughly, CMYK as RGB."""
    if len(colour) == 4:
        colour = tuple((1 - part) * (1 - colour[3]) for part in colour[:3])
    red, green, blue = colour * 3 if len(colour) == 1 else colour
    return red, green, blue
