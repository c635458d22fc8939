"""What a language has for numbers: units, percent and small numbers in words. One file for each language, beside this one.

The keys of a file, all of which may be left out:

- `percent`: words behind a number that are a percent sign; `percent_before`: those before one.
- `units`: words and signs of a unit, by its symbol.
- `words`: words of a number, by the number; `ones`: those of 1; `articles` are 1 only before one of the words in `counted`.
- `never`: phrases in which none of these words is a number.
- `signs`: words that say what a sign such as ≥ says.
- `times`: words behind a number for minutes, hours, days, weeks, months and years.
- `am` and `pm`: what stands behind a time of twelve hours; `prefixes`: a pattern of what is written onto the beginning of a word.

A star at the end of a word is any ending.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any

import yaml

_OPTIONAL_VOWEL_MARKS = ("ar", "fa", "ur")
"""Languages whose vowel marks may be written or not."""


@dataclass(frozen=True)
class NumberWords:
    """The words of one language, as patterns. No slots: each pattern is made once, where it is asked for."""

    language: str
    data: Mapping[str, Any]

    def plain(self, text: str) -> str:
        """Return a text in which a word is always the same letters."""
        text = unicodedata.normalize("NFC", text)
        return (
            "".join(sign for sign in text if unicodedata.category(sign) != "Mn")
            if self.language in _OPTIONAL_VOWEL_MARKS
            else text
        )

    @cached_property
    def percent(self) -> str:
        """A pattern of what stands behind a number for a percent sign."""
        return _any_of("%", r"pro ?cent\b", r"per ?cent\b", *self._words("percent"))

    @cached_property
    def percent_before(self) -> re.Pattern[str]:
        """A percent sign, or a word for it, before a number."""
        words = _any_of("%", *self._words("percent_before"))
        return re.compile(rf"(?<!\d)(?<!\d )(?:{words})\s?(\d+(?:[.,]\d+)?)", re.I)

    @cached_property
    def units(self) -> str:
        """A pattern of the language's own names of units."""
        return _any_of(*(self._word(name) for names in self._units.values() for name in names))

    def unit(self, name: str) -> str:
        """Return the symbol of a unit by one of its names."""
        return next(symbol for symbol, pattern in self._unit_patterns if pattern.fullmatch(name))

    @cached_property
    def twelve_hours(self) -> re.Pattern[str] | None:
        """A time of twelve hours, where the language has one."""
        if not self.data.get("pm"):
            return None
        am, pm = (_any_of(*self._words(name)) for name in ("am", "pm"))
        return re.compile(
            rf"(?<![\d.,])(?P<hour>\d{{1,2}})(?:[:.](?P<minute>\d\d))? ?(?:(?P<am>{am})|(?P<pm>{pm}))(?!\w)", re.I
        )

    def spelled(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Yield each number in words in a plain text, with where it begins and ends."""
        text = self._never.sub(lambda match: " " * len(match[0]), text)
        for match in self._numerals.finditer(text):
            name = match["one"] or match["word"]
            number = next(
                (number for number, pattern in self._numeral_patterns if name and pattern.fullmatch(name)), "1"
            )
            yield number, match.start(), match.end()

    def signs(self, text: str) -> Counter[str]:
        """Count the words in a plain text that say what a sign says."""
        return Counter({sign: len(pattern.findall(text)) for sign, pattern in self._sign_patterns})

    def sign(self, phrase: str) -> str:
        """Return the sign that a phrase says."""
        return next(sign for sign, pattern in self._sign_patterns if pattern.fullmatch(phrase))

    def time(self, word: str) -> str:
        """Return the unit of time that a word is."""
        return next(unit for unit, pattern in self._time_patterns if pattern.fullmatch(word))

    @cached_property
    def sign_words(self) -> str:
        """A pattern of the phrases that say what a sign says."""
        return _any_of(*(self._word(word) for words in self.data.get("signs", {}).values() for word in words))

    @cached_property
    def time_words(self) -> str:
        """A pattern of the words for units of time."""
        return _any_of(*(self._word(word) for words in self._times.values() for word in words))

    # Patterns

    @property
    def _times(self) -> Mapping[str, list[str]]:
        times: Mapping[str, list[str]] = self.data.get("times", {})
        return times

    @cached_property
    def _time_patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        return [(unit, self._pattern(words)) for unit, words in self._times.items()]

    @cached_property
    def _units(self) -> Mapping[str, list[str]]:
        units: Mapping[str, list[str]] = self.data.get("units", {})
        return units

    @cached_property
    def _unit_patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        return [(symbol, self._pattern(names)) for symbol, names in self._units.items()]

    @cached_property
    def _numeral_patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        names = {"1": self.data.get("ones", []), **self.data.get("words", {})}
        return [(number, self._pattern(words, self._prefixes)) for number, words in names.items()]

    @cached_property
    def _sign_patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        return [
            (sign, re.compile(rf"(?<!\w){self._prefixes}{_any_of(*map(self._word, words))}(?!\w)", re.I))
            for sign, words in self.data.get("signs", {}).items()
        ]

    @cached_property
    def _numerals(self) -> re.Pattern[str]:
        words = _any_of(*(self._word(word) for names in self.data.get("words", {}).values() for word in names))
        ones, articles, counted = (_any_of(*self._words(name)) for name in ("ones", "articles", "counted"))
        article = rf"(?:{articles})\s+(?=(?:{counted}))"
        return re.compile(rf"(?<!\w)(?:{self._prefixes}(?:(?P<word>{words})|(?P<one>{ones}))(?!\w)|{article})", re.I)

    @cached_property
    def _never(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!\w)(?:{_any_of(*self._words('never'))})(?!\w)", re.I)

    @property
    def _prefixes(self) -> str:
        return str(self.data.get("prefixes", ""))

    def _words(self, key: str) -> list[str]:
        return [self._word(word) for word in self.data.get(key, [])]

    def _word(self, word: str) -> str:
        form = re.escape(self.plain(word)).replace(r"\ ", r"\s")
        return form.replace(r"\*", r"\w*")

    def _pattern(self, words: Iterable[str], prefixes: str = "") -> re.Pattern[str]:
        return re.compile(f"{prefixes}(?:{_any_of(*map(self._word, words))})", re.I)


def _any_of(*forms: str) -> str:
    """Return a pattern of any of these, the longest first; of nothing, where there are none."""
    return "|".join(sorted(forms, key=len, reverse=True)) or r"(?!)"


@cache
def number_words_for(language: str) -> NumberWords:
    """Return what a language has; nothing where there is no file for it."""
    file = resources.files(__name__).joinpath(f"{language.partition('-')[0]}.yaml")
    return NumberWords(language, yaml.load(file.read_text("utf-8"), yaml.BaseLoader) if file.is_file() else {})  # noqa: S506
