"""What counts of a text when it is compared with what a PDF shows: letters, digits, signs and marks.

White space, hyphens (a typesetter adds some at line ends) and signs that print nothing do not count. A letter and its accent count for themselves,
since a font may have one glyph for both; a ligature counts for its letters.
"""

import unicodedata
from functools import lru_cache
from typing import Final

from pdfkit_cli.system.caching import cache_texts

CACHE_SIZE: Final = 4000
"""Lines and texts whose letters are kept: those of a body are the same for each clinic."""

_HYPHENS = "-\N{SOFT HYPHEN}\N{HYPHEN}\N{NON-BREAKING HYPHEN}"
_SAME_GLYPH = {
    "\N{MICRO SIGN}": "\N{GREEK SMALL LETTER MU}",
    "\N{INCREMENT}": "\N{GREEK CAPITAL LETTER DELTA}",
    "\N{OHM SIGN}": "\N{GREEK CAPITAL LETTER OMEGA}",
    "\N{GREEK PHI SYMBOL}": "\N{GREEK SMALL LETTER PHI}",
    "\N{MODIFIER LETTER UNASPIRATED}": "\N{SUPERSCRIPT EQUALS SIGN}",
    "\N{EXTENDED ARABIC-INDIC DIGIT SIX}": "\N{ARABIC-INDIC DIGIT SIX}",  # in Urdu
}
"""Signs that share a glyph in the fonts: a file has one text for each glyph, and so cannot tell them apart."""

_PRESENTATION_FORMS = range(0xFB00, 0xFEFD)
"""Ligatures and contextual forms that have code points of their own."""

_WRITTEN_OUT = {"\N{ARABIC LIGATURE ALLAH ISOLATED FORM}": "\u0627\u0644\u0644\u0651\u0670\u0647"}
"""Forms whose marks Unicode leaves out, and which the font draws."""


def base_letters(sign: str) -> str:
    """Return the letters that a sign is a form of. Marks of a form by itself stand on a space, which is no part of a word."""
    if ord(sign) not in _PRESENTATION_FORMS:
        return sign
    letters = _WRITTEN_OUT.get(sign) or unicodedata.normalize("NFKC", sign)
    return letters.lstrip(" ") if unicodedata.combining(letters[1:2] or " ") else letters


class _Letters(dict[int, str | None]):
    """What becomes of each character, found out when it first comes."""

    def __missing__(self, code: int) -> str | None:
        sign = chr(code)
        drop = sign in _HYPHENS or unicodedata.category(sign)[0] in "ZC"
        self[code] = None if drop else unicodedata.normalize("NFD", base_letters(_SAME_GLYPH.get(sign, sign)))
        return self[code]


_LETTERS = _Letters()


@cache_texts
@lru_cache(maxsize=CACHE_SIZE)
def comparable_letters(text: str) -> str:
    """Return what counts of a text."""
    return text.translate(_LETTERS).replace(" ", "")


def word_continues(before: str, after: str) -> bool:
    """Say whether a word goes on between two stretches of letters, with a letter or with an accent of the last one."""
    if not after or not before:
        return False
    letter = next((sign for sign in reversed(before) if not unicodedata.combining(sign)), " ")
    return letter.isalnum() and (after[0].isalnum() or unicodedata.combining(after[0]) > 0)
