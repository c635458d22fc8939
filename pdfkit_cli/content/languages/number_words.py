"""Words for numbers, units and percent in a language, as patterns: `number_words` in its file."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.content.languages.language_file import NumberWordList


@dataclass(frozen=True)
class NumberWords:
    """The words of one language, as patterns. It has no `__slots__`, so that each pattern can be cached."""

    language: Language

    @property
    def data(self) -> NumberWordList:
        """The words, as they are in the file."""
        return self.language.file.number_words

    def plain(self, text: str) -> str:
        """Return a text in which each word has one spelling (NFC, without optional vowel marks)."""
        text = unicodedata.normalize("NFC", text)
        return (
            "".join(sign for sign in text if unicodedata.category(sign) != "Mn")
            if self.language.file.optional_vowels
            else text
        )

    @property
    def separators(self) -> tuple[str, str] | None:
        """The decimal sign and the thousands separator; None if they are only in CLDR, whose data take 5 ms to load."""
        file = self.language.file
        return (file.decimal, file.thousands) if file.decimal and file.thousands else None

    @cached_property
    def percent(self) -> str:
        """A pattern of a percent sign, or a word for it, after a number."""
        return _any_of("%", r"pro ?cent\b", r"per ?cent\b", *self._words(self.data.percent))

    @cached_property
    def percent_before(self) -> re.Pattern[str]:
        """A pattern of a percent sign, or a word for it, before a number."""
        words = _any_of("%", *self._words(self.data.percent_before))
        return re.compile(rf"(?<!\d)(?<!\d )(?:{words})\s?(\d+(?:[.,]\d+)?)", re.I)

    @cached_property
    def units(self) -> str:
        """A pattern of the names of units in the language."""
        return _any_of(*(self._word(name) for names in self.data.units.values() for name in names))

    @property
    def start(self) -> str:
        """A pattern of the start of a word; it matches everywhere if words are not separated by spaces."""
        return r"(?<!\w)" if self.language.file.word_spaces else ""

    @property
    def end(self) -> str:
        """A pattern of the end of a word; it matches everywhere if words are not separated by spaces."""
        return r"(?!\w)" if self.language.file.word_spaces else ""

    def unit(self, name: str) -> str:
        """Return the standard symbol of a unit from one of its names."""
        return next(symbol for symbol, pattern in self._unit_patterns if pattern.fullmatch(name))

    @cached_property
    def twelve_hours(self) -> re.Pattern[str] | None:
        """A pattern of 12-hour times; None if the language has none."""
        if not self.data.pm:
            return None
        am, pm = (_any_of(*self._words(words)) for words in (self.data.am, self.data.pm))
        return re.compile(
            rf"(?<![\d.,])(?P<hour>\d{{1,2}})(?:[:.](?P<minute>\d\d))? ?(?:(?P<am>{am})|(?P<pm>{pm}))(?!\w)", re.I
        )

    def spelled(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Yield each number in words, with its start and end."""
        if self._never:
            text = self._never.sub(lambda match: " " * len(match[0]), text)
        for match in self._numerals.finditer(text):
            name = match["one"] or match["word"]
            number = next(
                (number for number, pattern in self._numeral_patterns if name and pattern.fullmatch(name)), "1"
            )
            yield number, match.start(), match.end()

    def signs(self, text: str) -> Counter[str]:
        """Return the number of phrases for each sign, such as “at least” for ≥."""
        return Counter({sign: len(pattern.findall(text)) for sign, pattern in self._sign_patterns})

    def sign(self, phrase: str) -> str:
        """Return the sign that a phrase means."""
        return next(sign for sign, pattern in self._sign_patterns if pattern.fullmatch(phrase))

    def time(self, word: str) -> str:
        """Return the unit of time that a word means."""
        return next(unit for unit, pattern in self._time_patterns if pattern.fullmatch(word))

    @cached_property
    def sign_words(self) -> str:
        """A pattern of the phrases with the meaning of a sign."""
        return _any_of(*(self._word(word) for words in self.data.signs.values() for word in words))

    @cached_property
    def time_words(self) -> str:
        """A pattern of the words for units of time."""
        return _any_of(*(self._word(word) for words in self.data.times.values() for word in words))

    # Patterns

    @cached_property
    def _time_patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        return [(unit, self._pattern(words)) for unit, words in self.data.times.items()]

    @cached_property
    def _unit_patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        return [(symbol, self._pattern(names)) for symbol, names in self.data.units.items()]

    @cached_property
    def _numeral_patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        names = {"1": self.data.ones, **self.data.words}
        return [(number, self._pattern(words, self._prefixes)) for number, words in names.items()]

    @cached_property
    def _sign_patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        return [
            (sign, re.compile(rf"{self.start}{self._prefixes}(?:{_any_of(*map(self._word, words))}){self.end}", re.I))
            for sign, words in self.data.signs.items()
        ]

    @cached_property
    def _numerals(self) -> re.Pattern[str]:
        words = _any_of(*(self._word(word) for names in self.data.words.values() for word in names))
        ones, articles, counted = map(self._any, (self.data.ones, self.data.articles, self.data.counted))
        if not self.language.file.word_spaces:
            return re.compile(
                rf"{self._after_no_number}(?:(?P<word>{words})|(?P<one>{ones}))(?=\s?(?:{counted}))", re.I
            )
        article = rf"(?:{articles})\s+(?=(?:{counted}))"
        return re.compile(rf"(?<!\w){self._prefixes}(?:(?:(?P<word>{words})|(?P<one>{ones}))(?!\w)|{article})", re.I)

    @cached_property
    def _never(self) -> re.Pattern[str] | None:
        words = self._words(self.data.never)
        return re.compile(rf"{self.start}(?:{_any_of(*words)}){self.end}", re.I) if words else None

    @property
    def _after_no_number(self) -> str:
        """A pattern of a place that is not inside a longer number: the two of twelve is none."""
        names = [*self.data.ones, *(word for words in self.data.words.values() for word in words)]
        return "".join(f"(?<!{re.escape(self.plain(name))})" for name in names)

    @property
    def _prefixes(self) -> str:
        return "".join(f"(?:{_any_of(*map(re.escape, each))})?" for each in self.data.prefixes)

    def _any(self, words: Iterable[str]) -> str:
        return _any_of(*map(self._word, words))

    def _words(self, words: Iterable[str]) -> list[str]:
        return [self._word(word) for word in words]

    def _word(self, word: str) -> str:
        form = re.escape(self.plain(word)).replace(r"\ ", r"\s")
        return form.replace(r"\*", r"\w*")

    def _pattern(self, words: Iterable[str], prefixes: str = "") -> re.Pattern[str]:
        return re.compile(f"{prefixes}(?:{_any_of(*map(self._word, words))})", re.I)


def _any_of(*forms: str) -> str:
    """Return a pattern that matches any of the forms, the longest first; if there are none, it matches nothing."""
    return "|".join(sorted(forms, key=len, reverse=True)) or r"(?!)"


@lru_cache(256)
def number_words_for(language: Language) -> NumberWords:
    """Return the words of a language."""
    return NumberWords(language)
