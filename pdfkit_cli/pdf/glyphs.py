"""What Arabic glyphs say, where WeasyPrint guesses it from the first word that has them (WeasyPrint 70).

A letter and the mark on it are two glyphs of one cluster. The first of them in the file gets the text of both, the other nothing, and so
they stay in all words of the document: a reader hears letters twice, or not at all. The font knows better.
"""

import unicodedata
from collections.abc import Mapping
from io import BytesIO

from fontTools.ttLib import TTFont

_MARK_ON_SPACE = range(0xFE70, 0xFE80)
"""Marks by themselves: compatibility forms with a space in them."""


class Texts(dict[int, str]):
    """The texts of a font's glyphs, in which what the font itself says of a glyph wins."""

    def __init__(self, known: Mapping[int, str]) -> None:
        super().__init__()
        self._known = known

    def __setitem__(self, glyph: int, text: str) -> None:
        super().__setitem__(glyph, self._known.get(glyph, text))


def texts(font: bytes) -> dict[int, str]:
    """Return the Arabic letters of a font file, by glyph number; shaped forms say the letters that they are forms of."""
    face = TTFont(BytesIO(font), lazy=True)
    found: dict[int, str] = {}
    for code, name in sorted(face.getBestCmap().items(), reverse=True):  # plain letters win over their shaped forms
        if (0x0600 <= code <= 0x06FF or 0xFB50 <= code <= 0xFEFC) and code not in _MARK_ON_SPACE:
            found[face.getGlyphID(name)] = unicodedata.normalize("NFKC", chr(code))
    return found
