"""Run one long task in a worker process: the desk stays responsive, and a crash or a hang becomes one error."""

import threading
from collections.abc import Callable
from typing import Final, TypeVar, cast

from pdfkit_cli.errors import PdfkitError, ProblemCode
from pdfkit_cli.system import worker_pool
from pdfkit_cli.system.worker_pool import TaskLimits, WorkerPoolError, never_stop

Task = TypeVar("Task")
Result = TypeVar("Result")

MAX_CONCURRENT_TASKS: Final = 2
"""Tasks that run at the same time; others wait."""

_task_slots = threading.BoundedSemaphore(MAX_CONCURRENT_TASKS)


def no_preparation() -> None:
    """Prepare nothing: for a worker that does not render."""


def run_isolated(
    work: Callable[[Task], Result],
    task: Task,
    seconds: float,
    prepare: Callable[[], None] = no_preparation,
    *,
    stop: Callable[[], bool] = never_stop,
) -> Result:
    """Return the result of a task.

    Raises PdfkitError if it fails, takes longer than `seconds`, its process dies, or the desk ends.
    """
    with _task_slots:
        return _run_one(work, task, TaskLimits(1, seconds, stop), prepare)


def probe_worker(prepare: Callable[[], None], seconds: float, stop: Callable[[], bool]) -> bool:
    """Return True once a worker has started, without waiting for other tasks. Raises PdfkitError."""
    return _run_one(bool, 1, TaskLimits(1, seconds, stop), prepare)


def _run_one(work: Callable[[Task], Result], task: Task, limits: TaskLimits, prepare: Callable[[], None]) -> Result:
    try:
        outcome = worker_pool.run_task(work, task, limits, prepare)
    except WorkerPoolError as error:
        raise PdfkitError(f"no worker process starts: {error}", code=ProblemCode.NO_WORKER) from None
    if problem := outcome.problem:
        raise PdfkitError(problem.message, hint=problem.hint, code=problem.code)
    return cast(Result, outcome.result)
