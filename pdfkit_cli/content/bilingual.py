"""Bilingual editions: a translation beside its source, block by block. What is drawn and what is proven both follow these pairs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import Any, TypeAlias

from pdfkit_cli.content.block_specs import Content
from pdfkit_cli.content.blocks import (
    Block,
    Blocks,
    Directive,
    Figure,
    Footnote,
    Heading,
    List,
    ListItem,
    Paragraph,
    Row,
    Table,
    walk,
)
from pdfkit_cli.content.editions import Edition, EditionKey, ResolveCache, resolve_edition
from pdfkit_cli.content.library import Library
from pdfkit_cli.errors import Finding, SourceError, SourceLocation


class Kind(StrEnum):
    """How a pair is set side by side."""

    WORDS = "words"
    """A heading, a paragraph, a row with a blank, two pictures that differ, or a block that is drawn as one on each side."""

    LIST = "list"
    ITEM = "item"
    TABLE = "table"
    """One table whose cells have both languages."""

    PICTURE = "picture"
    """The same picture in both, printed once with the alternative text of the translation."""

    PANEL = "panel"
    """A block with others inside."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A block of a translation, or an item of a list, and the one of the source that says the same.

    `inner` pairs the blocks of a panel, the items of a list, or what follows the first paragraph of an item.
    `markers` are what is printed before an item on each side.
    """

    kind: Kind
    ours: Block | ListItem
    theirs: Block | ListItem
    inner: tuple["Pair", ...] = ()
    markers: tuple[str, str] = ("", "")

    @property
    def opens(self) -> tuple[Blocks, Blocks]:
        """The first paragraph of an item on each side; nothing for other pairs."""
        return _first_paragraph(self.ours), _first_paragraph(self.theirs)


Pairs: TypeAlias = tuple[Pair, ...]


class _UnlikeError(Exception):
    """Carries the line of a block of the translation that has no counterpart in the source."""


def with_source(library: Library, edition: Edition, shared: ResolveCache | None = None) -> Edition:
    """Return an edition with that of its source `beside` it, and their footnotes numbered through both in the order of the page.

    Its digest remains that of the edition. Raises SourceError if their blocks are not the same, or if the source cannot be resolved.
    """
    key = edition.key
    original = edition.leaflet.model.source_language
    if original not in edition.leaflet.translations or original not in library.languages:
        message = f"{edition.leaflet.name} cannot be printed beside its source: there is no text in “{original}” that can be read"
        raise SourceError([Finding("different-structure", message, edition.leaflet.place("source_language"))])
    source = resolve_edition(library, EditionKey(key.clinic, key.leaflet, original, key.variant), shared)
    try:
        numbers = _footnote_numbers(pair_blocks(edition.blocks, source.blocks))
    except _UnlikeError as error:
        name = edition.leaflet.translations[key.language].source.name
        message = f"cannot be printed beside its source: this block, or its content, is not the same in {original}.md; use the same blocks in the same order"
        raise SourceError(
            [Finding("different-structure", message, SourceLocation(name, int(str(error) or 0)))]
        ) from None
    if numbers:
        edition, source = _numbered_edition(edition, numbers), _numbered_edition(source, numbers)
    return replace(edition, beside=source, whole=edition)


def pairs(edition: Edition) -> Pairs:
    """Return the blocks of an edition, each with the one of the source beside it."""
    return pair_blocks(edition.blocks, edition.beside.blocks) if edition.beside else ()


def pair_blocks(ours: Blocks, theirs: Blocks, line: int = 0) -> Pairs:
    """Return blocks and those of the source as pairs; `line` is that of the block around them.

    Raises an error that `with_source` reports where they differ.
    """
    if len(ours) != len(theirs):
        at = ours[min(len(ours), len(theirs)) :] or ours[-1:]
        raise _UnlikeError(at[0].line if at else line)
    return tuple(_pair(our, their) for our, their in zip(ours, theirs, strict=True))


def _pair(ours: Block, theirs: Block) -> Pair:
    match ours, theirs:
        case (List(), List()) if ours.ordered == theirs.ordered and len(ours.items) == len(theirs.items):
            items = zip(ours.items, theirs.items, zip(ours.markers, theirs.markers, strict=True), strict=True)
            return Pair(Kind.LIST, ours, theirs, tuple(_item(*item) for item in items))
        case (Directive(), Directive()) if ours.name == theirs.name and not _is_drawn_whole(ours):
            return Pair(Kind.PANEL, ours, theirs, pair_blocks(ours.blocks, theirs.blocks, ours.line))
        case (Directive(), Directive()) if ours.name == theirs.name:
            return Pair(Kind.WORDS, ours, theirs)
        case (Table(), Table()) if _shape(ours) == _shape(theirs):
            return Pair(Kind.TABLE, ours, theirs)
        case (Figure(), Figure()):
            return Pair(Kind.PICTURE if ours.source == theirs.source else Kind.WORDS, ours, theirs)
        case (Heading(), Heading()) | (Paragraph(), Paragraph()) | (Row(), Row()):
            return Pair(Kind.WORDS, ours, theirs)
    raise _UnlikeError(ours.line)


def _is_drawn_whole(block: Directive) -> bool:
    """Return whether a block is drawn as one on each side: a row of facts, a time line, a drawn share."""
    return block.spec.content is Content.MOMENTS or block.spec.drawn_argument


def _item(ours: ListItem, theirs: ListItem, markers: tuple[str, str]) -> Pair:
    first, their_first = len(_first_paragraph(ours)), len(_first_paragraph(theirs))
    if first != their_first:
        raise _UnlikeError(ours.line)
    inner = pair_blocks(ours.blocks[first:], theirs.blocks[first:], ours.line)
    return Pair(Kind.ITEM, ours, theirs, inner, markers)


def _first_paragraph(block: Block | ListItem) -> Blocks:
    starts = isinstance(block, ListItem) and block.blocks and isinstance(block.blocks[0], Paragraph)
    return block.blocks[:1] if starts and isinstance(block, ListItem) else ()


def _shape(table: Table) -> tuple[int, int]:
    return len(table.head), len(table.rows)


def _footnote_numbers(found: Pairs) -> dict[int, int]:
    """Return the numbers of footnotes by their ids, in the order in which the pairs are printed."""
    notes = (node for part in _parts(found) for node in walk(part) if isinstance(node, Footnote))
    return {id(note): number for number, note in enumerate(notes, 1)}


def _parts(found: Pairs) -> Iterator[Any]:
    """Yield what is printed side by side, one side after the other."""
    for pair in found:
        match pair:
            case Pair(Kind.TABLE, Table(head=head, rows=rows), Table(head=their_head, rows=their_rows)):
                for row, their_row in zip((head, *rows), (their_head, *their_rows), strict=True):
                    yield from chain.from_iterable(zip(row, their_row, strict=True))
            case Pair(Kind.WORDS):
                yield from (pair.ours, pair.theirs)
            case _:
                yield from pair.opens
                yield from _parts(pair.inner)


def _numbered_edition(edition: Edition, numbers: dict[int, int]) -> Edition:
    text = edition.text
    elsewhere = {_numbered(block, numbers): file for block, file in text.elsewhere.items()}
    return replace(edition, text=replace(text, blocks=_numbered(edition.blocks, numbers), elsewhere=elsewhere))


def _numbered(node: Any, numbers: dict[int, int]) -> Any:
    if isinstance(node, tuple):
        return tuple(_numbered(part, numbers) for part in node)
    if isinstance(node, Footnote):
        return replace(node, number=numbers.get(id(node), node.number))
    names = [name for name in ("blocks", "items", "children", "head", "rows") if hasattr(node, name)]
    return replace(node, **{name: _numbered(getattr(node, name), numbers) for name in names}) if names else node
