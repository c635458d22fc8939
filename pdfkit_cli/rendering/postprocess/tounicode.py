"""The text of each glyph, taken from the font file; WeasyPrint takes it from the first text that uses the glyph (WeasyPrint 70).

Several characters may share a glyph, such as a space and a no-break space.
Then the text read aloud would depend on which of them comes first, and would differ between a clinic's slots and a complete page.
An Arabic letter and the mark on it are two glyphs of one cluster: WeasyPrint gives the first of them the text of both
and the other none, in all words, so that letters would be read twice or not at all.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont

from pdfkit_cli.pdf.reader import bidi
from pdfkit_cli.pdf.reader.spelling import base_letters, comparable_letters
from pdfkit_cli.system.codec import storable
from pdfkit_cli.system.disk_cache import DiskCache, cache_key

_MARK_ON_SPACE = range(0xFE70, 0xFE80)
"""Marks by themselves: compatibility forms that contain a space."""

_SHAPING: Final = frozenset(
    [
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
    ]
)
"""OpenType features that are always on: their glyphs are other forms of the same text."""

_STEPS = 3
"""How often a glyph that results from shaping is shaped again."""


class GlyphTexts(dict[int, str]):
    """The texts of a font's glyphs; those that the font file has cannot be replaced."""

    def __init__(self, known: Mapping[int, str]) -> None:
        super().__init__()
        self._known = known

    def __setitem__(self, glyph: int, text: str) -> None:
        super().__setitem__(glyph, self._known.get(glyph, text))

    def of_file(self, glyph: int) -> str | None:
        """Return the text that the font file has for a glyph, whatever words use it, or None."""
        return self._known.get(glyph)


def tells(texts: GlyphTexts, glyphs: Sequence[int], word: str, leftwards: bool) -> bool:
    """Return whether the texts of glyphs, from left to right, are the text of a word, letter by letter."""
    if not comparable_letters(word):  # joiners and spaces, which are not painted
        return True
    found = [texts.of_file(glyph) for glyph in glyphs]
    if None in found:
        return False
    shown = [text for text in found if text is not None]
    if leftwards:
        return bidi.matches_visual_order(word, shown, True, comparable_letters)
    return comparable_letters("".join(shown)) == comparable_letters(word)


@storable
@dataclass(frozen=True, slots=True)
class FontGlyphs:
    """The texts of a font file's glyphs by number, and the number of the space and its width in thousandths of the size."""

    texts: Mapping[int, str]
    space: int
    space_width: int


def _shaped_glyph_texts(font: TTFont, named: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of glyphs without a character, which shaping puts in the place of one or several others."""
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
    """Yield which glyphs shaping replaces by which one, without those that only change the style."""
    table = font["GSUB"].table if "GSUB" in font else None
    if table is None or table.LookupList is None:
        return
    of_shaping: dict[bool, set[int]] = {True: set(), False: set()}
    for record in table.FeatureList.FeatureRecord:
        of_shaping[record.FeatureTag in _SHAPING].update(record.Feature.LookupListIndex)
    for at, lookup in enumerate(table.LookupList.Lookup):
        if at in of_shaping[False] - of_shaping[True]:
            continue
        for rule in lookup.SubTable:
            rule = getattr(rule, "ExtSubTable", rule)
            for one, made in getattr(rule, "mapping", {}).items():
                if isinstance(made, str):
                    yield (one,), made
            for first, several in getattr(rule, "ligatures", {}).items():
                yield from (((first, *one.Component), one.LigGlyph) for one in several)


_kept = DiskCache(None)
"""Where faces that were read are kept."""


def keep_faces(folder: Path | None) -> None:
    """Keep what is read of faces in a folder: reading two takes a new process 0.1 s of CPU."""
    global _kept
    _kept = DiskCache(folder)


def known_face(font: bytes) -> FontGlyphs:
    """Return what `read_face` returns, read only if it is not kept."""
    name = cache_key(("face", hashlib.sha256(font).hexdigest()))
    known = _kept.get(name)
    if not isinstance(known, FontGlyphs):
        known = read_face(font)
        _kept.put(name, known)
    return known


def read_face(font: bytes) -> FontGlyphs:
    """Return the texts of a font file's glyphs: of shaped forms and ligatures, the letters that they are forms of.

    A glyph that several characters share, such as a space and a no-break space, has the first of them in Unicode.
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
    return FontGlyphs(texts, read.getGlyphID(space), round(width * 1000 / read["head"].unitsPerEm))
