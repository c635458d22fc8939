"""Render workers that are kept between builds, by whoever builds again and again: `build --watch` and the desk.

A worker needs half a second to start, and as long again to lay out its first page; one that is kept needs neither.
"""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from pdfkit_cli.errors import Problem
from pdfkit_cli.rendering import render_worker
from pdfkit_cli.system import temporary
from pdfkit_cli.system.worker_pool import TaskLimits, TaskResult, WorkerPool

MAX_AGE: Final = 3600.0
"""Seconds after which workers are replaced: their temporary folder may be cleaned by the system, some day."""


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """What workers were started for, and do not notice if it changes: they are replaced.

    Everything else that decides the bytes of a PDF comes with its page, named by digests.
    """

    seconds: float
    kept: Path | None
    """The cache folder, which may be used no longer if others can write to it now."""

    versions: str
    """The digest of the versions of all tools."""

    fonts: frozenset[str]
    """The digests of all fonts: WeasyPrint and fontconfig keep faces once they are declared."""


class KeptWorkers:
    """Workers for one build at a time. Thread-safe.

    They are replaced if their setup changes, after a build in which anything failed or that was given up, and after an hour.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started = ExitStack()
        self._pool: WorkerPool[Any, Any] | None = None
        self._setup: tuple[WorkerSetup, int] | None = None
        self._folder, self._since = Path(), 0.0

    def __enter__(self) -> "KeptWorkers":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self, patience: float = -1) -> None:
        """End the workers, unless a build still uses them after this number of seconds. The next build starts others."""
        if self._lock.acquire(timeout=patience):
            try:
                self._close()
            finally:
                self._lock.release()

    def start(self, setup: WorkerSetup) -> None:
        """Start a worker ahead of the build that will need it; does nothing during a build."""
        if self._lock.acquire(blocking=False):
            try:
                self._prepared(setup, 1).start()
            finally:
                self._lock.release()

    def run(
        self, setup: WorkerSetup, workers: int, batches: Iterable[tuple[tuple[str, ...], Any]]
    ) -> Iterator[TaskResult[tuple[str, ...], Any]]:
        """Yield the outcome of each batch, like `worker_pool.run_tasks`."""
        with self._lock:
            sound = False
            try:
                failed = False
                for outcome in self._prepared(setup, workers).run(batches):
                    failed |= outcome.result is None or any(isinstance(one, Problem) for one in outcome.result)
                    yield outcome
                sound = not failed
            finally:
                if not sound:
                    self._close()

    def _prepared(self, setup: WorkerSetup, workers: int) -> WorkerPool[Any, Any]:
        """Return the workers for a setup: those that are there, or as many new ones as a build needs."""
        known, most = self._setup or (None, 0)
        aged = time.monotonic() - self._since > MAX_AGE or not self._folder.is_dir()
        if self._pool is None or known != setup or most < workers or aged:
            self._close()
            self._folder = self._started.enter_context(temporary.temporary_folder())
            prepare = partial(render_worker.prepare_process, self._folder, setup.kept or self._folder)
            pool = WorkerPool(render_worker.render_all, TaskLimits(workers, setup.seconds), prepare)
            self._pool = self._started.enter_context(pool)
            self._setup, self._since = (setup, workers), time.monotonic()
        return self._pool

    def _close(self) -> None:
        self._pool = self._setup = None
        self._started.close()
