"""The orders of one desk: each is printed in a thread, once, and says how far it is until the end."""

import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pdfkit_cli.content.printers import Printer
from pdfkit_cli.desk import print_jobs
from pdfkit_cli.desk.addresses import file_address
from pdfkit_cli.desk.i18n import Translator
from pdfkit_cli.desk.issue_views import chart_line
from pdfkit_cli.desk.library_state import LibraryState
from pdfkit_cli.desk.templating import (
    ProblemError,
    chosen_phrases,
    desk_state,
    parse_page_number,
    render_template,
    requested_clinic,
)
from pdfkit_cli.errors import PdfkitError, Problem
from pdfkit_cli.printing import dispatch
from pdfkit_cli.printing.dispatch import JobReport, PrintPart, ProgressTeller
from pdfkit_cli.printing.orders import is_order_name
from pdfkit_cli.printing.problems import PHRASES, phrase, printing_words
from pdfkit_cli.printing.progress import JobPhase, JobProgress, Remainder
from pdfkit_cli.printing.selection import PrintRequest, PrintSelection, printers_of
from pdfkit_cli.system import fault_log
from pdfkit_cli.system.phrases import load_phrases

MAX_ORDERS: Final = 20
"""Orders that are printed at the same time: each has a thread that waits for its printer."""

MAX_KNOWN: Final = 1000
"""Orders whose end is remembered; older ones are in their files."""

_SURELY_OVER: Final = frozenset({"job-ended", "order-unknown", "order-forgotten"})
"""Problems after which the next press is a new order: somebody was told to look in the tray. Others are tried again."""


