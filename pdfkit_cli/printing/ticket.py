"""The job ticket: how a format must be printed, in the words of a printer, or why that printer cannot. Values in, values out."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Final

from pdfkit_cli.content.models import Format
from pdfkit_cli.content.printers import Printer
from pdfkit_cli.errors import Problem
from pdfkit_cli.printing import ipp
from pdfkit_cli.printing.capabilities import (
    PDF,
    PWG_RASTER,
    PaperSize,
    PrinterCapabilities,
    paper_from_media,
)
from pdfkit_cli.printing.ipp import Attributes, IppValue, Resolution
from pdfkit_cli.printing.problems import make_printing_problem

STAPLES: Final = (4, 20)
"""The finishings “staple” (RFC 8011, 5.2.6) and “staple-top-left” (PWG 5100.1)."""

SADDLE_STITCH: Final = 8
"""The finishing “saddle-stitch” (RFC 8011, 5.2.6): through the fold."""

COLLATED: Final = "separate-documents-collated-copies"
"""Each copy is complete before the next one begins (RFC 8011, 5.2.4)."""

LEAST_DPI: Final = 300
"""The resolution from which small letters are sharp."""

MOST_DPI: Final = 600
"""The greatest resolution that pages are drawn in."""

ONE_SIDED: Final = "one-sided"


@dataclass(frozen=True, slots=True)
class RasterSettings:
    """How pages are drawn for a printer that takes no PDF."""

    resolution: Resolution
    colour: bool
    paper: PaperSize
    sides: str
    sheet_back: str


@dataclass(frozen=True, slots=True)
class JobSize:
    """How much paper a job takes: the pages of its PDF, those on each sheet, and its copies."""

    pages: int
    pages_per_sheet: int
    copies: int

    @property
    def sheets_per_copy(self) -> int:
        return ceil(self.pages / self.pages_per_sheet)

    @property
    def sheets(self) -> int:
        """Sheets of all copies."""
        return self.sheets_per_copy * self.copies


@dataclass(frozen=True, slots=True)
class JobTicket:
    """What is asked of a printer for one leaflet."""

    attributes: Attributes
    document_format: str
    size: JobSize
    essential: frozenset[str]
    """Attributes without which the print would be wrong: a printer that ignores one of them is not sent the leaflet."""

    notes: tuple[str, ...]
    """Codes of what differs from what was set up: `one-sided`, `not-stapled`."""

    raster: RasterSettings | None = None


def make_ticket(
    form: Format, pages: int, copies: int, can: PrinterCapabilities, printer: Printer, others: Mapping[str, Format]
) -> JobTicket | Problem:
    """Return the ticket for a leaflet in a format, or why a printer cannot print it.

    `others` are formats that the leaflet is also handed out in, the best first: the problem names the first one that the printer can.
    """
    ticket = _ticket(form, pages, copies, can, printer)
    if not isinstance(ticket, Problem):
        return ticket
    able = (name for name, other in others.items() if isinstance(_ticket(other, 2, copies, can, printer), JobTicket))
    values = {**ticket.values, "instead": next(able, "")}
    if ticket.code in ("no-short-edge", "no-paper", "paper-not-loaded", "not-for-office") and values["instead"]:
        return make_printing_problem(f"{ticket.code}-instead", **values)
    return ticket


def _ticket(form: Format, pages: int, copies: int, can: PrinterCapabilities, printer: Printer) -> JobTicket | Problem:
    if not form.office_printer:
        return make_printing_problem("not-for-office", format=form.name, printer=printer.name)
    sides = _sides(form, pages, can)
    if form.imposition != "none" and sides != "two-sided-short-edge":
        return make_printing_problem("no-short-edge", format=form.name, printer=printer.name)
    paper = PaperSize.upright(form.paper_size)
    media = _media(paper, can, printer)
    if isinstance(media, Problem):
        return media
    raster = None if PDF in can.document_formats else _raster(paper, sides, can, printer)
    if raster is None and PDF not in can.document_formats:
        return make_printing_problem("no-pdf", printer=printer.name)
    finishing, notes = _finishing(form, pages, sides, can, printer)
    attributes = {
        **media,
        "sides": ipp.keyword(sides),
        "copies": ipp.integer(copies),
        "print-scaling": ipp.keyword("none"),
        **(_collated(can) if copies > 1 else {}),
        **_colour(can, printer),
        **finishing,
    }
    if sides == ONE_SIDED and pages > 1 and can.sides:
        notes = ("one-sided", *notes)
    essential = {*media, *(("sides",) if sides != ONE_SIDED else ()), *(("copies",) if copies > 1 else ())}
    kind = PDF if raster is None else PWG_RASTER
    size = JobSize(pages, _pages_per_sheet(sides), copies)
    return JobTicket(attributes, kind, size, frozenset(essential), notes, raster)


def _sides(form: Format, pages: int, can: PrinterCapabilities) -> str:
    wanted = f"two-sided-{form.duplex}"
    return wanted if wanted in can.sides and pages > 1 and not form.one_page else ONE_SIDED


def _pages_per_sheet(sides: str) -> int:
    return 1 if sides == ONE_SIDED else 2


def _media(paper: PaperSize, can: PrinterCapabilities, printer: Printer) -> Attributes | Problem:
    name = can.media_name(paper)
    if name is None:
        papers = ", ".join(can.papers) or "none"
        return make_printing_problem("no-paper", paper=paper.name, papers=papers, printer=printer.name)
    if tray := printer.tray_of(paper.name):
        if tray not in can.trays or "media-source" not in can.media_members:
            trays = ", ".join(can.trays) or "none"
            return make_printing_problem("no-tray", tray=tray, trays=trays, printer=printer.name)
        return {"media-col": ipp.collection(_media_col(paper_from_media(name) or paper, tray))}
    if can.media_ready and can.media_name(paper, ready=True) is None:
        return make_printing_problem("paper-not-loaded", paper=paper.name, printer=printer.name)
    return {"media": ipp.keyword(name)}


def _media_col(paper: PaperSize, tray: str) -> Mapping[str, tuple[IppValue, ...]]:
    """Return paper and tray in one collection: its sizes are in hundredths of a millimetre (PWG 5100.7, 6.3)."""
    size = {"x-dimension": ipp.integer(round(paper.width * 100)), "y-dimension": ipp.integer(round(paper.height * 100))}
    return {"media-size": ipp.collection(size), "media-source": ipp.keyword(tray)}


def _collated(can: PrinterCapabilities) -> Attributes:
    return {"multiple-document-handling": ipp.keyword(COLLATED)} if COLLATED in can.handlings else {}


def _colour(can: PrinterCapabilities, printer: Printer) -> Attributes:
    modes = ("auto", "color") if printer.colour else ("monochrome", "auto-monochrome")
    mode = next((mode for mode in modes if mode in can.colour_modes), "")
    return {"print-color-mode": ipp.keyword(mode)} if mode else {}


def _finishing(
    form: Format, pages: int, sides: str, can: PrinterCapabilities, printer: Printer
) -> tuple[Attributes, tuple[str, ...]]:
    """Return the staple, where one was asked for and there is more than one sheet, and a note where the printer has none."""
    if not printer.staple or pages <= _pages_per_sheet(sides):
        return {}, ()
    wanted = (SADDLE_STITCH,) if form.imposition == "saddle-stitch" else STAPLES
    able = next((staple for staple in wanted if staple in can.finishings), 0)
    return ({"finishings": ipp.enum(able)}, ()) if able else ({}, ("not-stapled",))


def _raster(paper: PaperSize, sides: str, can: PrinterCapabilities, printer: Printer) -> RasterSettings | None:
    """Return how to draw the pages: in the lowest resolution in which small letters are sharp."""
    dots = [each for each in can.raster_resolutions if each.cross == each.feed and 0 < each.cross <= MOST_DPI]
    types = [kind for kind in ("srgb_8", "sgray_8") if kind in can.raster_types]
    if PWG_RASTER not in can.document_formats or not dots or not types:
        return None
    fine = [each for each in dots if each.cross >= LEAST_DPI]
    chosen = min(fine, key=_dots) if fine else max(dots, key=_dots)
    colour = "srgb_8" in types and (printer.colour or "sgray_8" not in types)
    return RasterSettings(chosen, colour, paper, sides, can.sheet_back)


def _dots(resolution: Resolution) -> int:
    return resolution.cross


def refuse_ignored(ticket: JobTicket, ignored: frozenset[str], printer: Printer) -> Problem | None:
    """Return the problem if a printer says that it would not follow what the print needs."""
    names = sorted(ticket.essential & ignored)
    return make_printing_problem("ignores", names=", ".join(names), printer=printer.name) if names else None
