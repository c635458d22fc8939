"""Builds that are started in the browser: one at a time, in a separate process, so that the desk stays responsive."""

import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Final, TypeAlias

from pdfkit_cli.build.pipeline import BuildRequest, ProgressListener, build
from pdfkit_cli.errors import PdfkitError, Problem, ProblemCode, problem_from_finding
from pdfkit_cli.system import core_dumps
from pdfkit_cli.system.processes import CleanContext

SHUTDOWN_SECONDS: Final = 5.0
"""Seconds that a build has to end when the desk ends."""


NEWS_SECONDS: Final = 600.0
"""Seconds for which the end of a build without failures is shown."""

_context: Final = CleanContext()


class BuildPhase(StrEnum):
    """The phase of a build."""

    NONE = "none"
    PLANNING = "planning"
    RENDERING = "rendering"
    ENDED = "ended"
    STOPPED = "stopped"
    """It could not continue; `problem` is the reason. Finished PDFs are kept."""


@dataclass(frozen=True, slots=True)
class BuildPlanned:
    """The plan of the build: how many PDFs it renders, keeps and removes, and which are blocked, with the first reason."""

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
    """The build has ended, after this number of seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class BuildFailed:
    """The build could not continue."""

    problem: Problem


BuildEvent: TypeAlias = BuildPlanned | FileBuilt | BuildFinished | BuildFailed


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """The progress of a build: `number` counts the builds of this desk, `last` is the PDF that was finished last."""

    phase: BuildPhase = BuildPhase.NONE
    number: int = 0
    total: int = 0
    done: int = 0
    refused: int = 0
    """Number of finished PDFs that failed."""

    kept: int = 0
    removed: int = 0
    last: str = ""
    failed: Mapping[str, Problem] = field(default_factory=dict)
    seconds: float = 0.0
    problem: Problem | None = None

    @property
    def running(self) -> bool:
        """Whether it is still running."""
        return self.phase in (BuildPhase.PLANNING, BuildPhase.RENDERING)

    @property
    def rendered(self) -> int:
        """Number of PDFs that it has published."""
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
        """The share of the rendering that is done, from 0 to 1."""
        return self.done / self.total if self.total else float(self.phase is BuildPhase.ENDED)


def apply_event(progress: BuildProgress, event: BuildEvent) -> BuildProgress:
    """Return the progress of a build after an event."""
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
    """Runs builds, never two at once, and knows the progress of the latest. Thread-safe."""

    def __init__(
        self, request: Callable[[], BuildRequest], work: Callable[[BuildRequest, Connection], None] | None = None
    ) -> None:
        self._request, self._work = request, work or run_build
        self._progress = BuildProgress()
        self._process: BaseProcess | None = None
        self._heard = 0.0
        """When the latest build said something last, by `time.monotonic`."""

        self._lock = threading.Lock()

    @property
    def now(self) -> BuildProgress:
        """The progress of the latest build."""
        return self._progress

    @property
    def shown(self) -> BuildProgress:
        """The same, but nothing of a build that ended well a while ago: it is no news any more."""
        progress = self._progress
        over = progress.phase is BuildPhase.ENDED and not progress.failed
        return BuildProgress() if over and time.monotonic() - self._heard > NEWS_SECONDS else progress

    def start(self) -> bool:
        """Start a build; return False if one is running."""
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
        """End a running build. Finished PDFs are kept, and the next build resumes."""
        if self._process and self._process.is_alive():
            self._process.terminate()
            self._process.join(SHUTDOWN_SECONDS)
            self._process.kill()

    def _follow(self, events: Connection, process: BaseProcess) -> None:
        with events, suppress(EOFError, OSError):
            while True:
                event = events.recv()
                self._heard = time.monotonic()
                self._progress = apply_event(self._progress, event)
        process.join()
        if self._progress.running:
            self._progress = apply_event(
                self._progress, BuildFailed(Problem("the process of the build died", code=ProblemCode.WORKER_DIED))
            )


def run_build(request: BuildRequest, events: Connection) -> None:
    """Build, and send events.

    Interrupts are left to the desk, which ends this process; without the desk it ends by itself.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    core_dumps.forbid()
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
