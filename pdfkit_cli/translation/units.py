"""What travels to a translator: the passages of a leaflet with their state, their old translation and what changed in the source."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from pdfkit_cli.content import translations
from pdfkit_cli.content.blocks import MAX_ALT_LENGTH
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.content.library import SOURCE_RECORD, LeafletEntry, Library, Translation
from pdfkit_cli.content.suggestions import did_you_mean
from pdfkit_cli.errors import SourceError, SourceLocation, UsageError
from pdfkit_cli.translation import inline_codes
from pdfkit_cli.translation.exchange import word_difference
from pdfkit_cli.translation.inline_codes import Codes, Content
from pdfkit_cli.translation.passages import Form, Part, Passage, locate_passages

SHORT_FACT = 15
"""Characters that the bold words of a fact should stay under, to fit their cell."""


class State(StrEnum):
    """How the translation of a passage is."""

    CURRENT = "current"
    STALE = "stale"
    """The source changed, or nobody has recorded which source it was made from."""

    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class SourcePassage:
    """A passage of the source and its translation so far.

    `key` changes with every word and mark of the passage; equal passages are counted. `old` is its index in the translation, and
    `record` the line of `translated.yaml` that it was translated from, as far as they are known.
    """

    key: str
    passage: Passage
    state: State
    old: int | None = None
    record: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """A leaflet beside its translation to one language, which may not exist yet (`ours` is None)."""

    leaflet: LeafletEntry
    rules: Language
    theirs: Translation
    ours: Translation | None
    sources: tuple[SourcePassage, ...]
    old: tuple[Passage, ...]
    paired: bool
    """Whether the two texts have the same blocks."""

    @property
    def language(self) -> str:
        """The code of the language."""
        return self.rules.code


@dataclass(frozen=True, slots=True)
class MemoryMatch:
    """A translation of the same passage elsewhere (100 per cent), or of a similar one.

    `difference` is how the source of the similar one differs, for the translator.
    """

    source: Content
    target: Content
    per_cent: int
    origin: str
    difference: str = ""

    @property
    def note(self) -> str:
        """Where it is from, and what differs, for the translator."""
        alike = f"{self.per_cent} % alike; {self.difference}" if self.difference else "the same passage"
        return f"Translated in {self.origin} ({alike})"


@dataclass(frozen=True, slots=True)
class Unit:
    """One piece of work: the words of a part of a passage. `target` is its translation if it is up to date, `old` if it is not."""

    id: str
    source: Content
    target: Content | None
    old: Content | None
    place: SourceLocation
    kind: str
    notes: tuple[str, ...] = ()
    limit: int | None = None
    """The most characters that the translation should have."""

    matches: tuple[MemoryMatch, ...] = ()


def find_work(library: Library, name: str, language: str) -> Work:
    """Return a leaflet beside its translation.

    Raises UsageError for an unknown leaflet or language, SourceError if one of the texts or the record cannot be read.
    """
    leaflet = library.leaflets.get(name)
    folder = library.root / "content" / name
    if leaflet is None and name not in library.listed.get("content", ()):
        raise UsageError(f"there is no leaflet “{name}”{did_you_mean(name, library.leaflets)}")
    if language not in library.settings.languages:
        known = ", ".join(library.settings.languages)
        raise UsageError(
            f"“{language}” is not a language of this library ({known})",
            hint=f"add it to {library.settings_source.name}",
        )
    theirs = leaflet.original if leaflet else None
    if leaflet and language == leaflet.model.source_language:
        raise UsageError(f"“{language}” is the source language of {name}; name the language of a translation")
    ours = leaflet.translations.get(language) if leaflet else None
    exists = f"{language}.md" in library.listed.get(f"content/{name}", ())
    broken_record = leaflet is not None and not leaflet.made_from and SOURCE_RECORD in library.listed[f"content/{name}"]
    if leaflet is None or theirs is None or (ours is None and exists) or broken_record:
        inside = f"{folder.as_posix()}/"
        raise SourceError(each for each in library.findings if each.place.file.startswith(inside))
    old = locate_passages(ours) if ours else ()
    paired = ours is not None and translations.first_difference(ours, theirs) is None
    return Work(
        leaflet, library.language(language), theirs, ours, tuple(_sources(leaflet, language, theirs, ours)), old, paired
    )


def _sources(
    leaflet: LeafletEntry, language: str, theirs: Translation, ours: Translation | None
) -> Iterator[SourcePassage]:
    known = _known(leaflet, language, theirs, ours)
    seen: Counter[str] = Counter()
    for index, passage in enumerate(locate_passages(theirs)):
        digest = _digest(passage)
        state, old, record = known.get(index, (State.MISSING, None, ""))
        yield SourcePassage(f"{digest}-{seen[digest]}", passage, state, old, record)
        seen[digest] += 1


_Known = tuple[State, int | None, str]


def _known(leaflet: LeafletEntry, language: str, theirs: Translation, ours: Translation | None) -> dict[int, _Known]:
    """Return what is known of the translation of each segment of the source, by its index."""
    if ours is None:
        return {}
    now = [index for index, segment in enumerate(theirs.segments) if segment.words]
    mine = [index for index, segment in enumerate(ours.segments) if segment.words]
    recorded = translations.recorded_lines(leaflet, language)
    paired = translations.first_difference(ours, theirs) is None
    known: dict[int, _Known] = {}
    if paired:
        known = {
            index: (State.STALE if recorded is None and index in now else State.CURRENT, index, "")
            for index in range(len(ours.segments))
        }
    if recorded is None or (not paired and len(recorded) != len(mine)):
        return known
    digests = [theirs.segments[index].digest for index in now]
    for tag, a, a_end, b, b_end in SequenceMatcher(
        None, [line[:16] for line in recorded], digests, False
    ).get_opcodes():
        for step in range(b_end - b):
            was = recorded[a + step] if a + step < a_end else ""
            index = now[b + step]
            old = index if paired else mine[a + step] if was else None
            if old is None or theirs.segments[index][:2] != ours.segments[old][:2]:
                known[index] = State.MISSING, None, ""
            else:
                known[index] = State.CURRENT if tag == "equal" else State.STALE, old, was
    return known


def _digest(passage: Passage) -> str:
    """Return twelve hexadecimal digits that change with the words, the marks, the kind and the surroundings of a passage."""
    words = [passage.segment.digest]
    words += [f"{part.name}\0{inline_codes.without_places(part.words)!r}" for part in passage.parts]
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:12]


def source_codes(part: Part) -> tuple[Content, Codes]:
    """Return the words of a part of the source with numbered codes, and what the codes are."""
    return inline_codes.encode(part.words)


def old_part(work: Work, source: SourcePassage, number: int) -> Part | None:
    """Return the part of the translation so far that belongs to a part of the source."""
    if source.old is None:
        return None
    parts = work.old[source.old].parts
    return parts[number] if number < len(parts) else None


def travels(part: Part) -> bool:
    """Return whether a part has words that a translator gets."""
    return bool(part.words) and part.form is not Form.VALUE


def progress(work: Work) -> Counter[State]:
    """Return how many of the passages that a translator gets are in each state."""
    return Counter(source.state for source in work.sources if any(map(travels, source.passage.parts)))


def units(work: Work, everything: bool = False) -> Iterator[Unit]:
    """Yield the parts to be translated: those of passages that are missing or stale, or of all of them."""
    for source in work.sources:
        if everything or source.state is not State.CURRENT:
            for number, part in enumerate(source.passage.parts):
                if travels(part):
                    yield _unit(work, source, number, part)


def _unit(work: Work, source: SourcePassage, number: int, part: Part) -> Unit:
    content, codes = source_codes(part)
    old = old_part(work, source, number)
    so_far = inline_codes.encode(old.words, codes)[0] if old and old.words else None
    current = source.state is State.CURRENT
    segment = source.passage.segment
    place = SourceLocation(work.theirs.source.name, segment.line)
    name = segment.kind + (f", {part.name}" if part.name not in ("", segment.kind) else "")
    where = f" (in: {', '.join(segment.where)})" if segment.where else ""
    notes = () if current else tuple(_change_notes(source))
    if segment.where and segment.where[-1].startswith("facts "):
        notes += (f"Keep the bold words under {SHORT_FACT} characters.",)
    limit = MAX_ALT_LENGTH if part.form is Form.ALT_TEXT else None
    if limit:
        notes += (f"Write at most {limit} characters.",)
    return Unit(
        f"p{source.key}-{number}",
        content,
        so_far if current else None,
        None if current else so_far,
        place,
        name + where,
        notes,
        limit,
    )


def _change_notes(source: SourcePassage) -> Iterator[str]:
    """Yield what changed in the source. Old records have only the beginning of what was translated."""
    before = source.record[17:]
    segment = source.passage.segment
    if source.state is not State.STALE or not before:
        return
    if segment._replace(words=before).digest == source.record[:16]:
        yield f"The source was: “{before}”. Changed: {word_difference(before, segment.words) or 'marks only'}."
    elif segment.words.startswith(before):
        yield f"The source changed after “{before} …”."
    else:
        yield f"The source began: “{before} …”."
