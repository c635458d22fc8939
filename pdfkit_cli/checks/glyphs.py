"""A character that no bundled font has: it would print as nothing, or as a box."""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

from pdfkit_cli.catalogue import Catalogue
from pdfkit_cli.errors import Finding, Place
from pdfkit_cli.source import Source

CODE = "missing-glyph"

INVISIBLE = frozenset("\n\t\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069")
"""Characters that steer the text and print nothing."""


def check(catalogue: Catalogue, fonts: Path) -> Iterator[Finding]:
    """Yield a finding for each character of the library that the fonts lack."""
    known = coverage(fonts)
    for text in _texts(catalogue):
        unknown = set(text.text) - known
        for char in sorted(unknown):
            yield from _found(char, text)


@cache
def coverage(fonts: Path) -> frozenset[str]:
    """Return the characters that every face of at least one family has, regular to bold."""
    families = [
        frozenset.intersection(*(frozenset(map(chr, _cmap(face))) for face in sorted(family.glob("*.ttf"))))
        for family in sorted(fonts.iterdir())
        if family.is_dir() and any(family.glob("*.ttf"))
    ]
    return INVISIBLE.union(*families)


def _cmap(face: Path) -> Iterable[int]:
    with TTFont(face, lazy=True) as font:
        return frozenset(font.getBestCmap())


def _texts(catalogue: Catalogue) -> Iterator[Source]:
    for leaflet in catalogue.leaflets.values():
        for translation in leaflet.translations.values():
            yield translation.source
    for clinic in catalogue.clinics.values():
        yield clinic.source
        for _, text in clinic.slots.values():
            yield text
    for phrases in catalogue.phrases.values():
        yield phrases.source


def _found(char: str, text: Source) -> Iterator[Finding]:
    for number, line in enumerate(text.text.split("\n"), start=1):
        if (column := line.find(char)) >= 0:
            name = unicodedata.name(char, "no name")
            message = f"no font has “{char}” (U+{ord(char):04X}, {name.lower()}); write it another way"
            yield Finding(CODE, message, Place(text.name, number, column + 1))
            return
