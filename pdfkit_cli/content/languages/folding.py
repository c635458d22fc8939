"""Normalizes words for searching (accents and doubled letters removed), and counts the edits between two words."""

import re
import unicodedata
from functools import lru_cache

LETTERS = {
    "æ": "a", "ø": "o", "œ": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "ı": "i", "ſ": "s", "ς": "σ",
    "ŋ": "n", "ŧ": "t", "ħ": "h", "ĸ": "k", "ə": "e",
    "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ء": "", "ـ": "",
    "ہ": "ه", "ھ": "ه", "ە": "ه", "ے": "ي", "ې": "ي", "ۍ": "ي", "ێ": "ي", "ۆ": "و", "ڕ": "ر", "ڵ": "ل",
    **{chr(first + digit): str(digit) for first in (0x660, 0x6F0) for digit in range(10)},
}  # fmt: skip
"""Letters that Unicode does not decompose, and their replacements: one table for all languages, since a search is in all of them."""

_TABLE = str.maketrans(LETTERS)
_DIGRAPH, _DOUBLE = re.compile(r"([aou])e"), re.compile(r"([^\W\d_])\1+")
TERM, WORD = re.compile(r"\S+"), re.compile(r"[^\W_]+")
"""Patterns of a term (text between spaces) and of the words in it."""


def fold_text(text: str) -> str:
    """Return a text in the form that is compared: lower case, no accents, no doubled letters, æ and ae as a, ø and oe as o.

    A prefix of a text folds to a prefix of the folded text, so that a word is found while it is being typed.
    """
    plain = "".join(
        char for char in unicodedata.normalize("NFKD", text).lower() if unicodedata.category(char)[0] != "M"
    )
    return _DOUBLE.sub(r"\1", _DIGRAPH.sub(r"\1", plain.translate(_TABLE)))


def folded_words(text: str) -> list[str]:
    """Return the folded words of a text; `TENS-behandling` is tens, behandling and tensbehandling."""
    return [word for term in text.split() for word in _words_of_term(term)]


@lru_cache(1 << 16)
def _words_of_term(term: str) -> tuple[str, ...]:
    found: list[str] = []
    for folded in TERM.findall(fold_text(term)):
        parts = WORD.findall(folded)
        found += parts if len(parts) < 2 else [*parts, "".join(parts)]
    return tuple(found)


def prefix_osa_distance(term: str, text: str, most: int) -> int:
    """Return the fewest edits that turn a prefix of `text` into `term`; `most` + 1 if it is more than `most`.

    An edit is an added, missing or wrong letter, or two swapped letters (optimal string alignment).
    """
    same = 0
    while same < len(term) and same < len(text) and term[same] == text[same]:
        same += 1
    term, text = term[same:], text[same:]
    if not term or not most:
        return int(bool(term))
    tries = [prefix_osa_distance(term[1:], text, most - 1)]
    if text:
        tries += prefix_osa_distance(term[1:], text[1:], most - 1), prefix_osa_distance(term, text[1:], most - 1)
    if term[:2] == text[1:2] + text[:1] and len(term) > 1:
        tries.append(prefix_osa_distance(term[2:], text[2:], most - 1))
    return 1 + min(tries)
