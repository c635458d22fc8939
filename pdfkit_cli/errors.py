"""The one root exception, the exit codes, and findings: problems with a place."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class ExitCode(IntEnum):
    """What a command tells the shell."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    OUR_FAULT = 3
    INTERRUPTED = 130


class Severity(StrEnum):
    """An error stops what it touches; a warning is said and nothing more."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class SourceLocation:
    """Where in the library: a path as the user would type it; line and column count from 1, 0 is the whole file."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column or 1}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem: a stable code, how bad it is, what to do about it, and where."""

    code: str
    message: str
    place: SourceLocation
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}: {self.message} [{self.code}]"


MAX_MESSAGE_LENGTH = 300
"""Characters of a message: what it quotes may be a whole file."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and what to do about it; put into one sentence only where a person reads it."""

    message: str
    hint: str = ""
    passing: bool = False
    """Whether it passes by itself: another build is writing, a drive is full."""

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class PdfkitError(Exception):
    """Anything that pdfkit expects to go wrong; `hint` says what to do next, `in_job` the same to whoever wrote a job and no command."""

    exit_code = ExitCode.FINDINGS

    def __init__(self, message: str, *, hint: str = "", in_job: str = "") -> None:
        super().__init__(message)
        self.hint, self.in_job = hint, in_job


def problem_from_error(error: Exception, *, about: object = None) -> Problem:
    """Return an error as values for a report on jobs, without the name of the file that it is about."""
    message = str(error) or type(error).__name__
    if about is not None:
        message = message.removeprefix(f"{about}: ")
    return Problem(shorten_message(message), getattr(error, "in_job", "") or getattr(error, "hint", ""))


def utf8_safe(text: str) -> str:
    """Return words that can be written as UTF-8: the name of a file need not be."""
    return text.encode("utf-8", "backslashreplace").decode()


def shorten_message(text: str, most: int = MAX_MESSAGE_LENGTH) -> str:
    """Return a message that can be printed, without the middle of what it quotes at too great a length."""
    text = utf8_safe(text)
    return text if len(text) <= most else f"{text[: most // 2]} … {text[-most // 2 :]}"


def describe_error(error: Exception) -> str:
    """Return what went wrong and, where it is known, what to do: how an error is told in a report, beside those of others."""
    hint = getattr(error, "hint", "")
    return f"{error}; {hint}" if hint else str(error)


def install_hint(extra: str) -> str:
    """Return how an extra is installed: from the source, never by a name, since nobody has registered ours and so anybody may."""
    return f"install it in the folder that holds pdfkit's source: pip install '.[{extra}]'"


class UsageError(PdfkitError):
    """The command was asked for something that does not exist."""

    exit_code = ExitCode.USAGE


class SourceError(PdfkitError):
    """A file of the library cannot be used; carries every finding in it."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


class OutputError(PdfkitError):
    """The output folder cannot be written, or another build is writing it."""
