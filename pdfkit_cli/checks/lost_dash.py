"""A range that lost its dash when it was pasted: “27 40 %” for 27–40 %."""

import re
from collections.abc import Iterator
from functools import lru_cache

from pdfkit_cli.checks.regex_rule import search_pattern
from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.checks.texts import CheckedText
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.errors import Severity

_SYMBOLS = ("%", "‰", "°", "mg", "µg", "g", "kg", "ml", "cl", "dl", "l", "mm", "cm", "m", "km", "mmol")
_SPACE = "[ \N{NO-BREAK SPACE}]"

_HINT = re.compile(rf"\d{_SPACE}\d")


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each pair of numbers that are separated only by a space and followed by a unit."""
    return search_pattern(context, _range, _message, _HINT)


def _message(match: re.Match[str], text: CheckedText) -> str:
    first, last = match.groups()
    thousands = len(last) == 3 and last.isdigit() and len(first) <= 3
    if thousands or _number(first) >= _number(last):
        return ""
    return f"“{match[0]}”: if this is a range, its dash is missing; write {first}–{last}"


def _number(figures: str) -> float:
    return float(figures.replace(",", "."))


@lru_cache(256)
def _range(language: Language) -> re.Pattern[str]:
    units = "|".join(map(re.escape, (*_SYMBOLS, *language.file.units, *language.file.range_units)))
    number = r"(\d+(?:[.,]\d+)?)"
    return re.compile(rf"(?<![\d.,/×–-])(?<![\d×]{_SPACE}){number}{_SPACE}{number}(?={_SPACE}?(?:{units})(?!\w))")


RULE = Rule("lost-dash", "A range that lost its dash", Severity.WARNING, check)
