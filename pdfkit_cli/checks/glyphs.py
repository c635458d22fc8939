"""A character that no bundled font has: it would print as nothing, or as a box."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

from pdfkit_cli.catalogue import Catalogue
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.errors import Place, Severity
from pdfkit_cli.models import Model
from pdfkit_cli.source import Source

INVISIBLE = frozenset("\n\t\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069")
"""Characters that steer the text and print nothing."""

_ESCAPE = frozenset("&\\")
"""What a character can be written with that does not stand in the source itself."""


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each character of the library that the fonts lack, where it first stands."""
    known = coverage(subject.layouts.fonts)
    for text, *parts in _texts(subject.catalogue):
        written = set(text.text)
        if written <= known and written.isdisjoint(_ESCAPE):
            continue
        unknown = {char for words in _strings(parts) for char in words} - known
        yield from sorted(_problem(char, text) for char in unknown)


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


def _texts(catalogue: Catalogue) -> Iterator[tuple[Any, ...]]:
    """Yield each source and what was read from it: an escape such as `&#128512;` stands only in the latter."""
    for leaflet in catalogue.leaflets.values():
        for translation in leaflet.translations.values():
            yield translation.source, translation.matter, translation.body
    for clinic in catalogue.clinics.values():
        yield clinic.source, clinic.model
        for body, text in clinic.slots.values():
            yield text, body
    for phrases in catalogue.phrases.values():
        yield phrases.source, phrases.model


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Model):
        yield from _strings(value.model_dump())
    elif isinstance(value, Mapping):
        yield from _strings([*value.values()])
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _strings(part)
    elif is_dataclass(value):
        yield from _strings([getattr(value, field.name) for field in fields(value)])


def _problem(char: str, text: Source) -> Problem:
    at = text.text.find(char)
    line, column = text.text.count("\n", 0, at) + 1, at - text.text.rfind("\n", 0, at)
    name = unicodedata.name(char, "no name").lower()
    message = f"no font has “{char}” (U+{ord(char):04X}, {name}); write it another way"
    return (Place(text.name, line, column) if at >= 0 else Place(text.name)), message


RULE = Rule("missing-glyph", "A character that no font has", Severity.ERROR, check, safety=True)
