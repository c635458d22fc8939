"""Print a leaflet on a printer of the clinic, without the browser's print window, and say how far it is until the end."""

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pdfkit_cli.build.pipeline import Project
from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.content.models import format_order
from pdfkit_cli.content.printers import Printer
from pdfkit_cli.desk import on_demand_build, print_jobs
from pdfkit_cli.desk.issue_views import chart_line
from pdfkit_cli.desk.library_state import LibraryState
from pdfkit_cli.desk.templating import (
    ProblemError,
    authorised_output,
    chosen_phrases,
    desk_state,
    parse_page_number,
    render_template,
    requested_clinic,
)
from pdfkit_cli.errors import PdfkitError, Problem
from pdfkit_cli.printing import dispatch
from pdfkit_cli.printing.dispatch import BuiltLeaflet
from pdfkit_cli.printing.orders import is_order_name
from pdfkit_cli.printing.problems import PHRASES, phrase, printing_words
from pdfkit_cli.printing.progress import JobProgress
from pdfkit_cli.printing.selection import ChosenLeaflet, PrintRequest, PrintSelection, printers_of
from pdfkit_cli.system import fault_log
from pdfkit_cli.system.phrases import load_phrases

MAX_FORM_FIELDS: Final = 10

MAX_ORDERS: Final = 20
"""Orders that are printed at the same time: each has a thread that waits for its printer."""

MAX_KNOWN: Final = 1000
"""Orders whose end is remembered; older ones are in their files."""

_SURELY_OVER: Final = frozenset({"job-ended", "order-unknown", "order-forgotten"})
"""Problems after which the next press is a new order: somebody was told to look in the tray. Others are tried again."""


