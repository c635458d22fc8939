"""Compares translations with their source, and records which source text each was made from."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path
from typing import TypeAlias

from pdfkit_cli.content.inspections import ResultCache
from pdfkit_cli.content.languages import numbers, quantities
from pdfkit_cli.content.languages.numbers import Numbers
from pdfkit_cli.content.library import SOURCE_RECORD, LeafletEntry, Library, Translation
from pdfkit_cli.content.segments import Segment
from pdfkit_cli.content.suggestions import did_you_mean
from pdfkit_cli.errors import Finding, OutputError, SourceError, SourceLocation, UsageError
from pdfkit_cli.system.disk_cache import cache_key

MAX_EXCERPT_LENGTH = 2000
"""Characters of a segment that are written after its digest, so that a translator is told what changed in it."""

_FILE_HEADER = (
    "# Written by “pdfkit translated”: the passages of the source that each translation was made from.\nmade_from:\n"
)


@dataclass(frozen=True, slots=True)
class StructureDifference:
    """The first structural difference between a translation and its source: the segment of each, None after the end of a text."""

    ours: Segment | None
    theirs: Segment | None


@dataclass(frozen=True, slots=True)
class StaleSegment:
    """A segment of the source (`theirs`) that is new or changed since it was translated; `ours` is its counterpart, if there is one."""

    index: int
    theirs: Segment
    ours: Segment | None


@dataclass(frozen=True, slots=True)
class RecordedTranslation:
    """The result of recording: the file, the source, the number of segments, and those that are new or moved."""

    path: Path
    original: str
    segments: int
    new: tuple[Segment, ...]


def source_translation_pairs(library: Library) -> Iterator[tuple[Translation, Translation]]:
    """Yield source and translation for each translation in use whose source can be read."""
    for leaflet in library.leaflets.values():
        original = leaflet.original
        if original and leaflet.model.in_use:
            yield from ((original, text) for text in leaflet.translations.values() if text is not original)


def first_difference(ours: Translation, theirs: Translation) -> StructureDifference | None:
    """Return the first place where the blocks of two texts differ in kind, nesting or order."""
    for our, their in zip_longest(ours.segments, theirs.segments):
        if our is None or their is None or our[:2] != their[:2]:
            return StructureDifference(our, their)
    return None


DifferingNumbers: TypeAlias = tuple[tuple[int, Numbers, Numbers], ...]
"""Segments by their index, with the numbers of the text and of its source."""

_differing = ResultCache[DifferingNumbers]("numbers")


def differing_numbers(ours: Translation, theirs: Translation) -> DifferingNumbers:
    """Return each segment whose numbers, or their order, differ from the source: its index, its numbers, those of the source.

    A number in digits in one text may be written as a word in the other. Both texts must have the same blocks.
    """
    texts = (part for text in (ours, theirs) for part in (text.rules.digest, text.source.digest))
    return _differing.get(cache_key(texts), lambda: tuple(_compare_numbers(ours, theirs)))


def _compare_numbers(ours: Translation, theirs: Translation) -> Iterator[tuple[int, Numbers, Numbers]]:
    for index, (mine, wanted) in enumerate(zip(ours.numbers, theirs.numbers, strict=True)):
        if mine != wanted:
            pair = ours.written(ours.segments[index]), theirs.written(theirs.segments[index])
            mine, wanted = numbers.compare_numbers(*pair)
        differing = quantities.differing_quantities(ours.quantities[index], theirs.quantities[index])
        if mine != wanted or any(differing):
            yield index, mine + differing[0], wanted + differing[1]


def describe_difference(found: StructureDifference, original: str) -> str:
    """Return a message that describes a structural difference to the translator."""
    ours = f"here is a {_segment_name(found.ours)}" if found.ours else "the text ends here"
    theirs = (
        f"a {_segment_name(found.theirs)} is at {original}:{found.theirs.line}" if found.theirs else f"{original} ends"
    )
    remedy = "use the same blocks in the same order"
    if {segment.kind for segment in (found.ours, found.theirs) if segment} == {"paragraph", "numbered list item"}:
        remedy += ", and write “1\\.” for a number that begins a sentence"
    return f"the blocks differ from those of the source: {ours}, but {theirs}; {remedy}"


def describe_numbers(mine: Mapping[str, int], wanted: Mapping[str, int], at: str) -> str:
    """Return a message that describes numbers that differ from those of the source at `at`: how often each is in the text and should be."""
    missing, extra = Counter(wanted) - Counter(mine), Counter(mine) - Counter(wanted)
    differ = [f"{_list_numbers(missing)} in the source is missing here"] if missing else []
    differ += [f"{_list_numbers(extra)} is not in the source"] if extra else []
    return f"the numbers differ from {at}: {', and '.join(differ)}; write the same numbers in digits (in brackets, if you also write the number as a word)"


def _list_numbers(some: Iterable[str]) -> str:
    return ", ".join(f"“{number}”" for number in some)


def _segment_name(segment: Segment) -> str:
    return f"{segment.kind} (in: {', '.join(segment.where)})" if segment.where else segment.kind


def stale_segments(leaflet: LeafletEntry, language: str) -> tuple[StaleSegment, ...]:
    """Return the segments of the source that are new or changed since they were translated.

    A segment that moved is stale, too. The result is empty for the source itself, without a record, and if the source cannot be read.
    """
    original, ours = leaflet.original, leaflet.translations.get(language)
    recorded = leaflet.made_from[0].digests(language) if leaflet.made_from else None
    if original is None or ours is None or ours is original or recorded is None:
        return ()
    now = [index for index, segment in enumerate(original.segments) if segment.words]
    digests = [original.segments[index].digest for index in now]
    if list(recorded) == digests:
        return ()
    changed = changed_indices(recorded, digests)
    paired = first_difference(ours, original) is None
    return tuple(
        StaleSegment(index, original.segments[index], ours.segments[index] if paired else None)
        for at, index in enumerate(now)
        if at in changed
    )


def changed_indices(before: Sequence[str], now: Sequence[str]) -> set[int]:
    """Return the indices in `now` of items that are new, changed or moved since `before`."""
    same = SequenceMatcher(None, before, now, autojunk=False).get_matching_blocks()
    return set(range(len(now))) - {index for block in same for index in range(block.b, block.b + block.size)}


def record_source(library: Library, name: str, language: str) -> RecordedTranslation:
    """Record that a translation matches the source as it is now.

    Raises UsageError for an unknown leaflet or language, SourceError if one of the texts cannot be read or their blocks differ,
    and OutputError if the file cannot be written.
    """
    leaflet, ours, theirs = _source_and_translation(library, name, language)
    if found := first_difference(ours, theirs):
        line = (found.ours or ours.segments[-1]).line
        message = describe_difference(found, theirs.source.name)
        raise SourceError([Finding("different-structure", message, SourceLocation(ours.source.name, line))])
    segments = [segment for segment in theirs.segments if segment.words]
    before = leaflet.made_from[0].digests(language) if leaflet.made_from else None
    path = write_record(library, leaflet, language, map(record_line, segments))
    new = sorted(changed_indices(before or (), [segment.digest for segment in segments]))
    return RecordedTranslation(path, theirs.source.name, len(segments), tuple(segments[index] for index in new))


def record_line(segment: Segment) -> str:
    """Return the line of the record for a segment of the source: its digest, and its words."""
    return f"{segment.digest} {_excerpt(segment.words)}".rstrip()


def recorded_lines(leaflet: LeafletEntry, language: str) -> tuple[str, ...] | None:
    """Return the lines of the record for a translation; None without a record."""
    lines = leaflet.made_from[0].made_from.get(language) if leaflet.made_from else None
    return None if lines is None else tuple(lines.splitlines())


def write_record(library: Library, leaflet: LeafletEntry, language: str, lines: Iterable[str]) -> Path:
    """Record the segments of the source that a translation was made from, a line each, and return the file. Raises OutputError."""
    made_from = dict(leaflet.made_from[0].made_from) if leaflet.made_from else {}
    path = library.root / "content" / leaflet.name / SOURCE_RECORD
    _write_record(path, made_from | {language: "\n".join(lines)})
    return path


def _source_and_translation(
    library: Library, name: str, language: str
) -> tuple[LeafletEntry, Translation, Translation]:
    leaflet = library.leaflets.get(name)
    folder = library.root / "content" / name
    if leaflet is None and folder.is_dir():
        raise _unreadable_error(library, folder)
    if leaflet is None:
        raise UsageError(f"there is no leaflet “{name}”{did_you_mean(name, library.leaflets)}")
    if language == leaflet.model.source_language:
        raise UsageError(f"“{language}” is the source language of {name}; name the language of a translation")
    if not (folder / f"{language}.md").exists():
        others = set(leaflet.translations) - {leaflet.model.source_language}
        raise UsageError(f"{name} has no text in “{language}”{did_you_mean(language, others)}")
    ours, theirs = leaflet.translations.get(language), leaflet.original
    if ours is None or theirs is None:
        raise _unreadable_error(library, folder)
    return leaflet, ours, theirs


def _unreadable_error(library: Library, folder: Path) -> SourceError:
    inside = f"{folder.as_posix()}/"
    return SourceError(finding for finding in library.findings if finding.place.file.startswith(inside))


def _excerpt(words: str) -> str:
    """Return the words of a segment, without characters that YAML does not allow."""
    return "".join(char for char in words[:MAX_EXCERPT_LENGTH] if char.isprintable()).strip()


def _write_record(path: Path, lines: Mapping[str, str]) -> None:
    """Write the file atomically. Raises OutputError if it cannot be written."""
    blocks = (
        f"  {language}: |\n" + "".join(f"    {line}\n" for line in lines[language].splitlines())
        for language in sorted(lines)
    )
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_text(_FILE_HEADER + "".join(blocks), "utf-8")
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from None
