"""Readability of a text: sentences, words, and LIX with its bands."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from pdfkit_cli.content.languages.language import Language

WORD_PATTERN = re.compile(r"[^\W\d_]+(?:['’\u064b-\u0652][^\W\d_]*)*")
"""A run of letters, which may contain Arabic vowel marks and apostrophes."""

LONG_WORD_LENGTH = 7
"""The fewest letters of a long word in LIX."""

_LONG = re.compile(rf"[^\W\d_]{{{LONG_WORD_LENGTH},}}")
_MARK = re.compile(r"[.?!…:؟][.?!…»«”“\")\]]*(?=\s|$)")
_LONGEST = 12
"""Letters before a full stop among which an abbreviation is searched."""

_BANDS = ("very easy", "easy", "medium", "hard", "very hard")


def split_sentences(text: str, language: Language) -> list[str]:
    """Return the sentences of a text; a heading or a list item counts as a sentence, too.

    After an abbreviation of the language, such as “ca.”, a number does not begin a sentence.
    """
    parts, start = [], 0
    for mark in _MARK.finditer(text):
        if _ends_sentence(mark, text, language):
            parts.append(text[start : mark.start()])
            start = mark.end()
    parts.append(text[start:])
    return [part.strip() for part in parts if WORD_PATTERN.search(part)]


@lru_cache(256)
def _abbreviated(language: Language) -> re.Pattern[str]:
    """Return a pattern of an abbreviation, without its full stop, at the end."""
    names = [re.escape(name.removesuffix(".")) for name in language.file.abbreviations if name.endswith(".")]
    return re.compile(rf"\b(?:{'|'.join(names) or '(?!)'})$", re.I)


def _ends_sentence(mark: re.Match[str], text: str, language: Language) -> bool:
    """Return whether a punctuation mark ends a sentence. A full stop before a lower-case letter, or in “ca. 20”, does not."""
    following = text[mark.end() : mark.end() + 2].strip()[:1]
    if mark[0][0] in ":؟" or not following:
        return True
    if following.isdigit():
        return not _abbreviated(language).search(text, max(mark.start() - _LONGEST, 0), mark.start())
    return not (following.islower() or following == "(")


def split_words(text: str) -> list[str]:
    """Return the words of a text, without numbers."""
    return WORD_PATTERN.findall(text)


class WordCount(NamedTuple):
    """The counts that LIX is computed from: sentences, words, and words of seven letters or more."""

    sentences: int
    words: int
    long: int


def count_words(text: str, language: Language) -> WordCount:
    """Return the counts of a text."""
    found = split_words(text)
    long = [run for word in found if len(word) >= LONG_WORD_LENGTH for run in _LONG.findall(word)]
    return WordCount(len(split_sentences(text, language)), len(found), len(long))


def total_count(counts: Iterable[WordCount]) -> WordCount:
    """Return the sum of counts."""
    return WordCount(*map(sum, zip((0, 0, 0), *counts, strict=True)))


def lix_score(counted: WordCount) -> float:
    """Return the readability index: words per sentence, plus the percentage of words of seven letters or more.

    Björnsson, C. H. (1968), Läsbarhet. The result is 0 if there are no words.
    """
    if not counted.words:
        return 0.0
    return counted.words / counted.sentences + 100 * counted.long / counted.words


def lix_band(value: float, bands: Sequence[int]) -> str:
    """Return the name of the band of a LIX (rounded, as it is printed); `bands` are the LIX at which the next band begins."""
    return next((name for end, name in zip(bands, _BANDS, strict=False) if round(value) < end), _BANDS[-1])
