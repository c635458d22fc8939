"""Straight (typewriter) quotation marks: each language has its own marks."""

import re
from collections.abc import Iterator

from pdfkit_cli.checks.regex_rule import search_pattern
from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.checks.texts import CheckedText
from pdfkit_cli.errors import Severity

_STRAIGHT_QUOTE = re.compile(r"(?<!\d)\"|(?<!\w)'(?=\w)")
"""After a digit the mark means inches; inside a word it is an apostrophe."""

_HINT = re.compile("[\"']")


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each straight quotation mark."""
    return search_pattern(context, _STRAIGHT_QUOTE, _message, _HINT)


def _message(match: re.Match[str], text: CheckedText) -> str:
    marks = text.rules.file.quotation_marks or "the quotation marks of the language"
    return f"straight quotation mark {match[0]}; write {marks}"


RULE = Rule("straight-quotes", "Straight quotation marks", Severity.WARNING, check)
