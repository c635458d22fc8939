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

from pdfkit_cli.build.pipeline import BuildRequest, ProgressListener, build
from pdfkit_cli.errors import PdfkitError, Problem, ProblemCode, problem_from_finding
from pdfkit_cli.system.processes import CleanContext, forbid_core_dumps

SHUTDOWN_SECONDS: Final = 5.0
"""Seconds that a build gets to end when the desk does."""


_context: Final = CleanContext()


class BuildPhase(StrEnum):
    """How far a build is."""

    NONE = "none"
    PLANNING = "planning"
    RENDERING = "rendering"
    ENDED = "ended"
    STOPPED = "stopped"
    """It could not go on; `problem` says why. What is finished stays."""


@dataclass(frozen=True, slots=True)
class BuildPlanned:
    """The build knows what to do: how many PDFs it renders, keeps and removes, and what it cannot draw, with the first reason."""

    total: int
    kept: int
    removed: int
    blocked: Mapping[str, Problem]


@dataclass(frozen=True, slots=True)
class FileBuilt:
    """A PDF was rendered, or failed with a problem."""

    path: str
    problem: Problem | None


@dataclass(frozen=True, slots=True)
class BuildFinished:
    """The build is over, after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class BuildFailed:
    """The build could not go on."""

    problem: Problem


BuildEvent: TypeAlias = BuildPlanned | FileBuilt | BuildFinished | BuildFailed


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """Where a build stands: `number` counts the builds of this desk, `caching` is the PDF that was finished last."""

    phase: BuildPhase = BuildPhase.NONE
    number: int = 0
    total: int = 0
    done: int = 0
    refused: int = 0
    """Those of the ones that are done that failed."""

    kept: int = 0
    removed: int = 0
    last: str = ""
    failed: Mapping[str, Problem] = field(default_factory=dict)
    seconds: float = 0.0
    problem: Problem | None = None

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.phase in (BuildPhase.PLANNING, BuildPhase.RENDERING)

    @property
    def rendered(self) -> int:
        """How many PDFs it has put in place."""
        return self.done - self.refused

    @property
    def by_leaflet(self) -> Mapping[str, list[tuple[str, Problem]]]:
        """The PDFs that failed with their problems, by leaflet: the path of a PDF is clinic/leaflet.language.format.pdf."""
        found: dict[str, list[tuple[str, Problem]]] = {}
        for path in sorted(self.failed):
            found.setdefault(path.rpartition("/")[2].partition(".")[0], []).append((path, self.failed[path]))
        return found

    @property
    def share(self) -> float:
        """How much of the rendering is done, between 0 and 1."""
        return self.done / self.total if self.total else float(self.phase is BuildPhase.ENDED)


def apply_event(progress: BuildProgress, event: BuildEvent) -> BuildProgress:
    """Return where a build stands after an event."""
    match event:
        case BuildPlanned(total, kept, removed, blocked):
            return replace(
                progress, phase=BuildPhase.RENDERING, total=total, kept=kept, removed=removed, failed=dict(blocked)
            )
        case FileBuilt(path, problem):
            failed = {**progress.failed, path: problem} if problem else progress.failed
            refused = progress.refused + bool(problem)
            return replace(progress, done=progress.done + 1, refused=refused, last=path, failed=failed)
        case BuildFinished(seconds):
            return replace(progress, phase=BuildPhase.ENDED, seconds=seconds)
        case BuildFailed(problem):
            return replace(progress, phase=BuildPhase.STOPPED, problem=problem)


class BackgroundBuilds:
    """Runs builds, never two at once, and says how the newest one stands. Safe to use from many threads."""

    def __init__(
        self, request: Callable[[], BuildRequest], work: Callable[[BuildRequest, Connection], None] | None = None
    ) -> None:
        self._request, self._work = request, work or run_build
        self._progress = BuildProgress()
        self._process: BaseProcess | None = None
        self._lock = threading.Lock()

    @property
    def now(self) -> BuildProgress:
        """How the newest build stands."""
        return self._progress

    def start(self) -> bool:
        """Begin a build; say no where one is running."""
        with self._lock:
            if self._progress.running:
                return False
            here, there = _context.Pipe(duplex=False)
            self._progress = BuildProgress(BuildPhase.PLANNING, self._progress.number + 1)
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
            self._process.join(SHUTDOWN_SECONDS)
            self._process.kill()

    def _follow(self, events: Connection, process: BaseProcess) -> None:
        with events, suppress(EOFError, OSError):
            while True:
                self._progress = apply_event(self._progress, events.recv())
        process.join()
        if self._progress.running:
            self._progress = apply_event(
                self._progress, BuildFailed(Problem("the process of the build died", code=ProblemCode.WORKER_DIED))
            )


def run_build(request: BuildRequest, events: Connection) -> None:
    """Build, and tell how it goes. An interrupt is for the desk, which ends this process; without the desk it ends by itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    forbid_core_dumps()
    watcher = ProgressListener(
        lambda plan: events.send(
            BuildPlanned(
                len(plan.run),
                len(plan.kept),
                len(plan.remove),
                {path: problem_from_finding(findings[0]) for path, findings in plan.blocked.items()},
            )
        ),
        lambda path, problem: events.send(FileBuilt(path, problem)),
    )
    with suppress(BrokenPipeError):
        try:
            summary = build(request, watcher)
        except PdfkitError as error:
            events.send(BuildFailed(Problem(str(error), error.hint, code=error.code)))
        else:
            events.send(BuildFinished(summary.seconds))
