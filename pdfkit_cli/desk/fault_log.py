"""What the desk writes to its log when something goes wrong: the kind and the place of a fault, and seldom.

Never its message, which might hold something of a letter, nor a traceback; and what strangers can bring about is counted, not repeated.
"""

import asyncio
import logging
from collections import Counter
from typing import Any, Final

log: Final = logging.getLogger("pdfkit.desk")

_counts: Counter[str] = Counter()


def log_occurrence(words: str) -> None:
    """Write to the log what happens for the first, tenth, hundredth … time."""
    _counts[words] += 1
    count = str(_counts[words])
    if count.rstrip("0") == "1":
        log.error("%s%s", words, f" ({count} times by now)" if count != "1" else "")


def describe_fault(error: BaseException) -> str:
    """Return the kind and the place of a fault."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f" {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{place}"


def handle_loop_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Handle what asyncio has nobody to tell, such as that no file can be opened any more."""
    error = context.get("exception")
    log_occurrence(
        f"{context.get('message', '')}: {describe_fault(error)}" if error else str(context.get("message", ""))
    )


class TracebackFilter(logging.Filter):
    """Takes the tracebacks out of what uvicorn logs, and leaves out tasks that were ended with the desk."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            record.msg, record.args, record.exc_info = describe_fault(error), (), None
        return not isinstance(error, asyncio.CancelledError) and not record.getMessage().startswith("Cancel ")
