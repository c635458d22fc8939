"""The work on one machine of a cluster: groups of tasks, in its own workers. Independent of leaflets and of Dask."""

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Generic, TypeVar

from pdfkit_cli.system.worker_pool import TaskLimits, TaskResult, WorkerPool

Task = TypeVar("Task")
Result = TypeVar("Result")

IDLE_TIMEOUT = 600.0
"""Seconds after which a machine forgets an idle build, since it may never learn that the build has ended."""


@dataclass(frozen=True, slots=True)
class ClusterJob(Generic[Task, Result]):
    """The instructions of a build for every machine.

    Functions are pickled by name; `prepare` gets a folder that the workers share.
    """

    build: str
    work: Callable[[Task], Result]
    prepare: Callable[[Path], None]
    unpack: Callable[[Task, Path], Task]
    """Restores a packed task, given the folder of assets."""

    tell: Callable[[], Mapping[str, str]]
    """Returns the versions of the tools on the machine."""

    versions: Mapping[str, str]
    """The required versions, so that the same task gives the same bytes everywhere."""

    seconds: float
    """Time limit for one task."""


class IncompatibleMachineError(Exception):
    """This machine cannot take part."""


def incompatibility(order: ClusterJob[Any, Any]) -> str:
    """Return why this machine cannot take part; empty if it can."""
    if multiprocessing.current_process().daemon:
        return "it may not start processes; start it with: dask worker --no-nanny"
    mine, wanted = order.tell(), order.versions
    differ = sorted(name for name in {*mine, *wanted} if mine.get(name) != wanted.get(name))
    said = (f"{name} {mine.get(name, 'missing')}, here {wanted.get(name, 'missing')}" for name in differ)
    return "it works with " + "; ".join(said) if differ else ""


def run_task_group(
    order: ClusterJob[Task, Result], tasks: Sequence[Task], assets: Mapping[str, bytes]
) -> list[TaskResult[int, Result]]:
    """Do a group of tasks in this machine's worker processes, one after another.

    Each outcome is named by the index of its task.
    Raises IncompatibleMachineError, or WorkerPoolError if this machine cannot do any task.
    """
    room = _acquire_workspace(order)
    try:
        room.keep(assets)
        with room.task_pool(order) as task_pool:
            return list(task_pool.run(enumerate(tasks)))
    finally:
        room.leave()


def release_build(build: str) -> None:
    """Release what is kept for a build."""
    with _lock:
        room = _workspaces.pop(build, None)
    if room:
        room.close()


def _create_folder() -> TemporaryDirectory[str]:
    place = TemporaryDirectory(prefix="pdfkit-", ignore_cleanup_errors=True)
    for name in ("assets", "shared"):
        (Path(place.name) / name).mkdir()
    return place


@dataclass(slots=True)
class _BuildWorkspace:
    """What a machine keeps for a build: assets, bodies that its workers share, and idle worker pools."""

    place: TemporaryDirectory[str] = field(default_factory=_create_folder)
    busy: int = 0
    used: float = 0.0
    free: list[WorkerPool[Any, Any]] = field(default_factory=list)
    closed: bool = False
    """Whether the build is over: a pool that is returned is stopped."""

    @property
    def folder(self) -> Path:
        return Path(self.place.name)

    def keep(self, assets: Mapping[str, bytes]) -> None:
        """Write the assets that do not exist yet."""
        for name, data in assets.items():
            if not (self.folder / "assets" / name).exists():
                part = self.folder / f"{name}.{threading.get_ident()}"
                part.write_bytes(data)
                part.replace(self.folder / "assets" / name)

    @contextmanager
    def task_pool(self, order: ClusterJob[Task, Result]) -> Iterator[WorkerPool[Task, Result]]:
        """Lend a pool of one worker."""
        with _lock:
            task_pool = self.free.pop() if self.free else None
        task_pool = task_pool or WorkerPool(
            partial(_unpack_and_run, order.work, order.unpack, self.folder / "assets"),
            TaskLimits(1, order.seconds),
            partial(order.prepare, self.folder / "shared"),
        )
        try:
            yield task_pool
        except BaseException:
            task_pool.stop()
            raise
        with _lock:
            if not self.closed:
                self.free.append(task_pool)
                return
        task_pool.stop()

    def leave(self) -> None:
        with _lock:
            self.busy, self.used = self.busy - 1, time.monotonic()

    @property
    def left(self) -> bool:
        """Whether it has been idle for too long."""
        return not self.busy and time.monotonic() - self.used > IDLE_TIMEOUT

    def close(self) -> None:
        with _lock:
            self.closed, waiting = True, self.free
        for task_pool in waiting:
            task_pool.stop()
        self.place.cleanup()


_workspaces: dict[str, _BuildWorkspace] = {}
_lock = threading.Lock()


def _acquire_workspace(order: ClusterJob[Any, Any]) -> _BuildWorkspace:
    with _lock:
        room = _workspaces.get(order.build)
        if room is None:
            if reason := incompatibility(order):
                raise IncompatibleMachineError(f"{os.uname().nodename}: {reason}")
            room = _workspaces[order.build] = _BuildWorkspace()
            threading.Thread(target=_close_when_idle, args=(order.build, room), daemon=True).start()
        room.busy += 1
        return room


def _close_when_idle(build: str, room: _BuildWorkspace) -> None:
    while _workspaces.get(build) is room:
        time.sleep(IDLE_TIMEOUT / 10)
        if room.left:
            release_build(build)


def _unpack_and_run(
    work: Callable[[Task], Result], unpack: Callable[[Task, Path], Task], assets: Path, task: Task
) -> Result:
    return work(unpack(task, assets))
