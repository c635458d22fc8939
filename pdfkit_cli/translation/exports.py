"""Writes what a translator is to translate."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pdfkit_cli.content import files, glossary
from pdfkit_cli.content.glossary import GlossaryEntry
from pdfkit_cli.content.library import Library
from pdfkit_cli.errors import OutputError, SourceLocation
from pdfkit_cli.translation import memory
from pdfkit_cli.translation.docx import write_docx
from pdfkit_cli.translation.exchange import MAX_FILE_BYTES, file_error
from pdfkit_cli.translation.inline_codes import plain
from pdfkit_cli.translation.marked_pages import PlacedText, with_pages
from pdfkit_cli.translation.memory import Remembered
from pdfkit_cli.translation.po import write_po
from pdfkit_cli.translation.tbx import write_tbx
from pdfkit_cli.translation.tmx import read_tmx, write_tmx
from pdfkit_cli.translation.units import Unit, Work, find_work, units
from pdfkit_cli.translation.xliff import write_xliff
from pdfkit_cli.translation.xliff2 import write_xliff2

WRITERS: Mapping[str, Callable[[Work, Iterable[Unit]], str | bytes]] = {
    "xliff": write_xliff,
    "xliff2": write_xliff2,
    "po": write_po,
    "docx": write_docx,
}
"""What writes each format."""

ENDINGS = {"xliff2": "xlf"}
"""The endings of files that are not named like their format."""

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Travelling:
    """What a translator gets: the units of a leaflet with all that is offered for them."""

    work: Work
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Exported:
    """The bytes of a file, and what is in it."""

    data: bytes
    units: int
    passages: int


def export_leaflet(
    library: Library,
    leaflet: str,
    language: str,
    everything: bool = False,
    format: str = "xliff",
    remembered: Iterable[Remembered] = (),
) -> Exported:
    """Return the passages of a leaflet that are missing or stale in a language, or all of them, in one of `WRITERS`.

    Raises what `travelling_units` raises.
    """
    return write_units(travelling_units(library, leaflet, language, everything, remembered), format)


def travelling_units(
    library: Library, leaflet: str, language: str, everything: bool = False, remembered: Iterable[Remembered] = ()
) -> Travelling:
    """Return the passages of a leaflet that are missing or stale in a language, or all of them.

    Each that is not up to date comes with what the library, or else `remembered`, says of the same passage or of similar ones.
    Raises UsageError for an unknown leaflet or language, SourceError if one of the texts cannot be read or has a character that
    XML cannot hold.
    """
    work = find_work(library, leaflet, language)
    found = tuple(units(work, everything))
    if any(unit.target is None for unit in found):
        own = memory.of_library(library, work.leaflet.model.source_language, language)
        known = memory.of_passages((*own, *remembered))
        found = tuple(unit if unit.target else replace(unit, matches=known.matches(unit.source)) for unit in found)
    terms = _terms(library, work.leaflet.model.source_language, language)
    found = tuple(replace(unit, notes=(*unit.notes, *_term_notes(unit, terms))) for unit in found)
    for unit in found:
        _check_characters(unit)
    return Travelling(work, tuple(replace(unit, place=_place_for_others(unit, library)) for unit in found))


def write_units(travelling: Travelling, format: str, pages: PlacedText | None = None) -> Exported:
    """Return a file in one of `WRITERS`, with the page of each unit as far as there are `pages`."""
    found = tuple(with_pages(travelling.units, pages)) if pages else travelling.units
    passages = {unit.id.rpartition("-")[0] for unit in found}
    data = WRITERS[format](travelling.work, found)
    return Exported(data.encode() if isinstance(data, str) else data, len(found), len(passages))


def read_memories(paths: Iterable[Path], library: Library, leaflet: str, language: str) -> tuple[Remembered, ...]:
    """Return the passages of TMX files in the languages of a leaflet and its translation. Raises SourceError."""
    entry = library.leaflets.get(leaflet)
    source = entry.model.source_language if entry else ""
    return tuple(
        each
        for path in paths
        for each in read_tmx(
            files.read_bytes(path, path.as_posix(), largest=MAX_FILE_BYTES), path.as_posix(), source, language
        )
    )


def export_memory(library: Library, source: str, language: str) -> tuple[str, int]:
    """Return a TMX file of every passage whose translation is up to date, and how many there are."""
    known = memory.of_passages(memory.of_library(library, source, language))
    passages = [each for ways in known.passages.values() for each in ways]
    return write_tmx(source, language, passages), len(passages)


def export_glossary(library: Library, source: str, language: str) -> tuple[str, int]:
    """Return a TBX file of the library's glossary, and how many terms are in it."""
    terms = _terms(library, source, language)
    return write_tbx(source, language, library.settings.name, terms), len(terms)


def _terms(library: Library, source: str, language: str) -> tuple[GlossaryEntry, ...]:
    file = library.glossaries.get(language)
    return glossary.entries(file.model, source) if file else ()


def _term_notes(unit: Unit, terms: tuple[GlossaryEntry, ...]) -> Iterator[str]:
    """Yield how the terms in a unit are translated, for the translator."""
    for entry in glossary.found_entries(terms, plain(unit.source)):
        note = f" ({entry.translation.note})" if entry.translation.note else ""
        yield f"Glossary: “{entry.term}” is {' or '.join(f'“{term}”' for term in entry.translations)}{note}"


def _place_for_others(unit: Unit, library: Library) -> SourceLocation:
    """Return the place of a unit, which begins with the folder of the library: where that is concerns nobody else."""
    return replace(unit.place, file=unit.place.file.removeprefix(f"{library.root.parent.as_posix()}/"))


def _check_characters(unit: Unit) -> None:
    for content in filter(None, (unit.source, unit.target, unit.old)):
        if wrong := _NOT_XML.search(plain(content)):
            raise file_error(
                f"the character U+{ord(wrong[0]):04X} cannot be sent to a translator; remove it", unit.place
            )


def write_exported(path: Path, data: bytes) -> None:
    """Write a file as a whole or not at all. Raises OutputError."""
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; name a file")
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from None
