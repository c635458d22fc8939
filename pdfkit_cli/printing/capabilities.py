"""What a printer can, as far as leaflets are concerned: from its answer to plain values."""

import re
from dataclasses import dataclass
from typing import Final

from pdfkit_cli.printing import ipp
from pdfkit_cli.printing.ipp import Attributes, IntegerRange, Resolution

PDF: Final = "application/pdf"
PWG_RASTER: Final = "image/pwg-raster"

ATTRIBUTE_NAMES: Final = (
    "copies-supported",
    "document-format-supported",
    "finishings-supported",
    "media-col-supported",
    "media-ready",
    "media-source-supported",
    "media-supported",
    "multiple-document-handling-supported",
    "operations-supported",
    "print-color-mode-supported",
    "print-scaling-supported",
    "printer-is-accepting-jobs",
    "printer-make-and-model",
    "printer-state",
    "printer-state-reasons",
    "pwg-raster-document-resolution-supported",
    "pwg-raster-document-sheet-back",
    "pwg-raster-document-type-supported",
    "sides-supported",
)
"""What a printer is asked for: the answer to all that it knows may be a hundred times as long."""


@dataclass(frozen=True, slots=True, order=True)
class PaperSize:
    """A size of paper in mm, upright."""

    width: float
    height: float

    @classmethod
    def upright(cls, size: tuple[float, float]) -> "PaperSize":
        """Return a size as the paper lies in a tray, whichever way the page is turned."""
        return cls(min(size), max(size))

    def matches(self, other: "PaperSize") -> bool:
        """Return whether two sizes are the same paper."""
        return abs(self.width - other.width) <= TOLERANCE and abs(self.height - other.height) <= TOLERANCE

    @property
    def name(self) -> str:
        """What people call it: A4, or width × height."""
        known = (name for name, size in PAPER_NAMES.items() if self.matches(size))
        return next(known, f"{round(self.width)} × {round(self.height)} mm")


TOLERANCE: Final = 1.0
"""Millimetres by which two sizes of the same paper may differ: A5 is 148 or 148.5 mm wide."""

PAPER_NAMES: Final = {
    "A3": PaperSize(297, 420),
    "A4": PaperSize(210, 297),
    "A5": PaperSize(148, 210),
    "A6": PaperSize(105, 148),
    "letter": PaperSize(215.9, 279.4),
    "legal": PaperSize(215.9, 355.6),
}

_MEDIA = re.compile(r"(?!custom_m)[^_]+_.+_(\d{1,5}(?:\.\d{1,4})?)x(\d{1,5}(?:\.\d{1,4})?)(mm|in)(?:_.*)?")
"""The name of a size of paper (PWG 5101.1, 5.1)."""


def paper_from_media(name: str) -> PaperSize | None:
    """Return the size of paper that a media name stands for; None if it stands for none."""
    found = _MEDIA.fullmatch(name)
    if not found:
        return None
    unit = 1.0 if found[3] == "mm" else 25.4
    return PaperSize.upright((float(found[1]) * unit, float(found[2]) * unit))


@dataclass(frozen=True, slots=True)
class PrinterCapabilities:
    """What a printer says that it can, and how it is at the moment."""

    model: str
    accepting: bool
    state: int
    reasons: tuple[str, ...]
    operations: frozenset[int]
    document_formats: frozenset[str]
    sides: frozenset[str]
    media: tuple[str, ...]
    """The names of the sizes that it can take."""

    media_ready: tuple[str, ...]
    """The names of the sizes that are in it now; none where it does not say."""

    trays: tuple[str, ...]
    media_members: frozenset[str]
    scalings: frozenset[str]
    handlings: frozenset[str]
    colour_modes: frozenset[str]
    finishings: frozenset[int]
    max_copies: int
    raster_resolutions: tuple[Resolution, ...]
    raster_types: frozenset[str]
    sheet_back: str

    def media_name(self, size: PaperSize, *, ready: bool = False) -> str | None:
        """Return its name of a size of paper; None if it has none. With `ready`, only of paper that is in it now."""
        for name in self.media_ready if ready else self.media:
            if (paper := paper_from_media(name)) and paper.matches(size):
                return name
        return None

    @property
    def papers(self) -> tuple[str, ...]:
        """What people call the sizes that it can take."""
        found = (paper.name for name in self.media if (paper := paper_from_media(name)))
        return tuple(dict.fromkeys(found))


def read_capabilities(answer: Attributes) -> PrinterCapabilities:
    """Return what a printer can, from its attributes. What is missing or of another type counts as not supported."""
    return PrinterCapabilities(
        model=ipp.first_string(answer, "printer-make-and-model"),
        accepting=_boolean(answer, "printer-is-accepting-jobs"),
        state=ipp.first_integer(answer, "printer-state"),
        reasons=ipp.strings(answer, "printer-state-reasons"),
        operations=frozenset(ipp.integers(answer, "operations-supported")),
        document_formats=frozenset(ipp.strings(answer, "document-format-supported")),
        sides=frozenset(ipp.strings(answer, "sides-supported")),
        media=ipp.strings(answer, "media-supported"),
        media_ready=ipp.strings(answer, "media-ready"),
        trays=ipp.strings(answer, "media-source-supported"),
        media_members=frozenset(ipp.strings(answer, "media-col-supported")),
        scalings=frozenset(ipp.strings(answer, "print-scaling-supported")),
        handlings=frozenset(ipp.strings(answer, "multiple-document-handling-supported")),
        colour_modes=frozenset(ipp.strings(answer, "print-color-mode-supported")),
        finishings=frozenset(ipp.integers(answer, "finishings-supported")),
        max_copies=_max_copies(answer),
        raster_resolutions=_resolutions(answer),
        raster_types=frozenset(ipp.strings(answer, "pwg-raster-document-type-supported")),
        sheet_back=ipp.first_string(answer, "pwg-raster-document-sheet-back") or "normal",
    )


def _boolean(answer: Attributes, name: str) -> bool:
    return any(value.content is True for value in answer.get(name, ()))


def _max_copies(answer: Attributes) -> int:
    ranges = (value.content for value in answer.get("copies-supported", ()))
    return max((found.high for found in ranges if isinstance(found, IntegerRange)), default=1)


def _resolutions(answer: Attributes) -> tuple[Resolution, ...]:
    values = (value.content for value in answer.get("pwg-raster-document-resolution-supported", ()))
    return tuple(found for found in values if isinstance(found, Resolution))
