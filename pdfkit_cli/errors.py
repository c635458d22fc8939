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

    @property
    def is_bug(self) -> bool:
        """Whether pdfkit itself is to blame, for certain."""
        return self.code == ProblemCode.INTERNAL

    def __str__(self) -> str:
        message = f"{self.place}: {self.message} [{self.code}]" if self.place else self.message
        return f"{message}; {self.hint}" if self.hint else message


def problem_from_finding(finding: Finding) -> Problem:
    """Return a finding as the reason why something was not made."""
    return Problem(finding.message, code=finding.code, place=finding.place)


class PdfkitError(Exception):
    """Anything that pdfkit expects to go wrong; `hint` tells what to do next, `in_job` the same to whoever wrote a job and no command."""

    exit_code = ExitCode.FINDINGS
    code = ""
    """What went wrong, for a program; empty where nobody has to tell it from other problems."""

    fault: InternalFault | None = None

    def __init__(self, message: str, *, hint: str = "", in_job: str = "", code: str = "") -> None:
        super().__init__(message)
        self.hint, self.in_job = hint, in_job
        self.code = code or self.code


class InternalError(PdfkitError):
    """A bug of pdfkit, or of a library that it uses: what happened is in `fault`."""

    exit_code = ExitCode.OUR_FAULT
    code = ProblemCode.INTERNAL

    def __init__(self, fault: InternalFault, about: str = "", *, hint: str = "please report it") -> None:
        message = f"internal error ({fault.kind}). This is a bug in pdfkit"
        super().__init__(f"{about}: {message}" if about else message, hint=hint)
        self.fault = fault


def problem_from_error(error: Exception, *, about: object = None) -> Problem:
    """Return an error as values for a report on jobs, without the name of the file that it is about."""
    message = str(error) or type(error).__name__
    if about is not None:
        message = message.removeprefix(f"{about}: ")
    code = ProblemCode.INTERNAL if isinstance(error, InternalError) else ""
    hint = getattr(error, "in_job", "") or getattr(error, "hint", "")
    return Problem(shorten_message(message), hint, code=code, fault=getattr(error, "fault", None))


def error_from_problem(problem: Problem, about: str) -> PdfkitError:
    """Return a problem as an error to raise. One that the worker process had, and not its task, is told with what it was working on."""
    if problem.fault and problem.is_bug:
        return InternalError(problem.fault, about, hint=problem.hint)
    message = f"{about}: {problem.message}" if problem.code in set(ProblemCode) else problem.message
    return PdfkitError(message, hint=problem.hint)


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