@dataclass(frozen=True, slots=True)
class PressState:
    """How far the order of one press is."""

    clinic: str
    running: bool = True
    progress: JobProgress | None = None
    problem: Problem | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether the next press is a new order."""
        return not self.running and (self.problem is None or self.problem.code in _SURELY_OVER)

    def words(self, language: str) -> str:
        """Return it in the language of the desk."""
        if self.problem:
            return " ".join(_problem_words(self.problem, language))
        said = self.progress.words(language) if self.progress else phrase("job-waiting", language)
        return ". ".join((said, *(phrase(note, language) for note in self.notes)))


def _problem_words(problem: Problem, language: str) -> tuple[str, str]:
    if problem.code not in load_phrases(PHRASES, language)["problems"]:
        return problem.message, problem.hint
    why, do = printing_words(problem.code, language, dict(problem.values))
    return f"{why[:1].upper()}{why[1:]}.", f"{do[:1].upper()}{do[1:].removesuffix('.')}."


class PressRoom:
    """The orders of one desk, by their names. Thread-safe."""

    def __init__(self) -> None:
        self._lock, self._orders = threading.Lock(), dict[str, PressState]()

    def state(self, order: str) -> PressState | None:
        """Return how far an order is; None if this desk does not know it."""
        return self._orders.get(order)

    def start(self, order: str, clinic: str, run: Callable[[Callable[[JobProgress], None]], PressState]) -> None:
        """Run an order in a thread, unless it is running or over. Raises ProblemError if there are too many."""
        with self._lock:
            known = self._orders.get(order)
            if known and (known.running or known.is_over):
                return
            if sum(each.running for each in self._orders.values()) >= MAX_ORDERS:
                raise ProblemError("busy", HTTPStatus.SERVICE_UNAVAILABLE, retry_after=30)
            while len(self._orders) >= MAX_KNOWN:
                del self._orders[next(iter(self._orders))]
            self._orders[order] = PressState(clinic)
        threading.Thread(target=self._run, args=(order, clinic, run), daemon=True, name="print").start()

    def _run(self, order: str, clinic: str, run: Callable[[Callable[[JobProgress], None]], PressState]) -> None:
        def tell(progress: JobProgress) -> None:
            self._orders[order] = replace(self._orders[order], progress=progress)

        try:
            self._orders[order] = run(tell)
        except PdfkitError as error:
            self._orders[order] = PressState(clinic, running=False, problem=error.problem)
        except Exception as error:
            problem = fault_log.report(fault_log.internal_error(error).problem)
            self._orders[order] = PressState(clinic, running=False, problem=problem)


def clinic_printers(library: LibraryState, clinic: str) -> Mapping[str, Printer]:
    """Return the printers of a clinic, by their short names."""
    return printers_of(library.now.printers, clinic)


def new_order() -> str:
    """Return a name for the order of the next press: however often it is sent, it is printed once."""
    return uuid.uuid4().hex


async def press_print(request: Request) -> Response:
    """Print a leaflet on a printer: an order that is known is not printed again."""
    output_key, clinic = (
        authorised_output(request, "{clinic}/{file}".format_map(request.path_params)),
        requested_clinic(request),
    )
    async with request.form(max_files=0, max_fields=MAX_FORM_FIELDS) as form:
        asked = {name: str(form.get(name, "")) for name in ("printer", "copies", "order")}
    library = desk_state(request).library
    printer = clinic_printers(library, clinic.name).get(asked["printer"])
    copies = parse_page_number(asked["copies"])
    if printer is None or not is_order_name(asked["order"]):
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    if copies is None or not 1 <= copies <= print_jobs.MAX_COPIES:
        raise ProblemError("copies_wrong", HTTPStatus.BAD_REQUEST, most=print_jobs.MAX_COPIES)
    entry = await on_demand_build.current_entry(library, output_key)
    built = BuiltLeaflet(on_demand_build.enclosure_of(library, output_key, entry), entry.pages)
    project = library.now.project
    assert project
    chosen = PrintSelection(asked["printer"], printer, (_chosen(project, output_key, library),))
    press_room(request).start(asked["order"], clinic.name, _runner(library, chosen, built, copies, asked["order"]))
    return _answer(request, asked["order"])


async def press_progress(request: Request) -> Response:
    """Say how far an order is."""
    return await run_in_threadpool(_answer, request, request.query_params.get("order", ""))


def press_room(request: Request) -> PressRoom:
    """Return the orders of this desk."""
    room: PressRoom = request.app.state.press_room
    return room


def _answer(request: Request, order: str) -> Response:
    state = press_room(request).state(order)
    if state is None or state.clinic != requested_clinic(request).name:
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    words, lines = state.words(chosen_phrases(request).language), _chart_line(request, state)
    if "application/json" not in request.headers.get("accept", ""):
        return render_template(request, "pressed.html", words=words, lines=lines, running=state.running, order=order)
    return JSONResponse(
        {
            "words": words,
            "running": state.running,
            "failed": state.problem is not None,
            "next": new_order() if state.is_over else order,
            "lines": lines,
        }
    )


def _chart_line(request: Request, state: PressState) -> str:
    """Return the line for the patient's chart, once it is printed; empty before, and if something went wrong."""
    path = "{clinic}/{file}".format_map(request.path_params)
    entry = desk_state(request).library.latest(path)
    return chart_line(request, entry) if entry and not state.running and state.problem is None else ""


def _chosen(project: Project, output_key: OutputKey, library: LibraryState) -> ChosenLeaflet:
    """Return a PDF to print, with the other formats of the same edition, the best first."""
    formats, edition = project.layouts.formats, output_key.edition
    same = (each.format for each in library.now.editions[edition.clinic, edition.leaflet] if each.edition == edition)
    others = sorted((name for name in same if name != output_key.format), key=lambda name: format_order(formats, name))
    able = {name: formats[name] for name in others if formats[name].office_printer}
    return ChosenLeaflet(output_key, formats[output_key.format], able)


def _runner(
    library: LibraryState, chosen: PrintSelection, built: BuiltLeaflet, copies: int, order: str
) -> Callable[[Callable[[JobProgress], None]], PressState]:
    edition = chosen.leaflets[0].output_key.edition
    wanted = PrintRequest((edition.leaflet,), edition.clinic, copies=copies)

    def run(tell: Callable[[JobProgress], None]) -> PressState:
        last: list[JobProgress] = []

        def told(title: str, progress: JobProgress) -> None:
            last[:] = [progress]
            tell(progress)

        report = dispatch.print_built(library.request.out, wanted, chosen, [built], told, order=order)
        problem = next((job.problem for job in report.jobs if job.problem), None)
        notes = tuple(dict.fromkeys(note for job in report.jobs for note in job.notes))
        return PressState(
            edition.clinic, running=False, progress=last[0] if last else None, problem=problem, notes=notes
        )

    return run


ROUTES = [
    Route("/{clinic}/print/{file}", press_print, methods=["POST"]),
    Route("/{clinic}/print/{file}", press_progress),
]
