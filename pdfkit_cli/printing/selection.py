"""What to print, and where: only leaflets that may be handed out, on a printer of the clinic."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pdfkit_cli.build.pipeline import Project
from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.content.models import Format, format_order
from pdfkit_cli.content.printers import Printer, Printers
from pdfkit_cli.content.suggestions import did_you_mean
from pdfkit_cli.output.catalogue.cards import LeafletState, leaflet_state
from pdfkit_cli.packs.selection import find_leaflet, offered_outputs, select_clinic, select_output
from pdfkit_cli.printing.problems import PrintingError, PrintingUsageError

MAX_COPIES = 500
"""Copies of one order: more are a task for a print shop."""


@dataclass(frozen=True, slots=True)
class PrintRequest:
    """What somebody wants printed. An empty clinic, language, format or printer is chosen if there is only one sensible answer."""

    leaflets: tuple[str, ...]
    clinic: str = ""
    language: str = ""
    format: str = ""
    copies: int = 1
    printer: str = ""
    from_sheet: int = 1
    """The sheet to begin the first copy with; the others are complete."""

    sets: bool = False
    """Sorted: the copies as sets with one of each leaflet, and not all copies of one leaflet after those of another."""


@dataclass(frozen=True, slots=True)
class ChosenLeaflet:
    """A PDF to print, its format, and the other formats in which the leaflet is handed out, the best first."""

    output_key: OutputKey
    form: Format
    others: Mapping[str, Format]


@dataclass(frozen=True, slots=True)
class PrintSelection:
    """The chosen printer, with its short name, and the leaflets in the order of the request."""

    printer_name: str
    printer: Printer
    leaflets: tuple[ChosenLeaflet, ...]


def select_prints(project: Project, printers: Printers, wanted: PrintRequest, today: date) -> PrintSelection:
    """Choose printer and PDFs.

    Raises UsageError if something does not exist, and PrintingError if a leaflet may not be handed out today.
    """
    _check_numbers(wanted)
    names = tuple(find_leaflet(project.library, name) for name in wanted.leaflets)
    for name in names:
        check_printable(project, name, today)
    clinic = select_clinic(project, names, wanted.clinic)
    printer_name = select_printer(printers, clinic, wanted.printer)
    language = wanted.language or project.library.clinics[clinic].model.language
    chosen = tuple(_choose(project, name, clinic, language, wanted.format) for name in names)
    return PrintSelection(printer_name, printers.root[printer_name], chosen)


def check_printable(project: Project, leaflet: str, today: date) -> None:
    """Raise PrintingError if a leaflet may not be handed out today: the same rule as at the desk."""
    entry = project.library.leaflets[leaflet]
    state = leaflet_state(entry, today, 0)
    if not state.printable:
        code = {
            LeafletState.WITHDRAWN: "withdrawn",
            LeafletState.SUPERSEDED: "superseded",
            LeafletState.RECALLED: "recalled",
        }.get(state, "overdue")
        raise PrintingError(
            code,
            leaflet=leaflet,
            successor=entry.model.superseded_by,
            date=entry.model.review_by,
            because=entry.recall.because if entry.recall else "",
        )


def printers_of(printers: Printers, clinic: str) -> Mapping[str, Printer]:
    """Return the printers of a clinic, by their short names."""
    return {name: printer for name, printer in printers.root.items() if printer.serves(clinic)}


def select_printer(printers: Printers, clinic: str, wanted: str) -> str:
    """Return the short name of a clinic's printer, given that or what people call it. Raises PrintingUsageError."""
    own = printers_of(printers, clinic)
    if not wanted:
        if not own:
            raise PrintingUsageError("no-printers")
        if len(own) > 1:
            raise PrintingUsageError("printer-open", clinic=clinic, names=", ".join(own))
        return next(iter(own))
    found = [name for name, printer in printers.root.items() if wanted in (name, printer.name)]
    if not found:
        raise PrintingUsageError("printer-unknown", name=wanted, near=did_you_mean(wanted, printers.root))
    if found[0] not in own:
        raise PrintingUsageError("printer-elsewhere", name=wanted, clinic=clinic, names=", ".join(own) or "none")
    return found[0]


def _check_numbers(wanted: PrintRequest) -> None:
    if not 1 <= wanted.copies <= MAX_COPIES:
        raise PrintingUsageError("copies", copies=wanted.copies, most=MAX_COPIES)
    if wanted.from_sheet != 1 and len(wanted.leaflets) > 1:
        raise PrintingUsageError("sheet-copies")


def _choose(project: Project, leaflet: str, clinic: str, language: str, wanted: str) -> ChosenLeaflet:
    formats = project.layouts.formats
    offered = offered_outputs(project, leaflet, clinic, language)
    ordered = sorted(
        (name for name in offered if formats[name].office_printer), key=lambda name: format_order(formats, name)
    )
    able = [wanted] if wanted else [name for name in ordered if not formats[name].on_request]
    output_key = select_output(project, leaflet, clinic, language, able, wanted or "a format for office printers")
    others = {name: formats[name] for name in ordered if name != output_key.format}
    return ChosenLeaflet(output_key, formats[output_key.format], others)
