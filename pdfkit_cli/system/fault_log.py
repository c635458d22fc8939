"""The log of bugs in pdfkit: unexpected exceptions, with the versions of the tools.

Code that processes letters, or values typed for one patient, logs only the type of an exception and the calls that led
to it: its message, and the values in a traceback, may be patient data.
"""

import logging
import os
import platform
import sys
import traceback
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from platformdirs import user_log_path

from pdfkit_cli.errors import InternalError, InternalFault, Problem

LOG_NAME: Final = "faults.log"
MAX_LOG_BYTES: Final = 1 << 20
"""Size of the log in bytes; one older file of this size is kept."""

MAX_TRACEBACK_LENGTH: Final = 20_000
"""Largest number of characters of one traceback: an endless recursion has a long one."""

LIBRARIES: Final = (
    "pdfkit-cli",
    "weasyprint",
    "pydyf",
    "pikepdf",
    "pypdfium2",
    "pydantic",
    "jinja2",
    "fonttools",
    "pebble",
)

PRIVATE_CODE: Final = (
    "packs/",
    "desk/",
    "pdf/merge/",
    "pdf/attachments.py",
    "pdf/fidelity.py",
    "rendering/personal_copies.py",
    "build/verifier.py",
    "cli/packs.py",
    "cli/desk.py",
    "cli/verify.py",
)
"""Code that handles patient data."""

_PACKAGE: Final = Path(__file__).parents[1]

_logger: Final = logging.getLogger("pdfkit.faults")
_logger.setLevel(logging.DEBUG)
_logger.propagate = False


class _PrivateFileHandler(RotatingFileHandler):
    """A log that only its owner can read."""

    def _open(self) -> TextIOWrapper:
        opener = partial(os.open, mode=0o600)
        return open(self.baseFilename, self.mode, encoding=self.encoding, opener=opener)  # type: ignore[return-value]


def capture_fault(error: BaseException, about: str = "") -> InternalFault:
    """Return an exception as a value, with its message and traceback only if no code that handles patient data was involved."""
    frames = traceback.extract_tb(error.__traceback__)
    places = tuple(f"{_short_path(frame.filename)}:{frame.lineno} in {frame.name}" for frame in frames)
    files = {frame.filename for each in _chain(error) for frame in traceback.extract_tb(each.__traceback__)}
    frame = sys._getframe()
    while frame:
        files.add(frame.f_code.co_filename)
        frame = frame.f_back  # type: ignore[assignment]
    text = "" if any(map(_is_private, files)) else "".join(traceback.format_exception(error))
    if len(text) > MAX_TRACEBACK_LENGTH:
        text = f"{text[: MAX_TRACEBACK_LENGTH // 2]}\n…\n{text[-MAX_TRACEBACK_LENGTH // 2 :]}"
    return InternalFault(type(error).__name__, places[-40:], text, about)


def internal_error(error: BaseException, about: str = "") -> InternalError:
    """Return the error to raise in place of an unexpected exception."""
    return InternalError(capture_fault(error, about))


def log_fault(fault: InternalFault) -> str:
    """Write a fault to the log, and to stderr with `--debug`.

    Returns the path of the log; empty if it cannot be written.
    """
    handler = _file_handler()
    if handler and handler not in _logger.handlers:
        _logger.addHandler(handler)
    _logger.error("%s", _describe(fault))
    return handler.baseFilename if handler else ""


def report(problem: Problem) -> Problem:
    """Write the exception behind a problem to the log, and return the problem; for a bug it names the log."""
    if problem.fault is None:
        return problem
    path = log_fault(problem.fault)
    return replace(problem, hint=f"please report it with {path}") if problem.is_bug and path else problem


def show_on_stderr() -> None:
    """Write faults to stderr, too."""
    _logger.addHandler(logging.StreamHandler())


def _file_handler() -> RotatingFileHandler | None:
    folder = user_log_path("pdfkit", appauthor=False)
    return _handler_at(str(folder / LOG_NAME))


@cache
def _handler_at(path: str) -> RotatingFileHandler | None:
    with suppress(OSError):
        Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = _PrivateFileHandler(path, maxBytes=MAX_LOG_BYTES, backupCount=1, encoding="utf-8", errors="replace")
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        return handler
    return None


def _describe(fault: InternalFault) -> str:
    about = f" in {fault.about}" if fault.about else ""
    trace = fault.traceback or "".join(f"  {place}\n" for place in fault.places)
    return f"{fault.kind}{about}\n{_versions()}\n{trace}"


@cache
def _versions() -> str:
    from importlib import metadata

    known = [f"Python {platform.python_version()}", platform.platform()]
    for name in LIBRARIES:
        with suppress(metadata.PackageNotFoundError):
            known.append(f"{name} {metadata.version(name)}")
    return ", ".join(known)


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    waiting = [error]
    while waiting:
        if (each := waiting.pop()) and each not in found:
            found.append(each)
            waiting += [each.__cause__, each.__context__]
    return found


def _is_private(file: str) -> bool:
    path = Path(file)
    return path.is_relative_to(_PACKAGE) and path.relative_to(_PACKAGE).as_posix().startswith(PRIVATE_CODE)


def _short_path(file: str) -> str:
    """Return the path of a module, relative to the folder in which it is installed."""
    parts = Path(file).parts
    for root in ("site-packages", _PACKAGE.parent.name):
        if root in parts:
            return "/".join(parts[parts.index(root) + 1 :])
    return Path(file).name
