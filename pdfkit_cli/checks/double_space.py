"""Two spaces between words, as in text pasted from another program."""

import re
from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.checks.texts import checked_texts
from pdfkit_cli.errors import Severity, SourceLocation

_MARKER = re.compile(r"\s*(?:[-*+]|\d+[.)]|#+|:{3,})\s+|\s*\|.*|\s*\[\^[^\]]+\]:\s+")
"""Where several spaces are allowed: after list, heading, block and footnote markers, and in tables, which authors align."""

_SPACES = re.compile(r"(?<=\S)[ \N{NO-BREAK SPACE}]{2,}(?=\S)")


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each run of spaces between words, in front matter too."""
    for writing in checked_texts(context):
        text = writing.source.text
        if not ("  " in text or "\N{NO-BREAK SPACE}" in text):
            continue
        for number, line in enumerate(text.split("\n"), start=1):
            marker = _MARKER.match(line)
            for spaces in _SPACES.finditer(line, marker.end() if marker else 0):
                place = SourceLocation(writing.source.name, number, spaces.start() + 1)
                yield place, "two spaces between words; remove one"


RULE = Rule("double-space", "Two spaces between words", Severity.WARNING, check)
