"""Pseudo-translation: a text that is longer and has accents everywhere, which shows where a layout breaks before it is translated."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Final

from pdfkit_cli.content.blocks import Emphasis, Inline, Inlines, Link, Span, Strong, Text
from pdfkit_cli.content.library import SOURCE_RECORD, Library
from pdfkit_cli.content.suggestions import did_you_mean
from pdfkit_cli.errors import OutputError, UsageError
from pdfkit_cli.translation import texts
from pdfkit_cli.translation.passages import Form, locate_passages
from pdfkit_cli.translation.texts import Words

LANGUAGE: Final = "qps"
"""The code that CLDR and Windows reserve for pseudo-languages."""

_ACCENTS = str.maketrans("acdeghijklnorstuyzACDEGHIJKLNORSTUYZ", "áçđéğĥíĵķľñóŕšťúýžÁÇĐÉĞĤÍĴĶĽÑÓŔŠŤÚÝŽ")
_WORD = re.compile(r"[^\W\d_]{3,}")
"""Words of letters; shorter ones may be units, such as mg, and “or” and “to” may be part of a number."""

_VOWEL = re.compile("[aeiouyæøåäöAEIOUYÆØÅÄÖ]")


def pseudo_text(library: Library, leaflet: str) -> str:
    """Return the source of a leaflet with longer words and accents; marks, fields, numbers and addresses are as they were.

    Raises UsageError for an unknown leaflet, SourceError if its source cannot be read.
    """
    entry = library.leaflets.get(leaflet)
    if entry is None or entry.original is None:
        raise UsageError(f"there is no leaflet “{leaflet}” that can be read{did_you_mean(leaflet, library.leaflets)}")
    passages = locate_passages(entry.original)
    words: dict[int, Words] = {
        index: tuple(None if part.form is Form.VALUE else _longer(part.words) for part in passage.parts)
        for index, passage in enumerate(passages)
    }
    text = texts.with_words(entry.original, passages, words)
    made = texts.read_translation(text, entry.original.source.name, entry.original.rules, entry)
    texts.check_words(made, entry.original, words)
    return text


def write_library(library: Library, leaflet: str, folder: Path) -> Path:
    """Write a copy of a library in which the source of a leaflet is its pseudo-translation, and return that text's file.

    Its translations are no longer compared with it. Raises UsageError, SourceError or OutputError.
    """
    text = pseudo_text(library, leaflet)
    if folder.exists():
        raise OutputError(f"{folder}: is already there; name a new folder, or remove it")
    original = library.leaflets[leaflet].model.source_language
    own = folder / "content" / leaflet
    try:
        shutil.copytree(library.root, folder)
        (own / SOURCE_RECORD).unlink(missing_ok=True)
        (own / f"{original}.md").write_text(text, "utf-8")
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror or error}") from None
    return own / f"{original}.md"


def _longer(nodes: Inlines) -> Inlines:
    return tuple(map(_longer_node, nodes))


def _longer_node(node: Inline) -> Inline:
    match node:
        case Text(text) | Link(text):
            return replace(node, text=longer(text))
        case Strong(children) | Emphasis(children) | Span(children):
            return replace(node, children=_longer(children))
        case _:
            return node


def longer(text: str) -> str:
    """Return a text with its vowels doubled, about a third longer, and with accents; numbers and short words stay."""
    return _WORD.sub(lambda word: _VOWEL.sub(r"\g<0>\g<0>", word[0]).translate(_ACCENTS), text)
