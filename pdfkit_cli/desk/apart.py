"""One long task in a process of its own: the desk goes on answering, and whatever befalls the task is one error in words."""

import threading
from collections.abc import Callable
from typing import Final, TypeVar

from pdfkit_cli import execute
from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.execute import Limits, WorkersError, never

Task = TypeVar("Task")
Result = TypeVar("Result")

AT_ONCE: Final = 2
"""Tasks that run at the same time; the others wait their turn."""

_turns = threading.BoundedSemaphore(AT_ONCE)


def nothing() -> None:
    """What a worker needs beforehand that renders nothing."""


def do(
    work: Callable[[Task], Result],
    task: Task,
    seconds: float,
    prepare: Callable[[], None] = nothing,
    *,
    stop: Callable[[], bool] = never,
) -> Result:
    """Return what `work` makes of the task. Raises PdfkitError: it failed, hung for so many seconds, its process died, or the desk ends."""
    with _turns:
        return _done(work, task, Limits(1, seconds, stop), prepare)


def probe(prepare: Callable[[], None], seconds: float, stop: Callable[[], bool]) -> bool:
    """Say that a worker starts; waits for no other. Raises PdfkitError."""
    return _done(bool, 1, Limits(1, seconds, stop), prepare)


def _done(work: Callable[[Task], Result], task: Task, limits: Limits, prepare: Callable[[], None]) -> Result:
    try:
        outcomes = list(execute.run(work, [("", task)], limits, prepare))
    except WorkersError as error:
        raise PdfkitError(f"nothing can be done here: {error}", hint="see what is missing: pdfkit doctor") from None
    if outcomes[0].result is None:
        raise PdfkitError(outcomes[0].error)
    return outcomes[0].result
