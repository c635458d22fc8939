"""The one root exception, the exit codes, and findings: problems with a place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any


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


class ProblemCode(StrEnum):
    """Problems of which a program must know what they are; the codes of others are those of the rules and of the packs."""

    INTERNAL = "internal"
    TIMED_OUT = "timed-out"
    WORKER_DIED = "worker-died"
    OUT_OF_MEMORY = "out-of-memory"
    NO_WORKER = "no-worker"


@dataclass(frozen=True, slots=True)
class InternalFault:
    """An exception that nobody expected, as a value that can travel between processes.

    `places` are the calls that led to it, the innermost last, and `about` is what was being worked on. `traceback` is empty
    where it may quote what concerns a patient.
    """

    kind: str
    places: tuple[str, ...] = ()
    traceback: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and what to do about it: a value until it is printed for a person."""

    message: str
    hint: str = ""
    passing: bool = False
    """Whether it passes by itself: another build is writing, a drive is full."""

    code: str = ""
    place: SourceLocation | None = None
    fault: InternalFault | None = None
    """The exception that it comes from. It may be a bug of pdfkit also where the file is blamed."""

    values: Mapping[str, Any] = field(default_factory=dict)
    """What the message names, for the words of its code in another language."""

    @property
    def is_bug(self) -> bool:
        """Whether pdfkit itself is to blame, for certain."""
        return self.code == ProblemCode.INTERNAL

    def __str__(self) -> str:
        message = f"{self.place}: {self.message}" if self.place else self.message
        return f"{message}; {self.hint}" if self.hint else message


def problem_from_finding(finding: Finding) -> Problem:
    """Return a finding as the reason why something was not made."""
    return Problem(f"{finding.message} [{finding.code}]", code=finding.code, place=finding.place)


class PdfkitError(Exception):
    """Anything that pdfkit expects to go wrong; `hint` tells what to do next, and `code` what it is to a program."""

    exit_code = ExitCode.FINDINGS
    code = ""
    """What went wrong, for a program; empty where nobody has to tell it from other problems."""

    def __init__(self, message: str, *, hint: str = "", code: str = "", fault: InternalFault | None = None) -> None:
        super().__init__(message)
        self.hint, self.fault = hint, fault
        self.code = code or self.code

    @property
    def problem(self) -> Problem:
        """The error as a value, which can travel between processes."""
        return Problem(shorten_message(str(self)), self.hint, code=self.code, fault=self.fault)


class InternalError(PdfkitError):
    """A bug of pdfkit, or of a library that it uses: what happened is in `fault`."""

    exit_code = ExitCode.OUR_FAULT
    code = ProblemCode.INTERNAL

    def __init__(self, fault: InternalFault, about: str = "", *, hint: str = "please report it") -> None:
        self._message = f"internal error ({fault.kind}). This is a bug in pdfkit"
        super().__init__(f"{about}: {self._message}" if about else self._message, hint=hint, fault=fault)

    @property
    def problem(self) -> Problem:
        return Problem(self._message, self.hint, code=self.code, fault=self.fault)


def error_from_problem(problem: Problem, about: object) -> PdfkitError:
    """Return a problem as an error to raise, with the name of what was worked on where the problem has none."""
    if problem.fault and problem.is_bug:
        return InternalError(problem.fault, str(about), hint=problem.hint)
    return PdfkitError(f"{problem.place or about}: {problem.message}", hint=problem.hint)


def utf8_safe(text: str) -> str:
    """Return words that can be written as UTF-8: the name of a file need not be."""
    return text.encode("utf-8", "backslashreplace").decode()


def shorten_message(text: str, most: int = MAX_MESSAGE_LENGTH) -> str:
    """Return a message that can be printed, without the middle of what it quotes at too great a length."""
    text = utf8_safe(text)
    return text if len(text) <= most else f"{text[: most // 2]} … {text[-most // 2 :]}"


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
    """The output folder cannot be read or written."""

    code = "output-folder"


class OutputBusyError(OutputError):
    """Another build is writing the output folder."""

    code = "output-busy"
