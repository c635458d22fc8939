"""The log of the desk: the type and the place of a fault.

Neither its message, which might quote a letter, nor a traceback is logged.
What outsiders can trigger is counted, so that they cannot fill the log.
"""

import asyncio
import logging
from collections import Counter
from typing import Any, Final

log: Final = logging.getLogger("pdfkit.desk")

_counts: Counter[str] = Counter()


def log_occurrence(words: str) -> None:
    """Log an event the first, tenth, hundredth … time that it happens."""
    _counts[words] += 1
    count = str(_counts[words])
    if count.rstrip("0") == "1":
        log.error("%s%s", words, f" ({count} times by now)" if count != "1" else "")


def describe_fault(error: BaseException) -> str:
    """Return the type and the place of a fault."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f" {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{place}"


def handle_loop_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log errors that asyncio cannot raise anywhere, such as too many open files."""
    error = context.get("exception")
    log_occurrence(
        f"{context.get('message', '')}: {describe_fault(error)}" if error else str(context.get("message", ""))
    )


class TracebackFilter(logging.Filter):
    """Removes tracebacks from what uvicorn logs, and drops tasks that were cancelled at shutdown."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            record.msg, record.args, record.exc_info = describe_fault(error), (), None
        return not isinstance(error, asyncio.CancelledError) and not record.getMessage().startswith("Cancel ")
