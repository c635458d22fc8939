"""Finds contradictions in words about the same number: hours and days, at least and at most, two and three.

Only what both texts express is compared, because one language may leave out what another needs.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias

from pdfkit_cli.content.languages import number_words, numbers
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.content.languages.numbers import Numbers, NumberText, NumberToken

_COUNT_NUMBERS = tuple(str(number) for number in range(2, 13))
"""Numbers that are written as words in every language. “One” is left out, because it is often an article or a pronoun."""


NumberPositions: TypeAlias = tuple[tuple[str, int, int], ...]
"""Numbers, each with its start and end in the text."""


@dataclass(frozen=True)
class Quantities:
    """The numbers of a normalized text, and what it says about each. It has no `__slots__`, so that this is found once."""

    written: NumberText
    in_digits: NumberPositions
    in_words: NumberPositions

    @cached_property
    def positions(self) -> NumberPositions:
        """All numbers, in digits and in words."""
        return self.in_digits + self.in_words

    @cached_property
    def time_units(self) -> dict[str, set[str]]:
        """The units of time after each number."""
        words, language = self.written
        found = defaultdict[str, set[str]](set)
        for number, _, end in self.positions:
            if match := _time_pattern(language).match(words, end):
                found[number].add(f"{number} {number_words.number_words_for(language).time(match[1])}")
        return found

    @cached_property
    def bounds(self) -> dict[str, set[str]]:
        """For each number, whether it is a minimum or a maximum."""
        words, language = self.written
        known, found = number_words.number_words_for(language), defaultdict[str, set[str]](set)
        before = {match.end(): match for match in _bound_before(language).finditer(words)}
        for number, start, end in self.positions:
            match = before.get(start) or _bound_after(language).match(words, end)
            if match and not match.groupdict().get("no") and not _is_duration(match["sign"], self.written, end):
                sign = known.sign(match["sign"])
                found[number].add({"≥": "≥", ">": "≥", "≤": "≤", "<": "≤"}.get(sign, "−") + number)
        return found

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each small number occurs. With “half” before a number, none: half three is 2.30 in some languages, 3.30 in others."""
        if any("." in number for number, _, _ in self.in_words):
            return Counter()
        return Counter(number for number, _, _ in self.positions if number in _COUNT_NUMBERS)

    @property
    def spelled(self) -> set[str]:
        """The numbers that it has in words."""
        return {number for number, _, _ in self.in_words}


def read_quantities(written: NumberText, tokens: Iterable[NumberToken]) -> Quantities | None:
    """Return the quantities of a normalized text with these numbers in digits; None if it has no number, as four of five segments of a leaflet."""
    found = Quantities(
        written,
        tuple(numbers.digit_positions(tokens)),
        tuple(number_words.number_words_for(written.language).spelled(written.words)),
    )
    return found if found.positions else None


def differing_quantities(ours: Quantities | None, theirs: Quantities | None) -> tuple[Numbers, Numbers]:
    """Return the quantities that contradict each other, ours and theirs. Both texts must have the same numbers in digits."""
    mine, wanted = list[str](), list[str]()
    if ours is None or theirs is None:
        return (), ()
    for one, other in (ours.time_units, theirs.time_units), (ours.bounds, theirs.bounds):
        for number in one:
            if number in other and one[number].isdisjoint(other[number]):
                mine += sorted(one[number])
                wanted += sorted(other[number])
    more, less = ours.counts - theirs.counts, theirs.counts - ours.counts
    if more and less and more.keys() <= ours.spelled and less.keys() <= theirs.spelled:
        mine += more.elements()
        wanted += less.elements()
    return tuple(mine), tuple(wanted)


def _is_duration(phrase: str, written: NumberText, end: int) -> bool:
    """Return whether a preposition is about time: “under två veckor” means “during two weeks”."""
    known, time = (
        number_words.number_words_for(written.language),
        _time_pattern(written.language).match(written.words, end),
    )
    return " " not in phrase and known.sign(phrase) in "<>" and bool(time and known.time(time[1]) != "year")


@lru_cache(256)
def _time_pattern(language: Language) -> re.Pattern[str]:
    end = number_words.number_words_for(language).end
    return re.compile(rf"[\s-]?({number_words.number_words_for(language).time_words}){end}", re.I)


@lru_cache(256)
def _bound_before(language: Language) -> re.Pattern[str]:
    words = number_words.number_words_for(language).sign_words
    no = "|".join(map(re.escape, language.file.negations)) or "(?!)"
    return re.compile(rf"(?<!\w)(?P<no>(?:{no})\s)??(?P<sign>{words})\s", re.I)


@lru_cache(256)
def _bound_after(language: Language) -> re.Pattern[str]:
    words = number_words.number_words_for(language).sign_words
    either = "|".join(map(re.escape, language.file.or_words)) or "(?!)"
    return re.compile(rf"[^.,;:()\d]{{0,20}}?\s(?=(?:{either})\s)(?P<sign>{words})(?!\w)", re.I)
