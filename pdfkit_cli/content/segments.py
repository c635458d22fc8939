"""Splits a text into segments: the units that are translated one by one, and that source and translation have in common."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from pdfkit_cli.content.block_specs import Argument
from pdfkit_cli.content.blocks import (
    Block,
    Blocks,
    Directive,
    Field,
    Figure,
    FootnoteMark,
    Heading,
    Inlines,
    Link,
    List,
    Paragraph,
    Span,
    Table,
    Text,
)
from pdfkit_cli.content.markdown import MarkdownBody
from pdfkit_cli.content.models import FrontMatter
from pdfkit_cli.content.yaml_source import SourceFile


class Segment(NamedTuple):
    """One unit of translation: its kind, the blocks around it (`where`, the outermost first), its words, and its line.

    The words are the author's, with white space normalized, without emphasis, and with fields, addresses and `{.full}` marks in a
    standard form. A block without words, such as a step, is a segment without words.
    """

    kind: str
    where: tuple[str, ...]
    words: str
    line: int
    marker: str = ""
    """The printed number of a list item, such as “2.”."""

    counted: bool = True
    """Whether the marker is the position in the list, counted from 1; then it is not part of the digest."""

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits of SHA-256 over the words, their kind and the blocks around them."""
        marker = () if self.counted else (self.marker,)
        return hashlib.sha256("\0".join((*self.where, self.kind, *marker, self.words)).encode()).hexdigest()[:16]


def split_into_segments(front_matter: FrontMatter, body: MarkdownBody, text: SourceFile) -> tuple[Segment, ...]:
    """Return the segments of a text in reading order; a footnote follows the segment that calls it."""
    title = f"{front_matter.title} {front_matter.short_title or ''}"
    head = [
        Segment("title", (), _normalize_whitespace(title), key_line("title", text)),
        Segment("summary", (), _normalize_whitespace(front_matter.summary), key_line("summary", text)),
    ]
    head += [
        Segment(f"label of {name}", (), _normalize_whitespace(label), key_line("personal", text))
        for name, label in sorted(front_matter.personal.items())
    ]
    segmenter = _Segmenter(dict(body.footnotes), head)
    segmenter.blocks(body.blocks, ())
    return tuple(head)


def key_line(key: str, text: SourceFile) -> int:
    """Return the line of a key of the front matter; 1 if it is not found."""
    return text.text.count("\n", 0, text.text.find(f"\n{key}:") + 1) + 1


def segments_digest(segments: Iterable[Segment]) -> str:
    """Return the SHA-256 of a text in hexadecimal. It changes with any word, any block and their order."""
    return hashlib.sha256("".join(segment.digest for segment in segments).encode()).hexdigest()


class _Segmenter:
    """Appends the segments of blocks to `found`; `notes` contains the footnotes by label."""

    def __init__(self, notes: dict[str, Inlines], found: list[Segment]) -> None:
        self._notes, self._found = notes, found

    def blocks(self, blocks: Blocks, where: tuple[str, ...]) -> None:
        for block in blocks:
            if isinstance(block, Paragraph):
                self._words("paragraph", where, (block.children,), block.line)
            else:
                self._other(block, where)

    def _other(self, block: Block, where: tuple[str, ...]) -> None:
        match block:
            case Heading(level, children, line):
                self._words(f"heading of level {level}", where, (children,), line)
            case List():
                self._list(block, where)
            case Table():
                self._table(block, where)
            case Figure(source, alt, caption, line):
                self._found.append(
                    Segment("picture", where, _normalize_whitespace(f"{alt} {caption} <{source}>"), line)
                )
            case Directive(name, argument, blocks, line):
                named = block.spec.argument is Argument.NAME
                kind = f"{name} {argument}" if named else name
                self._found.append(Segment(kind, where, "" if named else _normalize_whitespace(argument), line))
                self.blocks(blocks, (*where, kind))
            case _:
                pass

    def _list(self, block: List, where: tuple[str, ...]) -> None:
        kind = "numbered list item" if block.ordered else "list item"
        for number, (marker, item) in enumerate(zip(block.markers, block.items, strict=True), 1):
            first, rest = item.blocks[:1], item.blocks[1:]
            at = len(self._found)
            if first and isinstance(first[0], Paragraph):
                self._words(kind, where, (first[0].children,), item.line)
            else:
                self._found.append(Segment(kind, where, "", item.line))
                rest = item.blocks
            if block.ordered:
                self._found[at] = self._found[at]._replace(marker=marker, counted=marker == f"{number}.")
            self.blocks(rest, (*where, kind))

    def _table(self, table: Table, where: tuple[str, ...]) -> None:
        self._words(f"table of {len(table.head)} columns", where, table.head, table.line)
        for index, row in enumerate(table.rows):
            self._words("table row", where, row, table.line + 2 + index)

    def _words(self, kind: str, where: tuple[str, ...], cells: tuple[Inlines, ...], line: int) -> None:
        """Append a segment, and one for each footnote that it calls."""
        called: list[str] = []
        words = " | ".join(_flatten(cell, called) for cell in cells)
        self._found.append(Segment(kind, where, _normalize_whitespace(words), line))
        for label in called:
            note = Segment(
                "footnote", (*where, kind), _normalize_whitespace(_flatten(self._notes.get(label, ()), [])), line
            )
            self._found.append(note)


def _flatten(nodes: Inlines, called: list[str]) -> str:
    """Return the words of inline nodes in the standard form, and append the labels of the footnotes that they call to `called`."""
    if len(nodes) == 1 and isinstance(only := nodes[0], Text):
        return only.text
    parts = []
    for node in nodes:
        match node:
            case Text(text):
                parts.append(text)
            case Link(text, href):
                parts.append(f"{text} <{href}>")
            case Field(name):
                parts.append(f"{{{{ {name} }}}}")
            case FootnoteMark(label):
                called.append(label)
                parts.append("[^]")
            case Span(children, full=True):
                parts.append(f"[{_flatten(children, called)}]{{.full}}")
            case _:
                parts.append(_flatten(getattr(node, "children", ()), called) or " ")
    return "".join(parts)


def _normalize_whitespace(words: str) -> str:
    """Return words separated by single spaces, without soft hyphens."""
    return " ".join(words.replace("\u00ad", "").split())
