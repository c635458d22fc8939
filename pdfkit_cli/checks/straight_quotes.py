"""Straight quotation marks, as typewriters have them: every language has its own."""

import re
from collections.abc import Iterator

from pdfkit_cli.checks.pattern import search
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.checks.writings import Writing
from pdfkit_cli.errors import Severity

MARKS = {"da": "»…«", "sv": "”…”", "en": "“…”", "ar": "«…»"}
_STRAIGHT = re.compile(r"(?<!\d)\"|(?<!\w)'(?=\w)")
"""Behind a figure it is an inch; inside a word, an apostrophe."""

_HINT = re.compile("[\"']")


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each straight quotation mark."""
    return search(subject, _STRAIGHT, _said, _HINT)


def _said(match: re.Match[str], writing: Writing) -> str:
    marks = MARKS.get(writing.language, "those of the language")
    return f"straight quotation mark {match[0]}; write {marks}"


RULE = Rule("straight-quotes", "Straight quotation marks", Severity.WARNING, check)
