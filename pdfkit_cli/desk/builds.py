"""One build at a time, begun in the browser: in a process of its own, so that the desk goes on answering."""

import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Final, TypeAlias

from pdfkit_cli.build import Request, Watcher, build
from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.spawning import CleanContext, forbid_core_dumps

GRACE: Final = 5.0
"""Seconds that a build gets to end when the desk does."""

DIED: Final = "died"
"""The problem of a build that ended without a word."""


_context: Final = CleanContext()


class Phase(StrEnum):
    """How far a build is."""

    NONE = "none"
    PLANNING = "planning"
    RENDERING = "rendering"
    ENDED = "ended"
    STOPPED = "stopped"
    """It could not go on; `problem` says why. What is finished stays."""


@dataclass(frozen=True, slots=True)
class Planned:
    """The build knows what to do: how many PDFs it renders, keeps and removes, and what it cannot draw, with the first reason."""

    total: int
    kept: int
    removed: int
    blocked: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Done:
    """A PDF was rendered, or failed with an error."""

    path: str
    error: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The build is over, after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Stopped:
    """The build could not go on."""

    problem: str
    hint: str = ""


Event: TypeAlias = Planned | Done | Ended | Stopped


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a build stands: `number` counts the builds of this desk, `last` is the PDF that was finished last."""

    phase: Phase = Phase.NONE
    number: int = 0
    total: int = 0
    done: int = 0
    refused: int = 0
    """Those of the ones that are done that failed."""

    kept: int = 0
    removed: int = 0
    last: str = ""
    failed: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    problem: str = ""
    hint: str = ""

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.phase in (Phase.PLANNING, Phase.RENDERING)

    @property
    def rendered(self) -> int:
        """How many PDFs it has put in place."""
        return self.done - self.refused

    @property
    def by_leaflet(self) -> Mapping[str, list[tuple[str, str]]]:
        """The PDFs that failed with their errors, by leaflet: the path of a PDF is clinic/leaflet.language.format.pdf."""
        found: dict[str, list[tuple[str, str]]] = {}
        for path, error in sorted(self.failed.items()):
            found.setdefault(path.rpartition("/")[2].partition(".")[0], []).append((path, error))
        return found

    @property
    def share(self) -> float:
        """How much of the rendering is done, between 0 and 1."""
        return self.done / self.total if self.total else float(self.phase is Phase.ENDED)


def step(progress: Progress, event: Event) -> Progress:
    """Return where a build stands after an event."""
    match event:
        case Planned(total, kept, removed, blocked):
            return replace(
                progress, phase=Phase.RENDERING, total=total, kept=kept, removed=removed, failed=dict(blocked)
            )
        case Done(path, error):
            failed = {**progress.failed, path: error} if error else progress.failed
            refused = progress.refused + bool(error)
            return replace(progress, done=progress.done + 1, refused=refused, last=path, failed=failed)
        case Ended(seconds):
            return replace(progress, phase=Phase.ENDED, seconds=seconds)
        case Stopped(problem, hint):
            return replace(progress, phase=Phase.STOPPED, problem=problem, hint=hint)


class Builds:
    """Runs builds, never two at once, and says how the newest one stands. Safe to use from many threads."""

    def __init__(
        self, request: Callable[[], Request], work: Callable[[Request, Connection], None] | None = None
    ) -> None:
        self._request, self._work = request, work or run
        self._progress = Progress()
        self._process: BaseProcess | None = None
        self._lock = threading.Lock()

    @property
    def now(self) -> Progress:
        """How the newest build stands."""
        return self._progress

    def start(self) -> bool:
        """Begin a build; say no where one is running."""
        with self._lock:
            if self._progress.running:
                return False
            here, there = _context.Pipe(duplex=False)
            self._progress = Progress(Phase.PLANNING, self._progress.number + 1)
            process = _context.Process(target=self._work, args=(self._request(), there))
            process.start()
            there.close()
            self._process = process
        threading.Thread(target=self._follow, args=(here, process), daemon=True, name="build").start()
        return True

    def close(self) -> None:
        """End a build that is running. What is finished stays, and the next build goes on."""
        if self._process and self._process.is_alive():
            self._process.terminate()
            self._process.join(GRACE)
            self._process.kill()

    def _follow(self, events: Connection, process: BaseProcess) -> None:
        with events, suppress(EOFError, OSError):
            while True:
                self._progress = step(self._progress, events.recv())
        process.join()
        if self._progress.running:
            self._progress = step(self._progress, Stopped(DIED))


def run(request: Request, events: Connection) -> None:
    """Build, and tell how it goes. An interrupt is for the desk, which ends this process; without the desk it ends by itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    forbid_core_dumps()
    watcher = Watcher(
        lambda plan: events.send(
            Planned(
                len(plan.run),
                len(plan.kept),
                len(plan.remove),
                {path: str(findings[0]) for path, findings in plan.blocked.items()},
            )
        ),
        lambda path, error: events.send(Done(path, error)),
    )
    with suppress(BrokenPipeError):
        try:
            summary = build(request, watcher)
        except PdfkitError as error:
            events.send(Stopped(str(error), error.hint))
        else:
            events.send(Ended(summary.seconds))
