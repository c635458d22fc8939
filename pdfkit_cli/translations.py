"""Translations and their source: what each was made from, what is out of date, and where the two differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path

from pdfkit_cli import numbers, quantities
from pdfkit_cli.catalogue import TRANSLATED, Catalogue, LeafletEntry, Translation, near
from pdfkit_cli.errors import Finding, OutputError, Place, SourceError, UsageError
from pdfkit_cli.numbers import Numbers
from pdfkit_cli.passages import Passage

LONGEST_WORDS = 48
"""Characters of a passage that are written behind its digest, for those who read the file."""

_HEAD = (
    "# Written by “pdfkit translated”: the passages of the source that each translation was made from.\nmade_from:\n"
)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a translation and its source part: the passage of each, None behind the end."""

    ours: Passage | None
    theirs: Passage | None


@dataclass(frozen=True, slots=True)
class Stale:
    """A passage of the source that a translation was not made from; `ours` is its counterpart where there is one."""

    index: int
    theirs: Passage
    ours: Passage | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded: the file, the source, how many passages, and those that were not recorded, or elsewhere."""

    path: Path
    original: str
    passages: int
    new: tuple[Passage, ...]


def pairs(catalogue: Catalogue) -> Iterator[tuple[Translation, Translation]]:
    """Yield the source and the translation for each translation in use whose source can be read."""
    for leaflet in catalogue.leaflets.values():
        original = leaflet.original
        if original and leaflet.model.in_use:
            yield from ((original, text) for text in leaflet.translations.values() if text is not original)


def difference(ours: Translation, theirs: Translation) -> Difference | None:
    """Return the first place where the blocks of two texts differ in kind, nesting or order."""
    for our, their in zip_longest(ours.passages, theirs.passages):
        if our is None or their is None or our[:2] != their[:2]:
            return Difference(our, their)
    return None


def unlike_numbers(ours: Translation, theirs: Translation) -> Iterator[tuple[int, Numbers, Numbers]]:
    """Yield each passage that has not the numbers of its source in their order: its index, its numbers, those of the source.

    A number that only one of them has in digits may stand in words in the other. Both have the same blocks.
    """
    for index, (mine, wanted) in enumerate(zip(ours.numbers, theirs.numbers, strict=True)):
        pair = ours.written(ours.passages[index]), theirs.written(theirs.passages[index])
        if mine != wanted:
            mine, wanted = numbers.compared(*pair)
        said = quantities.apart(*pair)
        if mine != wanted or any(said):
            yield index, mine + said[0], wanted + said[1]


def tell(found: Difference, original: str) -> str:
    """Return what a translator has to know of a difference."""
    ours = f"here stands a {_name(found.ours)}" if found.ours else "the text ends here"
    theirs = (
        f"a {_name(found.theirs)} stands at {original}:{found.theirs.line}" if found.theirs else f"{original} has ended"
    )
    remedy = "use the same blocks in the same order"
    if {passage.kind for passage in (found.ours, found.theirs) if passage} == {"paragraph", "numbered list item"}:
        remedy += ", and write “1\\.” for the number that begins a sentence"
    return f"the blocks differ from those of the source: {ours}, but {theirs}; {remedy}"


def _name(passage: Passage) -> str:
    return f"{passage.kind} (in: {', '.join(passage.where)})" if passage.where else passage.kind


def stale(leaflet: LeafletEntry, language: str) -> tuple[Stale, ...]:
    """Return the passages of the source that a translation was not made from.

    The order counts: a passage that moved is out of date where it stands now. Nothing is stale without a record, in the source itself, and
    where the source cannot be read.
    """
    original, ours = leaflet.original, leaflet.translations.get(language)
    recorded = leaflet.made_from[0].digests(language) if leaflet.made_from else None
    if original is None or ours is None or ours is original or recorded is None:
        return ()
    now = [index for index, passage in enumerate(original.passages) if passage.words]
    digests = [original.passages[index].digest for index in now]
    if list(recorded) == digests:
        return ()
    at_fault = changed(recorded, digests)
    paired = difference(ours, original) is None
    return tuple(
        Stale(index, original.passages[index], ours.passages[index] if paired else None)
        for at, index in enumerate(now)
        if at in at_fault
    )


def changed(before: Sequence[str], now: Sequence[str]) -> set[int]:
    """Return the indices of what is now in other words or in another order than before."""
    same = SequenceMatcher(None, before, now, autojunk=False).get_matching_blocks()
    return set(range(len(now))) - {index for block in same for index in range(block.b, block.b + block.size)}


def record(catalogue: Catalogue, name: str, language: str) -> Recorded:
    """Write down that a translation was made from the source as it is now.

    Raises UsageError for a leaflet or language that is not there, SourceError where one of the texts cannot be read or their blocks differ,
    OutputError where the file cannot be written.
    """
    leaflet, ours, theirs = _texts(catalogue, name, language)
    if found := difference(ours, theirs):
        line = (found.ours or ours.passages[-1]).line
        message = tell(found, theirs.source.name)
        raise SourceError([Finding("different-structure", message, Place(ours.source.name, line))])
    passages = [passage for passage in theirs.passages if passage.words]
    lines = dict(leaflet.made_from[0].made_from) if leaflet.made_from else {}
    before = leaflet.made_from[0].digests(language) if leaflet.made_from else None
    lines[language] = "\n".join(f"{passage.digest} {_short(passage.words)}".rstrip() for passage in passages)
    path = catalogue.root / "content" / name / TRANSLATED
    _write(path, lines)
    new = sorted(changed(before or (), [passage.digest for passage in passages]))
    return Recorded(path, theirs.source.name, len(passages), tuple(passages[index] for index in new))


def _texts(catalogue: Catalogue, name: str, language: str) -> tuple[LeafletEntry, Translation, Translation]:
    leaflet = catalogue.leaflets.get(name)
    folder = catalogue.root / "content" / name
    if leaflet is None and folder.is_dir():
        raise _unreadable(catalogue, folder)
    if leaflet is None:
        raise UsageError(f"there is no leaflet “{name}”{near(name, catalogue.leaflets)}")
    if language == leaflet.model.source_language:
        raise UsageError(f"“{language}” is the language that {name} is written in; name a translation")
    if not (folder / f"{language}.md").exists():
        others = set(leaflet.translations) - {leaflet.model.source_language}
        raise UsageError(f"{name} has no text in “{language}”{near(language, others)}")
    ours, theirs = leaflet.translations.get(language), leaflet.original
    if ours is None or theirs is None:
        raise _unreadable(catalogue, folder)
    return leaflet, ours, theirs


def _unreadable(catalogue: Catalogue, folder: Path) -> SourceError:
    inside = f"{folder.as_posix()}/"
    return SourceError(finding for finding in catalogue.findings if finding.place.file.startswith(inside))


def _short(words: str) -> str:
    """Return the first words of a passage, without what YAML cannot hold."""
    return "".join(char for char in words[:LONGEST_WORDS] if char.isprintable()).strip()


def _write(path: Path, lines: Mapping[str, str]) -> None:
    """Write the file whole or not at all."""
    blocks = (
        f"  {language}: |\n" + "".join(f"    {line}\n" for line in lines[language].splitlines())
        for language in sorted(lines)
    )
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(_HEAD + "".join(blocks), "utf-8")
        beside.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from None
