"""Removes numbers that could be mistaken for phone numbers: dates, times, doses, readings, lists of ages."""

import re
from itertools import pairwise
from typing import Final

from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.content.languages.units import measure_pattern, time_pattern

_FIGURES: Final = re.compile(
    r"(?<!\d)(?<!\d )(?:"
    r"\d{4}-\d\d-\d\d|\d{1,2}[./-] ?\d{1,2}[./ -] ?\d{4}"  # dates
    r"|\d{1,2}[.:]\d\d ?[–-] ?\d{1,2}[.:]\d\d"  # from one time of day to another
    r"|\d[\d.,]*–\d[\d.,]*|(?:19|20)\d\d[/-](?:19|20)\d\d"  # ranges, years
    r"|\d{1,3}/\d{1,3}(?:[\s,;]+\d{1,3}/\d{1,3})+"  # blood pressures
    r")(?! ?\d)"
)
_SERIES: Final = re.compile(r"(?<![\w+(./–-])(?<![\w/–-] )\d{1,3}(?:([ \u00a0/–-])\d{1,3})(?:\1\d{1,3})+(?![\w/–-]?\d)")
"""Numbers with the same separator between them: doses, ages, readings, or the groups of a phone number."""


def without_non_phone_numbers(words: str, language: Language) -> str:
    """Return a text without the numbers that cannot be phone numbers."""
    words = _FIGURES.sub(" ; ", words)
    return _SERIES.sub(lambda row: " ; " if _is_series(row, language) else row[0], words)


def is_measure(following: str, language: Language) -> bool:
    """Return whether the words that follow a number begin with a unit, such as mg or months."""
    return any(units(language).match(following) for units in (measure_pattern, time_pattern))


def _is_series(row: re.Match[str], language: Language) -> bool:
    """Return whether the numbers look like a series of doses or ages rather than the groups of a phone number.

    A series rises or falls steadily. Phone number groups of equal length may do so, too."""
    groups = re.findall(r"\d+", row[0])
    if any(len(group) > 1 and group[0] == "0" for group in groups):
        return False
    numbers = list(map(int, groups))
    steady = all(a < b for a, b in pairwise(numbers)) or all(a > b for a, b in pairwise(numbers))
    small = sum(len(group) == 1 for group in groups) > 1
    mixed = len(set(map(len, groups))) > 1
    if steady:
        return small or (mixed and len(groups) > 3) or is_measure(row.string[row.end() :], language)
    return small and row[1] not in " \u00a0"
