"""A character that neither pdfkit's fonts nor every brand's fonts contain: it would print as a box, or not at all."""

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
"""Characters that control the layout of text and are not printed."""

_SCRIPTS = {"CJK": "Chinese", "HANGUL": "Korean", "HIRAGANA": "Japanese", "KATAKANA": "Japanese", "": ""}
"""Common names of scripts whose letters have another name in Unicode."""

_MAX_SHOWN = 4
"""The most missing characters that one message lists."""

_ESCAPE = frozenset("&\\")
"""Characters that can begin an escape, which writes a character that is not in the source itself."""


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield the characters that the fonts lack, one problem for each script in a text, where the first one occurs."""
    own = [
        frozenset().union(*(family.characters for family in brand.all_fonts))
        for brand in context.library.brands.values()
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
    """Return the characters that all faces of at least one family contain."""
    return INVISIBLE.union(*(family.characters for family in load_families(fonts).values()))


def _library_texts(library: Library) -> Iterator[tuple[Any, ...]]:
    """Yield each source file with the data read from it, in which escapes such as `&#128512;` are resolved."""
    for leaflet in library.leaflets.values():
        for translation in leaflet.translations.values():
            yield translation.source, translation.front_matter, translation.body
    for clinic in library.clinics.values():
        yield clinic.source, clinic.model
        for body, text in clinic.slots.values():
            yield text, body
    for entry in library.languages.values():
        yield entry.source, entry.phrases


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
    """Return the script of a letter or a punctuation mark, such as Hebrew, from its Unicode name."""
    first = re.split("[ -]", unicodedata.name(char, ""))[0]
    return _SCRIPTS.get(first, first.capitalize())


def _problem(text: SourceFile, script: str, chars: Sequence[str]) -> Violation:
    """Return the place of the first of the characters, and a message about all of them."""
    first, *others = sorted(chars, key=lambda char: (text.text.find(char) % (len(text.text) + 1), char))
    if not others:
        name = unicodedata.name(first, "no name").lower()
        return _place(text, first), f"no font has “{first}” (U+{ord(first):04X}, {name}); use another character"
    some = ", ".join(f"“{char}”" for char in (first, *others)[:_MAX_SHOWN])
    more = f" and {len(chars) - _MAX_SHOWN} more" if len(chars) > _MAX_SHOWN else ""
    if not script:
        return _place(text, first), f"no font has {some}{more}; use other characters"
    return _place(text, first), (
        f"no font for {script} ({some}{more}): pdfkit cannot print this text; "
        "give the brands a font for it (“fonts: scripts:”), remove its language from “languages:”, or write the text in another script"
    )


def _place(text: SourceFile, char: str) -> SourceLocation:
    at = text.text.find(char)
    line, column = text.text.count("\n", 0, at) + 1, at - text.text.rfind("\n", 0, at)
    return SourceLocation(text.name, line, column) if at >= 0 else SourceLocation(text.name)


RULE = Rule("missing-glyph", "A character that no font has", Severity.ERROR, check, safety=True)
