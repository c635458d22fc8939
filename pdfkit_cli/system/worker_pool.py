"""Distributes tasks over worker processes; independent of leaflets.

Unlike that of `concurrent.futures`, Pebble's pool can end a task that hangs, and survives the crash of a worker.
"""

import gc
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any, Generic, Self, TypeVar

from pdfkit_cli.errors import PdfkitError, Problem, ProblemCode
from pdfkit_cli.system import core_dumps, fault_log
from pdfkit_cli.system.deferred_import import deferred
from pdfkit_cli.system.processes import CleanContext, CleanProcess

with deferred({"asyncio": (), "pebble.asynchronous": ()}):  # 0.03 s of CPU in each process, for decorators
    from pebble import ProcessExpired, ProcessPool

Name = TypeVar("Name")
Task = TypeVar("Task")
Result = TypeVar("Result")

MAX_TASKS_PER_WORKER = 500
"""Tasks after which a worker is replaced, whatever they leave in its memory.

Starting one takes as long as about ten tasks.
"""

MEMORY_LIMIT = 2 << 30
"""Limit of a worker's address space in bytes: far more than a page needs (about 100 MB resident), far less than a bomb."""

MAX_RESTARTS = 3
"""How often workers are restarted without finishing a task in between, before the batch is given up."""

START_TIMEOUT = 10.0
"""Minimum seconds in which workers must take their first task. Starting one takes two or three seconds of a core."""

_PREFETCH = 3
"""Queued tasks for each worker: enough to keep it busy, few enough to keep the parent small."""


class WorkerPoolError(Exception):
    """No task can be done: the workers cannot be prepared, or die before they take one."""


class TasksStoppedError(WorkerPoolError):
    """The remaining tasks were cancelled."""


def never_stop() -> bool:
    """Never cancel."""
    return False


@dataclass(frozen=True, slots=True)
class TaskLimits:
    """Number of workers, and seconds for one task; `stop` is called every second and returns whether to cancel."""

    workers: int
    seconds: float
    stop: Callable[[], bool] = never_stop


@dataclass(frozen=True, slots=True)
class TaskResult(Generic[Name, Result]):
    """The outcome of one task: its result, or its problem."""

    name: Name
    result: Result | None = None
    problem: Problem | None = None

    @property
    def late(self) -> bool:
        """Whether it exceeded its time limit."""
        return self.problem is not None and self.problem.code == ProblemCode.TIMED_OUT


def run_tasks(
    work: Callable[[Task], Result],
    tasks: Iterable[tuple[Name, Task]],
    limits: TaskLimits,
    prepare: Callable[[], None],
) -> Iterator[TaskResult[Name, Result]]:
    """Yield the outcome of each task when it is done; tasks are taken from the iterable only when workers are free.

    A failure of a task (an exception, a crash, a hang, too much memory) affects no other task.
    `work` and `prepare` are imported by name in the workers, which are spawned: they share nothing with this process.
    Raises WorkerPoolError if no worker can do a task, and TasksStoppedError if the tasks are cancelled.
    """
    tasks = iter(tasks)
    first = list(islice(tasks, limits.workers))  # no more workers than tasks: a start costs 0.3 s of CPU
    with WorkerPool(work, replace(limits, workers=max(len(first), 1)), prepare) as task_pool:
        yield from task_pool.run(chain(first, tasks))


def run_task(
    work: Callable[[Task], Result], task: Task, limits: TaskLimits, prepare: Callable[[], None]
) -> TaskResult[None, Result]:
    """Return the outcome of one task, in a worker of its own. Raises what `run_tasks` raises."""
    (outcome,) = run_tasks(work, [(None, task)], limits, prepare)
    return outcome


