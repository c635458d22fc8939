"""The output of the commands: results on stdout, progress and problems on stderr."""

import json
import re
from collections.abc import Iterable
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pdfkit_cli.errors import Finding, PdfkitError, Severity, SourceError

_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]")
"""Characters with which a file name could control a terminal or reorder text, and bytes that are not text."""


def escape_control_characters(text: str) -> str:
    """Return a text in which such characters are escaped."""
    return _CONTROL_CHARACTERS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class _Terminal(Console):
    def print(self, *objects: Any, **options: Any) -> None:
        """Print with control characters escaped: file names and contents may come from others."""
        super().print(
            *(escape_control_characters(each) if isinstance(each, str) else each for each in objects), **options
        )


out = _Terminal(soft_wrap=True, highlight=False, emoji=False)
err = _Terminal(stderr=True, soft_wrap=True, highlight=False, emoji=False)


def print_error(error: PdfkitError) -> None:
    """Print an error and its remedy."""
    if isinstance(error, SourceError):
        print_findings(error.findings)
        return
    err.print(f"pdfkit: {error}", markup=False)
    if error.hint:
        err.print(f"hint: {error.hint}", markup=False)


def print_findings(findings: Iterable[Finding]) -> None:
    """Print each problem with its place: errors in red, warnings in yellow."""
    for finding in findings:
        line = str(finding).replace("\n", "\\n")  # a file name may contain a line feed
        err.print(line, markup=False, style="red" if finding.severity is Severity.ERROR else "yellow")


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
    """Print JSON verbatim: `out` would process each line for a terminal."""
    typer.echo(escape_control_characters(json.dumps(value, ensure_ascii=False, indent=2)))


def progress_bar(console: Console) -> Progress:
    """Return a progress bar that disappears when it is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True)
