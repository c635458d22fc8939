"""A space before a comma, a point or another mark: the mark may begin the next line."""

import re
from collections.abc import Iterator

from pdfkit_cli.checks.pattern import search
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.checks.writings import Writing
from pdfkit_cli.errors import Severity

_SPACE = re.compile(r"[ \N{NO-BREAK SPACE}](?<=[^\W_].)[.,;:?!،؛؟](?=\s|$)")
SPACED = frozenset({"fr"})
"""Languages that set a space there."""


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each mark with a space before it."""
    return search(subject, _SPACE, _said)


def _said(match: re.Match[str], writing: Writing) -> str:
    return "" if writing.language in SPACED else f"a space stands before “{match[0][-1]}”; remove it"


RULE = Rule("space-before-mark", "A space before a mark", Severity.WARNING, check)
