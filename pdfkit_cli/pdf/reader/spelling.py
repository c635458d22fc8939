"""Normalizes a text for comparison with what a PDF shows: letters, digits, punctuation and marks count.

White space, hyphens (some are added at line ends) and invisible characters do not.
An accented letter counts as a letter and an accent, since a font may have one glyph for both, and a ligature counts as its letters.
"""

import unicodedata
from functools import lru_cache
from typing import Final

from pdfkit_cli.system.caching import cache_texts

CACHE_SIZE: Final = 4000
"""Lines and texts whose letters are cached: shared content recurs in many PDFs."""

_HYPHENS = "-\N{SOFT HYPHEN}\N{HYPHEN}\N{NON-BREAKING HYPHEN}"
_SAME_GLYPH = {
    "\N{MICRO SIGN}": "\N{GREEK SMALL LETTER MU}",
    "\N{INCREMENT}": "\N{GREEK CAPITAL LETTER DELTA}",
    "\N{OHM SIGN}": "\N{GREEK CAPITAL LETTER OMEGA}",
    "\N{GREEK PHI SYMBOL}": "\N{GREEK SMALL LETTER PHI}",
    "\N{MODIFIER LETTER UNASPIRATED}": "\N{SUPERSCRIPT EQUALS SIGN}",
    "\N{EXTENDED ARABIC-INDIC DIGIT SIX}": "\N{ARABIC-INDIC DIGIT SIX}",  # in Urdu
    "\N{ARABIC LETTER U WITH HAMZA ABOVE}": "\N{ARABIC LETTER U WITH HAMZA ABOVE ISOLATED FORM}",  # in Uyghur
    "\N{ARABIC LETTER GAF WITH TWO DOTS BELOW}": "\N{ARABIC LETTER GUEH}",  # in African and Indian languages
    "\N{ARABIC LETTER RNOON INITIAL FORM}": "\N{ARABIC LETTER TTEH INITIAL FORM}",
    "\N{ARABIC LETTER RNOON MEDIAL FORM}": "\N{ARABIC LETTER TTEH MEDIAL FORM}",
    "\N{MODIFIER LETTER TURNED COMMA}": "\N{LEFT SINGLE QUOTATION MARK}",
    "\N{MODIFIER LETTER APOSTROPHE}": "\N{RIGHT SINGLE QUOTATION MARK}",
    "\N{DIVISION SLASH}": "\N{FRACTION SLASH}",
}
"""Characters that share a glyph in the fonts: a PDF has one text for each glyph, so they cannot be distinguished."""

_PRESENTATION_FORMS = range(0xFB00, 0xFEFD)
"""Ligatures and contextual forms that have code points of their own."""

_WRITTEN_OUT = {"\N{ARABIC LIGATURE ALLAH ISOLATED FORM}": "\u0627\u0644\u0644\u0651\u0670\u0647"}
"""Presentation forms with marks that the font draws, but that their decomposition in Unicode lacks."""


def base_letters(sign: str) -> str:
    """Return the letters of a presentation form, or the character itself.

    The space that carries an isolated mark is dropped.
    """
    if ord(sign) not in _PRESENTATION_FORMS:
        return sign
    letters = _WRITTEN_OUT.get(sign) or unicodedata.normalize("NFKC", sign)
    return letters.lstrip(" ") if unicodedata.combining(letters[1:2] or " ") else letters


class _Letters(dict[int, str | None]):
    """A translation table for `str.translate` that is filled when a character is first looked up."""

    def __missing__(self, code: int) -> str | None:
        sign = chr(code)
        drop = sign in _HYPHENS or unicodedata.category(sign)[0] in "ZC"
        self[code] = None if drop else unicodedata.normalize("NFD", base_letters(_SAME_GLYPH.get(sign, sign)))
        return self[code]


_LETTERS = _Letters()


@cache_texts
@lru_cache(maxsize=CACHE_SIZE)
def comparable_letters(text: str) -> str:
    """Return the characters of a text that count in comparisons."""
    return text.translate(_LETTERS).replace(" ", "")


def word_continues(before: str, after: str) -> bool:
    """Return whether a word continues from one text to the next, with a letter or with an accent on the last letter."""
    if not after or not before:
        return False
    letter = next((sign for sign in reversed(before) if not unicodedata.combining(sign)), " ")
    return letter.isalnum() and (after[0].isalnum() or unicodedata.combining(after[0]) > 0)