class WorkerPool(Generic[Task, Result]):
    """Workers that are kept from one batch to the next; batches run one at a time."""

    def __init__(self, work: Callable[[Task], Result], limits: TaskLimits, prepare: Callable[[], None]) -> None:
        self._work, self._limits, self._prepare = work, limits, prepare
        self._started = ExitStack()
        self._pool: ProcessPool | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the workers, unless they are running."""
        self._pool = self._pool or self._started.enter_context(_start_pool(self._limits, self._prepare))

    def stop(self) -> None:
        """Stop the workers; the next batch starts new ones."""
        self._pool = None
        self._started.close()

    def run(self, tasks: Iterable[tuple[Name, Task]]) -> Iterator[TaskResult[Name, Result]]:
        """Yield the outcome of each task of a batch, like `run_tasks`."""
        lost: list[tuple[Name, Task]] = []
        remaining, restarts = iter(tasks), 0
        while restarts <= MAX_RESTARTS:
            for outcome in self._outcomes(remaining, lost, patience=2**restarts):
                restarts = 0
                yield outcome
            lost = lost or list(islice(remaining, 1))  # workers may also die without a task
            if not lost:
                return
            remaining, lost, restarts = chain(lost, remaining), [], restarts + 1
            self.stop()
        raise WorkerPoolError("the worker processes end or hang before they take a task")

    def _outcomes(
        self, tasks: Iterator[tuple[Name, Task]], lost: list[tuple[Name, Task]], patience: int
    ) -> Iterator[TaskResult[Name, Result]]:
        """Yield outcomes until the tasks are done, or a worker dies without an outcome, or none takes a task.

        In the latter cases the unfinished tasks are added to `lost`.
        """
        limits, waiting = self._limits, dict[Future[Any], tuple[Name, Task]]()
        waited = 0.0
        self.start()
        pool = self._pool
        while pool and pool.active:
            while len(waiting) < limits.workers * _PREFETCH and (task := next(tasks, None)) is not None:
                try:
                    waiting[pool.schedule(_run_task, args=(self._work, task[1]), timeout=limits.seconds)] = task
                except RuntimeError:  # the pool has just broken
                    lost.append(task)
                    break
            if not waiting:
                return
            started = time.monotonic()
            done, _ = wait(waiting, timeout=1, return_when=FIRST_COMPLETED)
            if limits.stop():
                raise TasksStoppedError("it was stopped")
            waited = 0.0 if done else waited + time.monotonic() - started
            if waited > _stall_timeout(limits, waiting) * patience:
                break
            for future in done:
                if not isinstance(future.exception(), BrokenProcessPool):
                    yield _task_result(waiting.pop(future)[0], future, limits)
        lost += waiting.values()


def _stall_timeout(limits: TaskLimits, waiting: "Iterable[Future[Any]]") -> float:
    """Return after how many seconds without an outcome the workers are considered hung.

    No other limit applies to a worker that was stopped before it took a task.
    """
    start = max(START_TIMEOUT, limits.seconds)
    return start + limits.seconds if any(future.running() for future in waiting) else start


class _TrackedSpawnContext(CleanContext):
    """Keeps track of the processes that it started, in order to kill them.

    Pebble would remove its locks before it ends its workers, and a worker that is still importing modules would print a traceback.
    """

    def __init__(self) -> None:
        self._started: list[CleanProcess] | None = []

    def Process(self, *args: Any, **options: Any) -> CleanProcess:  # type: ignore[override]  # noqa: N802
        if self._started is None:
            raise ChildProcessError("the workers have been killed")
        self._started.append(CleanProcess(*args, **options))
        return self._started[-1]

    def kill(self) -> None:
        """Kill every process, and refuse to start others."""
        started, self._started = self._started or [], None
        for process in started:
            if process.is_alive():
                process.kill()
                process.join()


@contextmanager
def _start_pool(limits: TaskLimits, prepare: Callable[[], None]) -> Iterator[ProcessPool]:
    """Start workers, and always stop them.

    An interrupt reaches this process only, since workers inherit the signal mask.
    """
    context = _TrackedSpawnContext()
    pool = ProcessPool(
        max_workers=limits.workers,
        max_tasks=MAX_TASKS_PER_WORKER,
        initializer=_start_worker,
        initargs=(prepare, os.getpid()),
        context=context,  # type: ignore[arg-type]  # its locks are others than those of `multiprocessing`
    )
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        try:
            pool.schedule(int)  # the pool starts with its first task
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        yield pool
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        context.kill()
        pool.join()


def _task_result(
    name: Name, future: "Future[tuple[Result | None, Problem | None]]", limits: TaskLimits
) -> TaskResult[Name, Result]:
    try:
        result, problem = future.result()
        return TaskResult(name, result, problem and fault_log.report(problem))
    except TimeoutError:
        message = f"it took longer than {limits.seconds:g} seconds and was stopped"
        return TaskResult(name, None, Problem(message, code=ProblemCode.TIMED_OUT))
    except ProcessExpired as expired:
        message = f"its worker process died ({_exit_cause(expired.exitcode)})"
        return TaskResult(name, None, Problem(message, code=ProblemCode.WORKER_DIED))
    except WorkerPoolError:
        raise
    except Exception as error:  # a result that cannot be pickled
        return TaskResult(name, None, fault_log.report(error_problem(error)))


def _exit_cause(code: int | None) -> str:
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit code {code}"


def error_problem(error: BaseException) -> Problem:
    """Return the exception that ended a task as a value, since not every exception can be pickled.

    An unexpected one is a bug in pdfkit.
    """
    if isinstance(error, MemoryError):
        return Problem(f"it needed more than {MEMORY_LIMIT >> 20} MB of memory", code=ProblemCode.OUT_OF_MEMORY)
    return (error if isinstance(error, PdfkitError) else fault_log.internal_error(error)).problem


GC_THRESHOLD = 2_500
"""New objects between two garbage collections: a worker that renders needs 15 MB more than with the default of 700, and
95 MB more with 10,000.

`prepare` may set another value.
"""

_init_error = ""
"""Why this worker cannot work."""


def _start_worker(prepare: Callable[[], None], parent: int) -> None:
    """Make the worker end with its parent, and limit its memory."""
    global _init_error
    threading.Thread(target=_exit_with_parent, args=(parent,), daemon=True).start()
    core_dumps.forbid()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    gc.set_threshold(GC_THRESHOLD)
    gc.disable()  # imported modules are never garbage; searching them again and again is an eighth of their import
    try:
        prepare()
    except Exception as error:
        _init_error = str(error) or type(error).__name__
    gc.freeze()
    gc.enable()


def _run_task(work: Callable[[Task], Result], task: Task) -> tuple[Result | None, Problem | None]:
    if _init_error:
        raise WorkerPoolError(_init_error)
    try:
        return work(task), None
    except BaseException as error:
        return None, error_problem(error)


def _exit_with_parent(parent: int) -> Any:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
