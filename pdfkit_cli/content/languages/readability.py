"""Readability of a text: sentences, words, and LIX with its bands."""

import re
from collections.abc import Iterable
from typing import NamedTuple

WORD_PATTERN = re.compile(r"[^\W\d_]+(?:['’\u064b-\u0652][^\W\d_]*)*")
"""A run of letters, which may contain Arabic vowel marks and apostrophes."""

LONG_WORD_LENGTH = 7
"""The fewest letters of a long word in LIX."""

_LONG = re.compile(rf"[^\W\d_]{{{LONG_WORD_LENGTH},}}")
_MARK = re.compile(r"[.?!…:؟][.?!…»«”“\")\]]*(?=\s|$)")
_ABBREVIATED = re.compile(r"\b(?:ca|kl|nr|no|fig|tlf|tel|max|min|c:a)$", re.I)
"""Abbreviations before a number inside a sentence, as in “ca. 20”."""

_LIX_BANDS = {
    "da": ((25, "very easy"), (35, "easy"), (45, "medium"), (55, "hard")),
    "sv": ((30, "very easy"), (40, "easy"), (50, "medium"), (60, "hard")),
}
"""The bands of each language, with the LIX at which the next band begins."""

LANGUAGES = frozenset(_LIX_BANDS)
"""The languages with known bands. For others, LIX has no meaning."""


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text; a heading or a list item counts as a sentence, too."""
    parts, start = [], 0
    for mark in _MARK.finditer(text):
        if _ends_sentence(mark, text):
            parts.append(text[start : mark.start()])
            start = mark.end()
    parts.append(text[start:])
    return [part.strip() for part in parts if WORD_PATTERN.search(part)]


def _ends_sentence(mark: re.Match[str], text: str) -> bool:
    """Return whether a punctuation mark ends a sentence. A full stop before a lower-case letter, or in “ca. 20”, does not."""
    following = text[mark.end() : mark.end() + 2].strip()[:1]
    if mark[0][0] in ":؟" or not following:
        return True
    if following.isdigit():
        return not _ABBREVIATED.search(text, max(mark.start() - 5, 0), mark.start())
    return not (following.islower() or following == "(")


def split_words(text: str) -> list[str]:
    """Return the words of a text, without numbers."""
    return WORD_PATTERN.findall(text)


class WordCount(NamedTuple):
    """The counts that LIX is computed from: sentences, words, and words of seven letters or more."""

    sentences: int
    words: int
    long: int


def count_words(text: str) -> WordCount:
    """Return the counts of a text."""
    found = split_words(text)
    long = [run for word in found if len(word) >= LONG_WORD_LENGTH for run in _LONG.findall(word)]
    return WordCount(len(split_sentences(text)), len(found), len(long))


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


def lix_band(value: float, language: str) -> str:
    """Return the name of the band of a LIX (rounded, as it is printed) in one of LANGUAGES."""
    return next((name for end, name in _LIX_BANDS[language] if round(value) < end), "very hard")
