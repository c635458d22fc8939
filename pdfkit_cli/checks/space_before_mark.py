"""A space before a comma, a full stop or another punctuation mark: the mark may begin the next line."""

import re
from collections.abc import Iterator

from pdfkit_cli.checks.regex_rule import search_pattern
from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.checks.texts import CheckedText
from pdfkit_cli.errors import Severity

_SPACE = re.compile(r"[ \N{NO-BREAK SPACE}](?<=[^\W_].)[.,;:?!،؛؟](?=\s|$)")


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each punctuation mark with a space before it."""
    return search_pattern(context, _SPACE, _message)


def _message(match: re.Match[str], text: CheckedText) -> str:
    return "" if text.rules.file.space_before_marks else f"there is a space before “{match[0][-1]}”; remove it"


RULE = Rule("space-before-mark", "A space before a punctuation mark", Severity.WARNING, check)
