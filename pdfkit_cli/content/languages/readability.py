"""How hard a text is to read: sentences, words, and LIX with its bands."""

import re
from collections.abc import Iterable
from typing import NamedTuple

WORD_PATTERN = re.compile(r"[^\W\d_]+(?:['’\u064b-\u0652][^\W\d_]*)*")
"""A run of letters; vowel signs of Arabic and apostrophes stand inside one."""

LONG_WORD_LENGTH = 7
"""Letters of a word that LIX takes for a long one."""

_LONG = re.compile(rf"[^\W\d_]{{{LONG_WORD_LENGTH},}}")
_MARK = re.compile(r"[.?!…:؟][.?!…»«”“\")\]]*(?=\s|$)")
_ABBREVIATED = re.compile(r"\b(?:ca|kl|nr|no|fig|tlf|tel|max|min|c:a)$", re.I)
"""What a point and a figure may follow inside a sentence, as in “ca. 20”."""

_LIX_BANDS = {
    "da": ((25, "very easy"), (35, "easy"), (45, "medium"), (55, "hard")),
    "sv": ((30, "very easy"), (40, "easy"), (50, "medium"), (60, "hard")),
}
"""Where the next band begins, by language."""

LANGUAGES = frozenset(_LIX_BANDS)
"""The languages whose bands are known; of others LIX says nothing."""


def split_sentences(text: str) -> list[str]:
    """Return the sentences of one passage; a heading or an item of a list is one too."""
    parts, start = [], 0
    for mark in _MARK.finditer(text):
        if _ends_sentence(mark, text):
            parts.append(text[start : mark.start()])
            start = mark.end()
    parts.append(text[start:])
    return [part.strip() for part in parts if WORD_PATTERN.search(part)]


def _ends_sentence(mark: re.Match[str], text: str) -> bool:
    """Return whether a mark ends a sentence. A point before a small letter ends none, nor that of “ca. 20”."""
    following = text[mark.end() : mark.end() + 2].strip()[:1]
    if mark[0][0] in ":؟" or not following:
        return True
    if following.isdigit():
        return not _ABBREVIATED.search(text, max(mark.start() - 5, 0), mark.start())
    return not (following.islower() or following == "(")


def split_words(text: str) -> list[str]:
    """Return the words of a text; figures are none."""
    return WORD_PATTERN.findall(text)


class WordCount(NamedTuple):
    """What LIX is made of: sentences, words, and words of seven letters or more."""

    sentences: int
    words: int
    long: int


def count_words(text: str) -> WordCount:
    """Count one passage."""
    found = split_words(text)
    long = [run for word in found if len(word) >= LONG_WORD_LENGTH for run in _LONG.findall(word)]
    return WordCount(len(split_sentences(text)), len(found), len(long))


def total_count(counts: Iterable[WordCount]) -> WordCount:
    """Add counts up."""
    return WordCount(*map(sum, zip((0, 0, 0), *counts, strict=True)))


def lix_score(counted: WordCount) -> float:
    """Return the readability index: words per sentence, plus the percentage of words of seven letters or more.

    Björnsson, C. H. (1968), Läsbarhet. 0 where there is no word.
    """
    if not counted.words:
        return 0.0
    return counted.words / counted.sentences + 100 * counted.long / counted.words


def lix_band(value: float, language: str) -> str:
    """Return the name of the band that a LIX falls in, rounded as it is printed, in one of LANGUAGES."""
    return next((name for end, name in _LIX_BANDS[language] if round(value) < end), "very hard")
