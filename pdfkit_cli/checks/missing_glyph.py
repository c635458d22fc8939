"""A character that no font has, neither pdfkit's nor those of every brand: it would print as nothing, or as a box."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content.fonts import load_families
from pdfkit_cli.content.library import Library
from pdfkit_cli.content.models import StrictModel
from pdfkit_cli.content.yaml_source import SourceFile
from pdfkit_cli.errors import Severity, SourceLocation

INVISIBLE = frozenset("\n\t\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069")
"""Characters that steer the text and print nothing."""

_SCRIPTS = {"CJK": "Chinese", "HANGUL": "Korean", "HIRAGANA": "Japanese", "KATAKANA": "Japanese", "": ""}
"""Scripts that people know by another name than Unicode has for their letters."""

_MAX_SHOWN = 4
"""Characters that are shown of those that no font has."""

_ESCAPE = frozenset("&\\")
"""How a character can be written that is not in the source itself."""


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each character of the library that the fonts lack, where it first occurs."""
    own = [
        frozenset().union(*(family.characters for family in brand.fonts)) for brand in context.library.brands.values()
    ]
    known = font_coverage(context.layouts.fonts) | (frozenset.intersection(*own) if own else frozenset())
    for text, *parts in _library_texts(context.library):
        written = set(text.text)
        if written <= known and written.isdisjoint(_ESCAPE):
            continue
        unknown = {char for words in _strings(parts) for char in words} - known
        scripts = {script for char in unknown if (script := _script(char)) and unicodedata.category(char)[0] in "LMN"}
        by_script: dict[str, list[str]] = {}
        for char in unknown:
            script = _script(char)
            by_script.setdefault(script if script in scripts else "", []).append(char)
        yield from sorted(_problem(text, script, chars) for script, chars in by_script.items())


def font_coverage(fonts: Path) -> frozenset[str]:
    """Return the characters that every face of at least one family has, regular to bold."""
    return INVISIBLE.union(*(family.characters for family in load_families(fonts).values()))


def _library_texts(library: Library) -> Iterator[tuple[Any, ...]]:
    """Yield each source and what was read from it: an escape such as `&#128512;` stands only in the latter."""
    for leaflet in library.leaflets.values():
        for translation in leaflet.translations.values():
            yield translation.source, translation.front_matter, translation.body
    for clinic in library.clinics.values():
        yield clinic.source, clinic.model
        for body, text in clinic.slots.values():
            yield text, body
    for phrases in library.phrases.values():
        yield phrases.source, phrases.model


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, StrictModel):
        yield from _strings(value.model_dump())
    elif isinstance(value, Mapping):
        yield from _strings([*value.values()])
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _strings(part)
    elif is_dataclass(value):
        yield from _strings([getattr(value, field.name) for field in fields(value)])


def _script(char: str) -> str:
    """Return the script of a letter, or of its punctuation, by its name in Unicode, such as Hebrew."""
    first = re.split("[ -]", unicodedata.name(char, ""))[0]
    return _SCRIPTS.get(first, first.capitalize())


def _problem(text: SourceFile, script: str, chars: Sequence[str]) -> Violation:
    """Return where the first of some characters is, and what to do about all of them."""
    first, *others = sorted(chars, key=lambda char: (text.text.find(char) % (len(text.text) + 1), char))
    if not others:
        name = unicodedata.name(first, "no name").lower()
        return _place(text, first), f"no font has “{first}” (U+{ord(first):04X}, {name}); write it another way"
    some = ", ".join(f"“{char}”" for char in (first, *others)[:_MAX_SHOWN])
    more = f" and {len(chars) - _MAX_SHOWN} more" if len(chars) > _MAX_SHOWN else ""
    if not script:
        return _place(text, first), f"no font has {some}{more}; write them another way"
    return _place(text, first), (
        f"no font for {script} ({some}{more}): such a text cannot be printed until pdfkit has one; "
        "take its language out of languages:, or write it in other letters"
    )


def _place(text: SourceFile, char: str) -> SourceLocation:
    at = text.text.find(char)
    line, column = text.text.count("\n", 0, at) + 1, at - text.text.rfind("\n", 0, at)
    return SourceLocation(text.name, line, column) if at >= 0 else SourceLocation(text.name)


RULE = Rule("missing-glyph", "A character that no font has", Severity.ERROR, check, safety=True)
