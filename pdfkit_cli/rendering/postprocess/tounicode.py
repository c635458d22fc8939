"""What glyphs say, where WeasyPrint has it from the first word of a document that has them (WeasyPrint 70).

Many characters may share a glyph: a space and one that may not break, an accented letter and the letter with its accent. So what is read
aloud would hang on which of them comes first, and be another in a clinic's slots than in the whole page. An Arabic letter and
the mark on it are two glyphs of one cluster; the first of them gets the text of both, the other nothing, and so they stay in all words: a reader
hears letters twice, or not at all. The font knows better.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO

from fontTools.ttLib import TTFont

from pdfkit_cli.pdf.reader.spelling import base_letters

_MARK_ON_SPACE = range(0xFE70, 0xFE80)
"""Marks by themselves: compatibility forms with a space in them."""

_SHAPING = frozenset(
    {
        "ccmp",
        "locl",
        "isol",
        "init",
        "medi",
        "med2",
        "fina",
        "fin2",
        "fin3",
        "rlig",
        "calt",
        "liga",
        "clig",
        "mset",
        "rclt",
    }
)
"""Features that are always on (OpenType, registered features): what they make is the same text in another form."""

_STEPS = 3
"""How often a glyph that shaping made is shaped again."""


class GlyphTexts(dict[int, str]):
    """The texts of a font's glyphs, in which what the font itself says of a glyph wins."""

    def __init__(self, known: Mapping[int, str]) -> None:
        super().__init__()
        self._known = known

    def __setitem__(self, glyph: int, text: str) -> None:
        super().__setitem__(glyph, self._known.get(glyph, text))


@dataclass(frozen=True, slots=True)
class FontFace:
    """What a font file says of its glyphs: their texts by number, the number of the space, and its width in thousandths of the size."""

    texts: Mapping[int, str]
    space: int
    space_width: int


def _shaped_glyph_texts(font: TTFont, named: Mapping[str, str]) -> dict[str, str]:
    """Return what glyphs without a character say: those that shaping puts in the place of others, one for one or one for several."""
    texts: dict[str, str] = {}
    rules = sorted(set(_substitutions(font)))
    for _ in range(_STEPS):
        known: dict[str, str] = {**texts, **named}
        texts |= {
            made: "".join(known[part] for part in parts)
            for parts, made in rules
            if made not in known and known.keys() >= {*parts}
        }
    return texts


def _substitutions(font: TTFont) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield which glyphs become which one where a script is written, not where letters change their style."""
    table = font["GSUB"].table if "GSUB" in font else None
    if table is None or table.LookupList is None:
        return
    styles = {
        at
        for record in table.FeatureList.FeatureRecord
        if record.FeatureTag not in _SHAPING
        for at in record.Feature.LookupListIndex
    }
    writing = {
        at
        for record in table.FeatureList.FeatureRecord
        if record.FeatureTag in _SHAPING
        for at in record.Feature.LookupListIndex
    }
    for at, lookup in enumerate(table.LookupList.Lookup):
        if at in styles - writing:
            continue
        for rule in lookup.SubTable:
            rule = getattr(rule, "ExtSubTable", rule)
            for one, made in getattr(rule, "mapping", {}).items():
                if isinstance(made, str):
                    yield (one,), made
            for first, several in getattr(rule, "ligatures", {}).items():
                yield from (((first, *one.Component), one.LigGlyph) for one in several)


def read_face(font: bytes) -> FontFace:
    """Return what a font file says. Shaped forms and ligatures say the letters that they are forms of.

    Where several characters have one glyph, such as a space and one that may not break, it says the plain one, which is the first in Unicode.
    Raises KeyError for a font without a space.
    """
    read = TTFont(BytesIO(font), lazy=True)
    characters = read.getBestCmap()
    named: dict[str, str] = {
        name: base_letters(chr(code))
        for code, name in sorted(characters.items(), reverse=True)
        if code not in _MARK_ON_SPACE
    }
    shaped: dict[str, str] = {**_shaped_glyph_texts(read, named), **named}
    texts = {read.getGlyphID(name): text for name, text in shaped.items()}
    space = characters[ord(" ")]
    width, _ = read["hmtx"][space]
    return FontFace(texts, read.getGlyphID(space), round(width * 1000 / read["head"].unitsPerEm))
