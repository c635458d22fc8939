"""What is done on a machine of a cluster: groups of tasks, by a crew of its own; knows nothing of leaflets, nor of Dask."""

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

from pdfkit_cli.execute import Crew, Limits, Outcome

Task = TypeVar("Task")
Result = TypeVar("Result")

IDLE = 600.0
"""Seconds after which a machine forgets a build that sends it nothing, since it may never hear how that ended."""


@dataclass(frozen=True, slots=True)
class Order(Generic[Task, Result]):
    """What a build asks of every machine. The functions are found there by their names; `prepare` gets a folder that the workers share."""

    build: str
    work: Callable[[Task], Result]
    prepare: Callable[[Path], None]
    unpack: Callable[[Task, Path], Task]
    """Makes a task whole again, with the folder of assets."""

    tell: Callable[[], Mapping[str, str]]
    """Says what the machine works with."""

    versions: Mapping[str, str]
    """What it must work with, so that the same task gives the same bytes everywhere."""

    seconds: float
    """How long one task may take."""


class UnfitError(Exception):
    """This machine may not take part."""


def unfit(order: Order[Any, Any]) -> str:
    """Say why this machine cannot take part, if so."""
    if multiprocessing.current_process().daemon:
        return "it may not start processes; start it with: dask worker --no-nanny"
    mine, wanted = order.tell(), order.versions
    differ = sorted(name for name in {*mine, *wanted} if mine.get(name) != wanted.get(name))
    said = (f"{name} {mine.get(name, 'missing')}, here {wanted.get(name, 'missing')}" for name in differ)
    return "it works with " + "; ".join(said) if differ else ""


def do(order: Order[Task, Result], tasks: Sequence[Task], assets: Mapping[str, bytes]) -> list[Outcome[int, Result]]:
    """Do a group of tasks in this machine's worker processes, one after another; an outcome is named by the place of its task.

    Raises UnfitError, and WorkersError where this machine can do no task.
    """
    room = _entered(order)
    try:
        room.keep(assets)
        with room.crew(order) as crew:
            return list(crew.run(enumerate(tasks)))
    finally:
        room.leave()


def forget(build: str) -> None:
    """End what is kept for a build."""
    with _lock:
        room = _rooms.pop(build, None)
    if room:
        room.close()


def _place() -> TemporaryDirectory[str]:
    place = TemporaryDirectory(prefix="pdfkit-", ignore_cleanup_errors=True)
    for name in ("assets", "shared"):
        (Path(place.name) / name).mkdir()
    return place


@dataclass(slots=True)
class _Room:
    """What a machine keeps for a build: assets, bodies that its workers share, and crews that wait for a group."""

    place: TemporaryDirectory[str] = field(default_factory=_place)
    busy: int = 0
    used: float = 0.0
    free: list[Crew[Any, Any]] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return Path(self.place.name)

    def keep(self, assets: Mapping[str, bytes]) -> None:
        """Write the assets that are not there yet."""
        for name, data in assets.items():
            if not (self.folder / "assets" / name).exists():
                part = self.folder / f"{name}.{threading.get_ident()}"
                part.write_bytes(data)
                part.replace(self.folder / "assets" / name)

    @contextmanager
    def crew(self, order: Order[Task, Result]) -> Iterator[Crew[Task, Result]]:
        """Lend a crew of one worker."""
        with _lock:
            crew = self.free.pop() if self.free else None
        crew = crew or Crew(
            partial(_unpacked, order.work, order.unpack, self.folder / "assets"),
            Limits(1, order.seconds),
            partial(order.prepare, self.folder / "shared"),
        )
        try:
            yield crew
        except BaseException:
            crew.stop()
            raise
        with _lock:
            self.free.append(crew)

    def leave(self) -> None:
        with _lock:
            self.busy, self.used = self.busy - 1, time.monotonic()

    @property
    def left(self) -> bool:
        """Whether nothing has come for long."""
        return not self.busy and time.monotonic() - self.used > IDLE

    def close(self) -> None:
        for crew in self.free:
            crew.stop()
        self.place.cleanup()


_rooms: dict[str, _Room] = {}
_lock = threading.Lock()


def _entered(order: Order[Any, Any]) -> _Room:
    with _lock:
        room = _rooms.get(order.build)
        if room is None:
            if reason := unfit(order):
                raise UnfitError(f"{os.uname().nodename}: {reason}")
            room = _rooms[order.build] = _Room()
            threading.Thread(target=_tidy, args=(order.build, room), daemon=True).start()
        room.busy += 1
        return room


def _tidy(build: str, room: _Room) -> None:
    while _rooms.get(build) is room:
        time.sleep(IDLE / 10)
        if room.left:
            forget(build)


def _unpacked(work: Callable[[Task], Result], unpack: Callable[[Task, Path], Task], assets: Path, task: Task) -> Result:
    return work(unpack(task, assets))
