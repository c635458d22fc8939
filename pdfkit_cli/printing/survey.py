"""What the printers of a library can, and what is wrong with them: each is asked."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pdfkit_cli.build.pipeline import BuildRequest, load_project
from pdfkit_cli.content.library import Library
from pdfkit_cli.content.models import Format, format_order
from pdfkit_cli.content.printers import Printer, load_printers
from pdfkit_cli.content.suggestions import did_you_mean
from pdfkit_cli.errors import PdfkitError, Problem
from pdfkit_cli.printing.capabilities import ATTRIBUTE_NAMES, PDF, PWG_RASTER, PrinterCapabilities, read_capabilities
from pdfkit_cli.printing.dispatch import client_of, refuse_printer
from pdfkit_cli.printing.problems import PrintingUsageError, phrase
from pdfkit_cli.printing.progress import read_troubles
from pdfkit_cli.printing.selection import printers_of
from pdfkit_cli.printing.ticket import SADDLE_STITCH, STAPLES, make_ticket

MAX_ASKED: Final = 8
"""Printers that are asked at the same time."""

_STOPPED: Final = 5


@dataclass(frozen=True, slots=True)
class PrinterReport:
    """A printer with what it can and what is wrong, each in a line."""

    short_name: str
    name: str
    place: str
    uri: str
    abilities: tuple[str, ...]
    problems: tuple[str, ...]


def survey_printers(library: Path, clinic: str = "") -> tuple[PrinterReport, ...]:
    """Ask all printers, or those of a clinic, at the same time. Raises UsageError or SourceError."""
    loaded, layouts = load_project(BuildRequest(library))
    if clinic and clinic not in loaded.clinics:
        raise PrintingUsageError("clinic-unknown", name=clinic, near=did_you_mean(clinic, loaded.clinics))
    printers = load_printers(library)
    asked = printers_of(printers, clinic) if clinic else printers.root
    with ThreadPoolExecutor(MAX_ASKED) as threads:
        reports = threads.map(lambda item: _report(item[0], item[1], loaded, layouts.formats), asked.items())
        return tuple(reports)


def _report(short_name: str, printer: Printer, library: Library, formats: Mapping[str, Format]) -> PrinterReport:
    wrong = [f"there is no clinic “{each}”" for each in printer.clinics if each not in library.clinics]
    abilities: tuple[str, ...] = ()
    try:
        can = read_capabilities(client_of(printer).printer_attributes(*ATTRIBUTE_NAMES))
        abilities = tuple(describe_abilities(can, printer, formats))
        wrong += printer_faults(can, printer)
    except PdfkitError as error:
        wrong.append(str(error.problem))
    return PrinterReport(short_name, printer.name, printer.place, printer.uri, abilities, tuple(wrong))


def describe_abilities(can: PrinterCapabilities, printer: Printer, formats: Mapping[str, Format]) -> Iterator[str]:
    """Yield lines on what a printer can, and which formats it cannot print, with the reasons."""
    turns = [edge for edge in ("long-edge", "short-edge") if f"two-sided-{edge}" in can.sides]
    sides = f"both sides ({', '.join(turns)})" if turns else "one side"
    kind = "PDF" if PDF in can.document_formats else "PWG Raster" if PWG_RASTER in can.document_formats else "no PDF"
    stitches = {SADDLE_STITCH, *STAPLES} & can.finishings
    staples = ", staples" if stitches else ""
    colour = "colour" if "color" in can.colour_modes else "grey"
    yield f"{can.model or 'unknown model'}: {sides}; {', '.join(can.papers) or 'no known paper'}; {kind}; {colour}{staples}"
    if can.trays:
        yield f"trays: {', '.join(can.trays)}"
    for name in sorted(formats, key=lambda each: format_order(formats, each)):
        if formats[name].office_printer:
            made = make_ticket(formats[name], 2, 1, can, printer, {})
            if isinstance(made, Problem):
                yield f"not {name}: {made.message}"


def printer_faults(can: PrinterCapabilities, printer: Printer) -> Iterator[str]:
    """Yield what has to be put right at a printer, or in its entry."""
    if problem := refuse_printer(can, printer):
        yield str(problem)
    for trouble in read_troubles(can.reasons, waits=can.state == _STOPPED):
        yield phrase(f"trouble-{trouble}")
    for tray in printer.trays:
        if tray not in can.trays:
            yield f"it has no tray “{tray}”; it has: {', '.join(can.trays) or 'none'}"
    if printer.staple and not {SADDLE_STITCH, *STAPLES} & can.finishings:
        yield "it does not staple; remove “staple” from printers.yaml"
    if not can.media:
        yield "it does not say which paper it takes"
