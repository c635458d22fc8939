"""Translation memory: what the leaflets of a library, or a TMX file, say in another language."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz, process

from pdfkit_cli.content.library import Library
from pdfkit_cli.errors import SourceError
from pdfkit_cli.translation import inline_codes
from pdfkit_cli.translation.exchange import word_difference
from pdfkit_cli.translation.inline_codes import Content
from pdfkit_cli.translation.tags import write_tags
from pdfkit_cli.translation.units import MemoryMatch, find_work, units

LEAST_MATCH = 75
"""Per cent of the letters that a passage must share with one that is offered as similar (rapidfuzz's `ratio`)."""

MAX_OFFERED = 3
"""The most translations that are offered for a passage, the most similar first."""

MIN_LETTERS = 4
"""Passages with fewer letters, such as “1 g”, are not offered for similar ones."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A passage that was translated before: its words and codes in both languages, and where that was."""

    source: Content
    target: Content
    origin: str


@dataclass(frozen=True, slots=True)
class Memory:
    """Remembered passages by the text of their source, with codes as tags."""

    passages: Mapping[str, tuple[Remembered, ...]] = field(default_factory=dict)

    def matches(self, source: Content) -> tuple[MemoryMatch, ...]:
        """Return what is offered for a passage: the same one elsewhere, or else similar ones."""
        wanted = write_tags(source)
        if same := self.passages.get(wanted):
            return tuple(MemoryMatch(each.source, each.target, 100, each.origin) for each in same[:MAX_OFFERED])
        if len(inline_codes.plain(source)) < MIN_LETTERS:
            return ()
        found = process.extract(
            wanted, self.passages.keys(), scorer=fuzz.ratio, score_cutoff=LEAST_MATCH, limit=MAX_OFFERED
        )
        return tuple(_similar(self.passages[text][0], wanted, int(score)) for text, score, _ in found)


def _similar(known: Remembered, wanted: str, per_cent: int) -> MemoryMatch:
    difference = word_difference(write_tags(known.source), wanted)
    return MemoryMatch(known.source, known.target, min(per_cent, 99), known.origin, difference)


def of_passages(passages: Iterable[Remembered]) -> Memory:
    """Return a memory. A passage that was translated in two ways has both, each once."""
    found: dict[str, dict[str, Remembered]] = {}
    for each in passages:
        found.setdefault(write_tags(each.source), {}).setdefault(write_tags(each.target), each)
    return Memory({source: tuple(targets.values()) for source, targets in found.items()})


def of_library(library: Library, source: str, target: str) -> Iterator[Remembered]:
    """Yield the passages of all leaflets in `source` whose translation into `target` is up to date."""
    for name, leaflet in sorted(library.leaflets.items()):
        if leaflet.model.source_language != source or target not in leaflet.translations:
            continue
        try:
            work = find_work(library, name, target)
        except SourceError:  # another leaflet is broken; `pdfkit check` says so
            continue
        for unit in units(work, everything=True):
            if unit.target:
                yield Remembered(without_hints(unit.source), without_hints(unit.target), name)


def without_hints(content: Content) -> Content:
    """Return words and codes as they are in a file of any format."""
    return tuple(
        part
        if isinstance(part, str)
        else replace(part, kind="", hint="", inside=None if part.inside is None else without_hints(part.inside))
        for part in content
    )
