"""Finds contradictions in words about the same number: hours and days, at least and at most, two and three.

Only what both texts express is compared, because one language may leave out what another needs.
"""

import re
from collections import Counter, defaultdict
from functools import cache

from pdfkit_cli.content.languages import number_words, numbers
from pdfkit_cli.content.languages.numbers import Numbers, NumberText

_NEGATIONS = (
    "no|not|never|ikke|ikkje|ej|inte|nicht|kein|keine|keinen|ei|en|älä|pas|non|não|"
    "nao|niet|geen|nie|ne|nu|ekki|не|ни|لا|ليس|دون|بدون|نه|نہ|değil|aan|ma"
)
"""Negations, as in “no more than two”. Negated phrases are not compared."""

_OR_WORDS = "or|eller|oder|tai|ou|o|of|lub|або|или|veya|ve|nebo|ili|eða|sau|أو|یا"
"""Words for “or”, which begin a phrase after a number, as in “two or more”."""

_COUNT_NUMBERS = tuple(str(number) for number in range(2, 13))
"""Numbers that are written as words in every language. “One” is left out, because it is often an article or a pronoun."""


def differing_quantities(ours: NumberText, theirs: NumberText) -> tuple[Numbers, Numbers]:
    """Return the quantities that contradict each other, ours and theirs. Both texts must have the same numbers in digits."""
    one, other = numbers.normalize(ours), numbers.normalize(theirs)
    mine, wanted = list[str](), list[str]()
    for found in (_time_units(one), _time_units(other)), (_bounds(one), _bounds(other)):
        for number in found[0].keys() & found[1].keys():
            if found[0][number].isdisjoint(found[1][number]):
                mine += sorted(found[0][number])
                wanted += sorted(found[1][number])
    counts = _counts(one), _counts(other)
    more, less = counts[0] - counts[1], counts[1] - counts[0]
    if more and less and more.keys() <= _spelled(one) and less.keys() <= _spelled(other):
        mine += more.elements()
        wanted += less.elements()
    return tuple(mine), tuple(wanted)


def _time_units(written: NumberText) -> dict[str, set[str]]:
    """Return the units of time after each number."""
    known, found = number_words.number_words_for(written.language), defaultdict[str, set[str]](set)
    for number, _, end in numbers.number_positions(written):
        if match := _time_pattern(written.language).match(written.words, end):
            found[number].add(f"{number} {known.time(match[1])}")
    return found


def _bounds(written: NumberText) -> dict[str, set[str]]:
    """Return, for each number, whether it is a minimum or a maximum."""
    known, found = number_words.number_words_for(written.language), defaultdict[str, set[str]](set)
    before = {match.end(): match for match in _bound_before(written.language).finditer(written.words)}
    for number, start, end in numbers.number_positions(written):
        match = before.get(start) or _bound_after(written.language).match(written.words, end)
        if match and not match.groupdict().get("no") and not _is_duration(match["sign"], written, end):
            sign = known.sign(match["sign"])
            found[number].add({"≥": "≥", ">": "≥", "≤": "≤", "<": "≤"}.get(sign, "−") + number)
    return found


def _is_duration(phrase: str, written: NumberText, end: int) -> bool:
    """Return whether a preposition is about time: “under två veckor” means “during two weeks”."""
    known, time = (
        number_words.number_words_for(written.language),
        _time_pattern(written.language).match(written.words, end),
    )
    return " " not in phrase and known.sign(phrase) in "<>" and bool(time and known.time(time[1]) != "year")


def _counts(written: NumberText) -> Counter[str]:
    """Count the small numbers. A text with “half” before a number counts none: half three is 2.30 in some languages, 3.30 in others."""
    spelled = list(number_words.number_words_for(written.language).spelled(written.words))
    if any("." in number for number, _, _ in spelled):
        return Counter()
    return Counter(number for number, _, _ in numbers.number_positions(written) if number in _COUNT_NUMBERS)


def _spelled(written: NumberText) -> set[str]:
    return {number for number, _, _ in number_words.number_words_for(written.language).spelled(written.words)}


@cache
def _time_pattern(language: str) -> re.Pattern[str]:
    return re.compile(rf"[\s-]?({number_words.number_words_for(language).time_words})(?!\w)", re.I)


@cache
def _bound_before(language: str) -> re.Pattern[str]:
    words = number_words.number_words_for(language).sign_words
    return re.compile(rf"(?<!\w)(?P<no>(?:{_NEGATIONS})\s)??(?P<sign>{words})\s", re.I)


@cache
def _bound_after(language: str) -> re.Pattern[str]:
    words = number_words.number_words_for(language).sign_words
    return re.compile(rf"[^.,;:()\d]{{0,20}}?\s(?=(?:{_OR_WORDS})\s)(?P<sign>{words})(?!\w)", re.I)
