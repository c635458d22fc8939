"""The output of the commands: results on stdout, progress and problems on stderr."""

import json
import os
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pdfkit_cli.errors import Finding, PdfkitError, Severity, SourceError

if TYPE_CHECKING:
    from rich.progress import Progress

_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]")
"""Characters with which a file name could control a terminal or reorder text, and bytes that are not text."""

_COLOURS = {"red": "\x1b[31m", "yellow": "\x1b[33m", "": ""}


def escape_control_characters(text: str) -> str:
    """Return a text in which such characters are escaped."""
    return _CONTROL_CHARACTERS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


@dataclass(frozen=True, slots=True)
class _Terminal:
    """One of the two streams, whichever it is at the moment: a progress bar replaces it for as long as it is shown."""

    name: Literal["stdout", "stderr"]

    @property
    def is_terminal(self) -> bool:
        """Whether a person watches; `FORCE_COLOR` says so where the stream does not."""
        stream = getattr(sys, self.name)
        return bool(stream) and (bool(os.environ.get("FORCE_COLOR")) or stream.isatty())

    @property
    def _shows_colours(self) -> bool:
        return self.is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") not in ("dumb", "unknown")

    def print(self, text: str, *, style: Literal["", "red", "yellow"] = "", end: str = "\n") -> None:
        """Print with control characters escaped: file names and contents may come from others."""
        stream = getattr(sys, self.name)
        if stream is None:  # the shell closed it
            return
        text = escape_control_characters(text)
        if style and self._shows_colours:
            text = f"{_COLOURS[style]}{text}\x1b[0m"
        stream.write(text + end)
        stream.flush()


out = _Terminal("stdout")
err = _Terminal("stderr")


def print_error(error: PdfkitError) -> None:
    """Print an error and its remedy."""
    if isinstance(error, SourceError):
        print_findings(error.findings)
        return
    err.print(f"pdfkit: {error}")
    if error.hint:
        err.print(f"hint: {error.hint}")


def print_findings(findings: Iterable[Finding]) -> None:
    """Print each problem with its place: errors in red, warnings in yellow."""
    for finding in findings:
        line = str(finding).replace("\n", "\\n")  # a file name may contain a line feed
        err.print(line, style="red" if finding.severity is Severity.ERROR else "yellow")


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return a problem as `--json` prints it."""
    place = finding.place
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "message": finding.message,
        "file": place.file,
        "line": place.line,
        "column": place.column,
    }


def print_json(value: object) -> None:
    """Print JSON."""
    out.print(json.dumps(value, ensure_ascii=False, indent=2))


def progress_bar() -> "Progress":
    """Return a progress bar on stderr that disappears when it is done; what is printed meanwhile appears above it."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True, soft_wrap=True, highlight=False, emoji=False)
    return Progress(*columns, console=console, transient=True)
