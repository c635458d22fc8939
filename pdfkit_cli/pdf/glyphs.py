"""What glyphs say, where WeasyPrint has it from the first word of a document that has them (WeasyPrint 70).

Many characters may share a glyph: a space and one that may not break, an accented letter and the letter with its accent. So what is read
aloud would hang on which of them comes first, and be another in a clinic's slots than in the whole page. An Arabic letter and
the mark on it are two glyphs of one cluster; the first of them gets the text of both, the other nothing, and so they stay in all words: a reader
hears letters twice, or not at all. The font knows better.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

from fontTools.ttLib import TTFont

_MARK_ON_SPACE = range(0xFE70, 0xFE80)
"""Marks by themselves: compatibility forms with a space in them."""

FORMS = range(0xFB00, 0xFEFD)
"""Ligatures and shaped forms, which have characters of their own."""


class Texts(dict[int, str]):
    """The texts of a font's glyphs, in which what the font itself says of a glyph wins."""

    def __init__(self, known: Mapping[int, str]) -> None:
        super().__init__()
        self._known = known

    def __setitem__(self, glyph: int, text: str) -> None:
        super().__setitem__(glyph, self._known.get(glyph, text))


@dataclass(frozen=True, slots=True)
class Face:
    """What a font file says of its glyphs: their texts by number, the number of the space, and its width in thousandths of the size."""

    texts: Mapping[int, str]
    space: int
    space_width: int


def face(font: bytes) -> Face:
    """Return what a font file says. Shaped forms and ligatures say the letters that they are forms of.

    Where several characters have one glyph, such as a space and one that may not break, it says the plain one, which is the first in Unicode.
    Raises KeyError for a font without a space.
    """
    read = TTFont(BytesIO(font), lazy=True)
    characters = read.getBestCmap()
    texts = {
        read.getGlyphID(name): unicodedata.normalize("NFKC", chr(code)) if code in FORMS else chr(code)
        for code, name in sorted(characters.items(), reverse=True)
        if code not in _MARK_ON_SPACE
    }
    space = characters[ord(" ")]
    width, _ = read["hmtx"][space]
    return Face(texts, read.getGlyphID(space), round(width * 1000 / read["head"].unitsPerEm))
