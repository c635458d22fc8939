"""Jobs over worker processes; knows nothing of leaflets.

Pebble's pool is a `concurrent.futures` one that can also end a task that hangs, and that outlives a worker that crashes.
"""

import multiprocessing
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pebble import ProcessExpired, ProcessPool

Name = TypeVar("Name")
Task = TypeVar("Task")
Result = TypeVar("Result")

TASKS_A_WORKER = 2_000
"""A worker is replaced after so many tasks, in case a library leaks."""

MEMORY_LIMIT = 2 << 30
"""Bytes of address space that a worker may take: far more than a page needs (about 100 MB resident), far less than a bomb."""

_AHEAD = 3
"""Tasks that wait in the queue for each worker: enough to keep it busy, few enough to keep the parent small."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many workers, and how long one task may take in seconds."""

    workers: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Name, Result]):
    """What became of one task: its result, or the error as words."""

    name: Name
    result: Result | None
    error: str


def run(
    work: Callable[[Task], Result],
    tasks: Iterable[tuple[Name, Task]],
    limits: Limits,
    prepare: Callable[[], None],
) -> Iterator[Outcome[Name, Result]]:
    """Yield the outcome of each task as it comes; tasks are taken from the iterable only as workers get free.

    Whatever happens to a task (an exception, a crash, a hang, too much memory) is its own outcome and no other's.
    `work` and `prepare` are imported by name in the workers, which are spawned: they share nothing with this process.
    """
    context = multiprocessing.get_context("spawn")
    pool = ProcessPool(
        max_workers=limits.workers,
        max_tasks=TASKS_A_WORKER,
        initializer=_start_worker,
        initargs=(prepare, os.getpid()),
        context=context,
    )
    waiting: dict[Future[Result], Name] = {}
    source = iter(tasks)
    try:
        while True:
            while len(waiting) < limits.workers * _AHEAD and (task := next(source, None)) is not None:
                waiting[pool.schedule(work, args=(task[1],), timeout=limits.seconds)] = task[0]
            if not waiting:
                break
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                yield _outcome(waiting.pop(future), future, limits)
        pool.close()  # type: ignore[no-untyped-call]
    except BaseException:
        pool.stop()  # type: ignore[no-untyped-call]
        raise
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def _outcome(name: Name, future: "Future[Result]", limits: Limits) -> Outcome[Name, Result]:
    try:
        return Outcome(name, future.result(), "")
    except TimeoutError:
        return Outcome(name, None, f"it took longer than {limits.seconds:g} seconds and was stopped")
    except ProcessExpired as expired:
        return Outcome(name, None, f"its worker process died ({_cause(expired.exitcode)})")
    except MemoryError:
        return Outcome(name, None, f"it needed more than {MEMORY_LIMIT >> 20} MB of memory")
    except Exception as error:  # anything a task raises is its own failure, never the batch's
        return Outcome(name, None, str(error) or type(error).__name__)


def _cause(code: int | None) -> str:
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit code {code}"


def _start_worker(prepare: Callable[[], None], parent: int) -> None:
    """Leave interrupts to the parent, never outlive it, and never take all the memory there is."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    prepare()


def _end_with(parent: int) -> Any:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
