"""From leaflets to paper: chooses, builds, asks the printer, and prints; what the command line and the desk call."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pdfkit_cli.build import output_folder
from pdfkit_cli.build.pipeline import BuildRequest, Project, open_project
from pdfkit_cli.content.models import Format
from pdfkit_cli.content.printers import Printer, load_printers
from pdfkit_cli.errors import PdfkitError, Problem
from pdfkit_cli.output import published_file
from pdfkit_cli.packs.assembly import Enclosure
from pdfkit_cli.packs.issue_log import IssuedLeaflet, IssueWay, append_once
from pdfkit_cli.packs.selection import ensure_built
from pdfkit_cli.printing.capabilities import ATTRIBUTE_NAMES, PrinterCapabilities, read_capabilities
from pdfkit_cli.printing.client import IppClient, Operation, PrinterAddress
from pdfkit_cli.printing.orders import JobRecord, JobStage, PrintOrder, open_order, request_digest
from pdfkit_cli.printing.press import Press, PrintJob, pages_from
from pdfkit_cli.printing.problems import PrintingError, PrintingUsageError, make_printing_problem, printing_error
from pdfkit_cli.printing.progress import JobPhase, JobProgress, Remainder, remainder, seems_one_sided
from pdfkit_cli.printing.raster import draw_raster
from pdfkit_cli.printing.selection import ChosenLeaflet, PrintRequest, PrintSelection, select_prints
from pdfkit_cli.printing.ticket import JobSize, JobTicket, RasterSettings, make_ticket, refuse_ignored

MAX_JOBS: Final = 200
"""Jobs of one order: sorted copies are a job for each leaflet of each set."""

NEEDED_OPERATIONS: Final = {
    Operation.CREATE_JOB: "Create-Job",
    Operation.SEND_DOCUMENT: "Send-Document",
    Operation.GET_JOB_ATTRIBUTES: "Get-Job-Attributes",
    Operation.CANCEL_JOB: "Cancel-Job",
}
"""What a printer must be able to do so that nothing is printed twice; IPP Everywhere requires all of it."""


@dataclass(frozen=True, slots=True)
class BuiltLeaflet:
    """A leaflet to print that is up to date, and the pages of its PDF."""

    enclosure: Enclosure
    pages: int


@dataclass(frozen=True, slots=True)
class PrintPart:
    """What is printed as jobs of its own: a leaflet, or a letter.

    `title` is what the printer shows of it, and `identity` what makes two orders the same.
    `read` returns its PDF without the pages before one, counted from 0, and `draw` its pages for a printer that takes no PDF.
    `issued` is what the issue log counts when it has been sent.
    """

    title: str
    identity: str
    form: Format
    pages: int
    read: Callable[[int], bytes]
    issued: Sequence[IssuedLeaflet]
    others: Mapping[str, Format] = field(default_factory=dict)
    draw: Callable[[bytes, RasterSettings], bytes] = draw_raster


@dataclass(frozen=True, slots=True)
class JobReport:
    """What became of a job: `problem` is None if all of it was printed. `notes` are codes of remarks, which are no problems.

    `part` is the number of what was printed, counted from 0; `rest` is what is missing of it, None if that is nothing.
    """

    title: str
    copies: int
    outcome: str
    sheets: int
    problem: Problem | None
    notes: tuple[str, ...]
    part: int = 0
    rest: Remainder | None = None


@dataclass(frozen=True, slots=True)
class PrintReport:
    """What became of an order."""

    order: str
    printer: str
    jobs: tuple[JobReport, ...]

    @property
    def clean(self) -> bool:
        """Whether all of it was printed."""
        return all(job.problem is None for job in self.jobs)


ProgressTeller = Callable[[str, JobProgress], None]
"""Is called with the title of a job and how far it is, whenever that has changed."""


def print_leaflets(
    request: BuildRequest, wanted: PrintRequest, tell: ProgressTeller, *, order: str = "", again: bool = False
) -> PrintReport:
    """Print leaflets and wait for the end; an order that was begun before is completed, and nothing is printed twice.

    `order` is a name for it: the same name prints once, however often this is called.
    Raises PdfkitError with what to do.
    """
    project = open_project(request)
    chosen = select_prints(project, load_printers(request.library), wanted, request.as_of)
    return print_selection(project, request, wanted, chosen, tell, order=order, again=again)


def print_selection(
    project: Project,
    request: BuildRequest,
    wanted: PrintRequest,
    chosen: PrintSelection,
    tell: ProgressTeller,
    *,
    order: str = "",
    again: bool = False,
) -> PrintReport:
    """Print what was chosen, built first where it is missing or out of date; see `print_leaflets`."""
    built = _built(project, request, chosen.leaflets)
    return print_built(request.out, wanted, chosen, built, tell, order=order, again=again)


def print_built(
    out: Path,
    wanted: PrintRequest,
    chosen: PrintSelection,
    built: Sequence[BuiltLeaflet],
    tell: ProgressTeller,
    *,
    order: str = "",
    again: bool = False,
) -> PrintReport:
    """Print leaflets that are built, in the order of the choice; `out` has the record of orders. See `print_leaflets`."""
    parts = [leaflet_part(leaflet, made) for leaflet, made in zip(chosen.leaflets, built, strict=True)]
    return print_parts(out, wanted, chosen, parts, tell, order=order, again=again)


def leaflet_part(leaflet: ChosenLeaflet, built: BuiltLeaflet) -> PrintPart:
    """Return a leaflet as it is printed."""
    enclosure, output_key = built.enclosure, leaflet.output_key

    def read(first_page: int) -> bytes:
        return pages_from(published_file.read_verified(enclosure.path, enclosure.sha256), first_page)

    title = f"{enclosure.id} {output_key.edition.language} {output_key.format}"
    return PrintPart(title, output_key.path, leaflet.form, built.pages, read, (enclosure,), leaflet.others)


def print_parts(
    out: Path,
    wanted: PrintRequest,
    chosen: PrintSelection,
    parts: Sequence[PrintPart],
    tell: ProgressTeller,
    *,
    order: str = "",
    again: bool = False,
) -> PrintReport:
    """Print parts in their order on the chosen printer. See `print_leaflets`."""
    order_of = _Batch(out, wanted, chosen.printer, parts)
    client = client_of(chosen.printer)
    can = read_capabilities(client.printer_attributes(*ATTRIBUTE_NAMES))
    if problem := refuse_printer(can, chosen.printer):
        raise printing_error(problem, "")
    plan = _plan(len(parts), wanted, can.max_copies)
    digest = request_digest(wanted, chosen.printer_name, [part.identity for part in parts])
    with open_order(out, digest, plan, name=order, again=again) as opened:
        unsent = order_of.unsent_jobs(opened, can)
        _validate(client, chosen.printer, unsent.values())
        press = Press(
            client,
            chosen.printer,
            opened,
            unsent,
            lambda index, progress: tell(parts[opened.jobs[index].leaflet].title, progress),
            lambda index: order_of.log_issue(opened, index),
        )
        press.run()
        reports = [
            order_of.report(opened, index, unsent.get(index), press.seen.get(index))
            for index in range(len(opened.jobs))
        ]
        return PrintReport(opened.name, chosen.printer.name, tuple(reports))


class _Batch:
    """The parts of an order."""

    def __init__(self, out: Path, wanted: PrintRequest, printer: Printer, parts: Sequence[PrintPart]) -> None:
        self._out, self._wanted, self._printer, self._parts = out, wanted, printer, parts
        self._unlogged, self._logged = set[int](), set[int]()

    def log_issue(self, order: PrintOrder, index: int) -> None:
        """Enter in the issue log, once, that a job was sent; the rest, after a jam, is entered already."""
        job = order.jobs[index]
        issued = self._parts[job.leaflet].issued
        if index in self._logged or self._wanted.from_sheet > 1 or not issued:
            return
        self._logged.add(index)
        number = f"{order.number}-{index + 1}"
        try:
            append_once(self._out, issued, number, datetime.now(UTC), IssueWay.PRINTER, job.copies)
        except (OSError, PdfkitError):
            self._unlogged.add(index)

    def unsent_jobs(self, order: PrintOrder, can: PrinterCapabilities) -> Mapping[int, PrintJob]:
        """Return what is to be sent for each job of which it is certain that it was not. Raises PrintingError."""
        waiting = (JobStage.NEW, JobStage.CREATED, JobStage.SENDING)
        return {index: self._job(index, job, can) for index, job in enumerate(order.jobs) if job.stage in waiting}

    def _job(self, index: int, job: JobRecord, can: PrinterCapabilities) -> PrintJob:
        part = self._parts[job.leaflet]
        first = self._first_page(job, can) if index == 0 else 0
        ticket = self._ticket(job, part.pages - first, can)
        return PrintJob(part.title, ticket, lambda: part.read(first), part.draw)

    def _first_page(self, job: JobRecord, can: PrinterCapabilities) -> int:
        """Return the page to begin with, counted from 0."""
        part = self._parts[job.leaflet]
        size = self._ticket(job, part.pages, can).size
        if not 1 <= self._wanted.from_sheet <= size.sheets_per_copy:
            raise PrintingUsageError(
                "sheet-range", leaflet=part.title, sheets=size.sheets_per_copy, sheet=self._wanted.from_sheet
            )
        return (self._wanted.from_sheet - 1) * size.pages_per_sheet

    def _ticket(self, job: JobRecord, pages: int, can: PrinterCapabilities) -> JobTicket:
        part = self._parts[job.leaflet]
        made = make_ticket(part.form, pages, job.copies, can, self._printer, part.others)
        if isinstance(made, Problem):
            raise printing_error(made, part.title)
        return made

    def report(self, order: PrintOrder, index: int, job: PrintJob | None, seen: JobProgress | None) -> JobReport:
        """Return what became of a job; `job` is None if it was sent before, and `seen` how far it was last."""
        record = order.jobs[index]
        notes = tuple(f"note-{note}" for note in job.ticket.notes) if job else ()
        if index in self._unlogged:
            notes = (*notes, "note-not-logged")
        if seen and record.size and not self._printer.cups and seems_one_sided(seen, record.size):
            notes = (*notes, "note-seems-one-sided")
        title, problem, rest = self._parts[record.leaflet].title, None, None
        if record.outcome != JobPhase.DONE:
            problem, rest = _ended_early(record, title, self._wanted.from_sheet - 1 if index == 0 else 0)
        return JobReport(title, record.copies, record.outcome, record.sheets, problem, notes, record.leaflet, rest)


def _plan(parts: int, wanted: PrintRequest, most: int) -> list[tuple[int, int]]:
    """Return the jobs of an order. From a later sheet on, the copy that is continued is a job of its own."""
    if wanted.from_sheet == 1:
        return plan_jobs(parts, wanted.copies, most, sets=wanted.sets)
    return [(0, 1), *plan_jobs(1, wanted.copies - 1, most, sets=False)]


def plan_jobs(leaflets: int, copies: int, most: int, *, sets: bool) -> list[tuple[int, int]]:
    """Return the jobs of an order: the leaflet of each, counted from 0, and its copies, of which a printer makes `most` at once.

    Raises PrintingUsageError if they are too many.
    """
    if sets and leaflets > 1:
        jobs = [(leaflet, 1) for _ in range(copies) for leaflet in range(leaflets)]
    else:
        parts = [min(most, copies - done) for done in range(0, copies, max(most, 1))]
        jobs = [(leaflet, part) for leaflet in range(leaflets) for part in parts]
    if len(jobs) > MAX_JOBS:
        raise PrintingUsageError("too-many-jobs", count=len(jobs))
    return jobs


def client_of(printer: Printer) -> IppClient:
    """Return the client of a printer."""
    return IppClient(PrinterAddress(printer.uri, printer.fingerprint), printer.name)


def refuse_printer(can: PrinterCapabilities, printer: Printer) -> Problem | None:
    """Return why a printer takes no leaflets at all at the moment; None if it does."""
    if lacking := [name for operation, name in NEEDED_OPERATIONS.items() if operation not in can.operations]:
        return make_printing_problem("cannot-follow", printer=printer.name, names=", ".join(lacking))
    return None if can.accepting else make_printing_problem("not-accepting", printer=printer.name)


def _built(project: Project, request: BuildRequest, leaflets: Sequence[ChosenLeaflet]) -> list[BuiltLeaflet]:
    """Return the PDFs, built where they are missing or out of date. Raises PrintingError."""
    output_keys = [leaflet.output_key for leaflet in leaflets]
    built = ensure_built(project, request, list(dict.fromkeys(output_keys)))
    found: list[Enclosure] = []
    for output_key in output_keys:
        made = built[output_key]
        if isinstance(made, Problem):
            remedy = made.hint or "look at the reason with: pdfkit check"
            raise PrintingError("not-built", leaflet=output_key.edition.leaflet, reason=made.message, remedy=remedy)
        found.append(made)
    published = output_folder.read_manifest(request.out).files
    pages = [published[output_key.path].pages for output_key in output_keys]
    return [BuiltLeaflet(made, count) for made, count in zip(found, pages, strict=True)]


def _validate(client: IppClient, printer: Printer, jobs: Iterable[PrintJob]) -> None:
    """Ask the printer of each leaflet whether it would follow its ticket. Raises PrintingError."""
    for job in {job.title: job for job in jobs}.values():
        ignored = client.validate(job.ticket.attributes, job.ticket.document_format)
        if problem := refuse_ignored(job.ticket, ignored, printer):
            raise printing_error(problem, job.title)


def _ended_early(record: JobRecord, title: str, sheets_before: int) -> tuple[Problem, Remainder | None]:
    """Return what to say of a job that ended early, and what is missing; it began after `sheets_before` of its first copy."""
    size = record.size or JobSize(1, 1, record.copies)
    words = JobProgress(JobPhase(record.outcome), record.sheets, size.sheets).words()
    rest = remainder(record.sheets, size.sheets_per_copy, size.copies, sheets_before)
    problem = make_printing_problem(
        "job-ended", title=title, words=words, sheet=rest.from_sheet, after=rest.copies_after
    )
    return problem, rest if record.sheets < size.sheets else None