@dataclass(frozen=True, slots=True)
class PressState:
    """How far the order of one press is.

    `title` names what is being printed, if that is one of several. `charted` are the leaflets whose lines the chart gets,
    by their paths. `rests` are what is missing of parts that were not printed to their end: title, address, and what.
    """

    clinic: str
    charted: tuple[str, ...] = ()
    running: bool = True
    title: str = ""
    progress: JobProgress | None = None
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    rests: tuple[tuple[str, str, Remainder], ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether the next press is a new order."""
        return not self.running and all(problem.code in _SURELY_OVER for problem in self.problems)

    def words(self, language: str) -> str:
        """Return it in the language of the desk."""
        if self.problems:
            return " ".join(word for problem in self.problems for word in _problem_words(problem, language))
        said = self.progress.words(language) if self.progress else phrase("job-waiting", language)
        said = f"{self.title}: {said}" if self.title else said
        return ". ".join((said, *(phrase(note, language) for note in self.notes)))


def _problem_words(problem: Problem, language: str) -> tuple[str, str]:
    if problem.code not in load_phrases(PHRASES, language)["problems"]:
        return problem.message, problem.hint
    why, do = printing_words(problem.code, language, dict(problem.values), at_desk=True)
    return f"{why[:1].upper()}{why[1:]}.", f"{do[:1].upper()}{do[1:].removesuffix('.')}."


Run = Callable[[ProgressTeller], Sequence[JobReport]]
"""Prints an order, and returns what became of its jobs."""


@dataclass(frozen=True, slots=True)
class PressRequest:
    """What somebody pressed: the name of the order, the printer with its short name, and how much of what is asked for."""

    order: str
    printer_name: str
    printer: Printer
    copies: int
    from_sheet: int


@dataclass(frozen=True, slots=True)
class PressedPart:
    """A part of an order, the address that prints its rest, and the leaflets in it, by their paths."""

    part: PrintPart
    address: str
    paths: tuple[str, ...]


def leaflet_part(part: PrintPart) -> PressedPart:
    """Return a leaflet as a part of an order."""
    return PressedPart(part, file_address("print", part.identity), (part.identity,))


class PressRoom:
    """The orders of one desk, by their names. Thread-safe."""

    def __init__(self) -> None:
        self._lock, self._orders = threading.Lock(), dict[str, PressState]()

    def state(self, order: str) -> PressState | None:
        """Return how far an order is; None if this desk does not know it."""
        return self._orders.get(order)

    def knows(self, order: str) -> bool:
        """Return whether an order is being printed, or over: it is never begun again."""
        known = self._orders.get(order)
        return known is not None and (known.running or known.is_over)

    def start(self, order: str, begun: PressState, parts: Sequence[PressedPart], run: Run) -> None:
        """Run an order in a thread, unless it is known. Raises ProblemError if there are too many."""
        with self._lock:
            if self.knows(order):
                return
            if sum(each.running for each in self._orders.values()) >= MAX_ORDERS:
                raise ProblemError("busy", HTTPStatus.SERVICE_UNAVAILABLE, retry_after=30)
            while len(self._orders) >= MAX_KNOWN:
                del self._orders[next(iter(self._orders))]
            self._orders[order] = begun
        threading.Thread(target=self._run, args=(order, begun, parts, run), daemon=True, name="print").start()

    def _run(self, order: str, begun: PressState, parts: Sequence[PressedPart], run: Run) -> None:
        def tell(title: str, progress: JobProgress) -> None:
            self._orders[order] = replace(begun, title=title if len(parts) > 1 else "", progress=progress)

        ended = replace(begun, running=False)
        try:
            self._orders[order] = _ended(ended, parts, run(tell))
        except PdfkitError as error:
            self._orders[order] = replace(ended, problems=(error.problem,))
        except Exception as error:
            problem = fault_log.report(fault_log.internal_error(error).problem)
            self._orders[order] = replace(ended, problems=(problem,))


def _ended(state: PressState, parts: Sequence[PressedPart], jobs: Sequence[JobReport]) -> PressState:
    sheets = sum(job.sheets for job in jobs)
    return replace(
        state,
        progress=JobProgress(JobPhase.DONE, sheets, sheets),
        problems=tuple(job.problem for job in jobs if job.problem),
        notes=tuple(dict.fromkeys(note for job in jobs for note in job.notes)),
        rests=tuple(
            (parts[job.part].part.title if len(parts) > 1 else "", parts[job.part].address, job.rest)
            for job in jobs
            if job.rest
        ),
    )


def press_room(request: Request) -> PressRoom:
    """Return the orders of this desk."""
    room: PressRoom = request.app.state.press_room
    return room


def clinic_printers(library: LibraryState, clinic: str) -> Mapping[str, Printer]:
    """Return the printers of a clinic, by their short names."""
    return printers_of(library.now.printers, clinic)


def new_order() -> str:
    """Return a name for the order of the next press: however often it is sent, it is printed once."""
    return uuid.uuid4().hex


def read_press(request: Request, form: FormData) -> PressRequest:
    """Return what was pressed. Raises ProblemError."""
    asked = {name: str(form.get(name, "")) for name in ("printer", "order")}
    numbers = [parse_page_number(str(form.get(name, "1"))) for name in ("copies", "from")]
    printer = clinic_printers(desk_state(request).library, requested_clinic(request).name).get(asked["printer"])
    if printer is None or not is_order_name(asked["order"]):
        raise ProblemError("wrong_request", HTTPStatus.NOT_FOUND)
    copies, from_sheet = numbers
    if copies is None or not 1 <= copies <= print_jobs.MAX_COPIES:
        raise ProblemError("copies_wrong", HTTPStatus.BAD_REQUEST, most=print_jobs.MAX_COPIES)
    if not from_sheet:
        raise ProblemError("wrong_request")
    return PressRequest(asked["order"], asked["printer"], printer, copies, from_sheet)


def press(
    request: Request,
    pressed: PressRequest,
    parts: Sequence[PressedPart],
    *,
    sets: bool = False,
    files: AbstractContextManager[object] | None = None,
) -> None:
    """Begin to print parts, unless that order is known; `files` are closed at its end. Raises ProblemError."""
    clinic, out = requested_clinic(request).name, desk_state(request).library.request.out
    wanted = PrintRequest((), clinic, copies=pressed.copies, from_sheet=pressed.from_sheet, sets=sets)
    chosen = PrintSelection(pressed.printer_name, pressed.printer, ())
    printed = [part.part for part in parts]

    def run(tell: ProgressTeller) -> Sequence[JobReport]:
        with files or nullcontext():
            return dispatch.print_parts(out, wanted, chosen, printed, tell, order=pressed.order).jobs

    charted = tuple(path for part in parts for path in part.paths)
    press_room(request).start(pressed.order, PressState(clinic, charted), parts, run)


def press_answer(request: Request, order: str, *, chart: bool = True) -> Response:
    """Say how far an order of this clinic is: as JSON for our own script, else as a page. Raises ProblemError."""
    state = press_room(request).state(order)
    if state is None or state.clinic != requested_clinic(request).name:
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    say = chosen_phrases(request)
    words, lines = state.words(say.language), _chart_lines(request, state) if chart else ""
    if "application/json" not in request.headers.get("accept", ""):
        return render_template(request, "pressed.html", words=words, lines=lines, running=state.running, order=order)
    return JSONResponse(
        {
            "words": words,
            "running": state.running,
            "failed": bool(state.problems),
            "next": new_order() if state.is_over else order,
            "lines": lines,
            "rests": [_rest(*rest, say) for rest in state.rests],
        }
    )


def _chart_lines(request: Request, state: PressState) -> str:
    """Return the lines for the patient's chart, once all is printed; empty before, and if something went wrong."""
    if state.running or state.problems:
        return ""
    entries = (desk_state(request).library.latest(path) for path in state.charted)
    return "\n".join(chart_line(request, entry) for entry in entries if entry)


def _rest(title: str, address: str, rest: Remainder, say: Translator) -> dict[str, object]:
    """Return what prints the rest of a part, for our own script."""
    if rest.from_sheet == 1:
        words = say("press_rest_whole", n=rest.copies_after + 1)
    else:
        name = "press_rest_copies" if rest.copies_after else "press_rest"
        words = say(name, sheet=rest.from_sheet, copies=rest.copies_after)
    return {
        "words": f"{title}: {words}" if title else words,
        "address": address,
        "from": rest.from_sheet,
        "copies": rest.copies_after + 1,
    }
