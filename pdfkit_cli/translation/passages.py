"""The passages of a text, with the places of their words in the file."""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise
from typing import Any

from pdfkit_cli.content import markdown
from pdfkit_cli.content.block_specs import Argument
from pdfkit_cli.content.blocks import (
    Block,
    Blocks,
    Directive,
    Figure,
    FootnoteMark,
    Heading,
    Inlines,
    List,
    Paragraph,
    Table,
    Text,
    walk,
)
from pdfkit_cli.content.library import Translation
from pdfkit_cli.content.loader import split_front_matter
from pdfkit_cli.content.segments import Segment
from pdfkit_cli.content.yaml_source import KeyPath
from pdfkit_cli.errors import Finding, SourceError, SourceLocation


class Form(Enum):
    """How words are written in the file."""

    YAML = auto()
    MARKDOWN = auto()
    CELL = auto()
    ALT_TEXT = auto()
    CAPTION = auto()
    """With its quotation marks and the space before them; empty if there is no caption."""

    ARGUMENT = auto()
    """The title of a block: plain words after its name."""

    VALUE = auto()
    """Data after the name of a block, such as the dose of an exercise. It is not translated, but the same in all languages."""


@dataclass(frozen=True, slots=True)
class Part:
    """Words that are written in one piece: where they are in the text (`start`, `end`), or below which key of the front matter."""

    name: str
    words: Inlines
    form: Form
    start: int = 0
    end: int = 0
    key: KeyPath = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A segment with its parts: the cells of a row, the alternative text and the caption of a picture, and mostly one.

    What has no words of its own has no parts: a step, an item that begins with a picture.
    """

    segment: Segment
    parts: tuple[Part, ...]


def locate_passages(text: Translation) -> tuple[Passage, ...]:
    """Return a passage for each segment of a text, in their order. Raises SourceError if the words of one cannot be found in the file."""
    locator = _Locator(text)
    parts = [*_front_matter_parts(text), *locator.blocks(text.body.blocks)]
    return tuple(Passage(segment, found) for segment, found in zip(text.segments, parts, strict=True))


def _front_matter_parts(text: Translation) -> Iterator[tuple[Part, ...]]:
    head = text.front_matter
    yield _plain("title", head.title, ("title",)), _plain("short title", head.short_title or "", ("short_title",))
    yield (_plain("summary", head.summary, ("summary",)),)
    for name, label in sorted(head.personal.items()):
        yield (_plain(f"label of {name}", label, ("personal", name)),)


def _plain(name: str, words: str, key: KeyPath) -> Part:
    return Part(name, _as_text(words), Form.YAML, key=key)


def _as_text(words: str) -> Inlines:
    return (Text(words),) if words else ()


_PICTURE = re.compile(
    r"!\[(?P<alt>.*)\]\([ \n]*(?P<file><[^<>\n]*>|[^\s<]\S*?)(?P<caption>[ \n]+\"(?:\\.|[^\"\\])*\")?[ \n]*\)",
    re.DOTALL,
)
_ITEM_NUMBER = re.compile(r"(\d{1,9}[.)])[ \t]+$")
_CELL_END = re.compile(r"(?<!\\)\|")


class _Locator:
    """Walks the blocks of a text as its segments are found, beside the tokens that they were read from."""

    def __init__(self, text: Translation) -> None:
        _, body, self._first_line = split_front_matter(text.source)
        self._text = text
        self._lines = text.source.text.split("\n")
        self._offsets = [0]
        for line in self._lines:
            self._offsets.append(self._offsets[-1] + len(line) + 1)
        self._tokens: deque[Any] = deque()
        self._notes: dict[str, list[Any]] = {}
        self._sort(markdown.tokenize(body))
        self._inlines = dict(text.body.footnotes)

    def _sort(self, tokens: Sequence[Any]) -> None:
        waiting: Any = self._tokens
        for token in tokens:
            if token.type == "footnote_reference_open":
                waiting = self._notes.setdefault(token.meta["label"], [])
            elif token.type == "footnote_reference_close":
                waiting = self._tokens
            elif token.type in ("inline", "container_directive_open"):
                waiting.append(token)

    def blocks(self, blocks: Blocks) -> Iterator[tuple[Part, ...]]:
        for block in blocks:
            yield from self._block(block)

    def _block(self, block: Block) -> Iterator[tuple[Part, ...]]:
        match block:
            case Heading(children=children) | Paragraph(children=children):
                yield from self._words(children)
            case List(items=items):
                for item in items:
                    first, rest = item.blocks[:1], item.blocks[1:]
                    if first and isinstance(first[0], Paragraph):
                        yield from self._words(first[0].children)
                    else:
                        yield ()
                        rest = item.blocks
                    yield from self.blocks(rest)
            case Table():
                yield from self._table(block)
            case Figure(_, alt, caption):
                yield self._picture(alt, caption)
            case Directive():
                yield self._title(block)
                yield from self.blocks(block.blocks)

    def _words(self, children: Inlines) -> Iterator[tuple[Part, ...]]:
        start, end = self._place(self._tokens.popleft(), children)
        yield (Part("", children, Form.MARKDOWN, start, end),)
        yield from self._footnotes(children)

    def _footnotes(self, children: Inlines) -> Iterator[tuple[Part, ...]]:
        for mark in walk(children):
            if isinstance(mark, FootnoteMark):
                places = [self._place(token, ()) for token in self._notes.get(mark.label, ())]
                words = self._inlines.get(mark.label, ())
                yield (Part("", words, Form.MARKDOWN, places[0][0], places[-1][1]),) if places else ()

    def _table(self, table: Table) -> Iterator[tuple[Part, ...]]:
        for line, row in ((table.line, table.head), *enumerate(table.rows, table.line + 2)):
            cells = []
            for number, (cell, (start, end)) in enumerate(zip(row, self._cells(line), strict=True), 1):
                self._tokens.popleft()
                cells.append(Part(f"column {number}", cell, Form.CELL, start, end))
            yield tuple(cells)
            for cell in row:
                yield from self._footnotes(cell)

    def _cells(self, line: int) -> list[tuple[int, int]]:
        """Return where the cells of a row begin and end."""
        row = self._lines[line - 1]
        ends = [match.start() for match in _CELL_END.finditer(row)]
        first = len(row) - len(row.lstrip())
        bounds = [first - 1, *(end for end in ends if end != first), len(row.rstrip())]
        if ends[:1] == [first]:
            bounds[0] = first
        if ends and ends[-1] == len(row.rstrip()) - 1:
            bounds.pop()
        places = []
        for start, end in pairwise(bounds):
            words = row[start + 1 : end]
            begin = start + 1 + len(words) - len(words.lstrip())
            places.append((begin, begin + len(words.strip())) if words.strip() else (start + 1, start + 1))
        return [(self._offsets[line - 1] + start, self._offsets[line - 1] + end) for start, end in places]

    def _picture(self, alt: str, caption: str) -> tuple[Part, ...]:
        start, end = self._place(self._tokens.popleft(), ())
        found = _PICTURE.fullmatch(self._text.source.text, start, end)
        if found is None:
            raise self._not_found(start, 'write the picture as ![what it shows](images/file.svg "caption")')
        file_end = found.end("file")
        place = found.span("caption") if found["caption"] else (file_end, file_end)
        return (
            Part("alternative text", _as_text(alt), Form.ALT_TEXT, *found.span("alt")),
            Part("caption", _as_text(caption), Form.CAPTION, *place),
        )

    def _title(self, block: Directive) -> tuple[Part, ...]:
        self._tokens.popleft()
        if block.spec.argument not in (Argument.TITLE, Argument.VALUE):
            return ()
        form = Form.ARGUMENT if block.spec.argument is Argument.TITLE else Form.VALUE
        line = self._lines[block.line - 1].rstrip()
        end = self._offsets[block.line - 1] + len(line)
        return (Part("", _as_text(block.argument), form, end - len(block.argument), end),)

    def _place(self, token: Any, children: Inlines) -> tuple[int, int]:
        """Return where the content of a token begins and ends in the file."""
        words = token.content.split("\n")
        first = token.map[0] + self._first_line - 1
        last = first + len(words) - 1
        column = self._lines[first].rfind(words[0].strip())
        end = self._lines[last].rfind(words[-1].strip()) + len(words[-1].strip())
        if column < 0 or end < len(words[-1].strip()):
            raise self._not_found(self._offsets[first], "write it on one line")
        number = _ITEM_NUMBER.search(self._lines[first][:column])
        if number and children and isinstance(children[0], Text) and children[0].text.startswith(f"{number[1]} "):
            column = number.start()
        return self._offsets[first] + column, self._offsets[last] + end

    def _not_found(self, offset: int, remedy: str) -> SourceError:
        line = self._text.source.text.count("\n", 0, offset) + 1
        message = f"pdfkit cannot tell which words of this line are to be translated; {remedy}"
        return SourceError([Finding("translate", message, SourceLocation(self._text.source.name, line))])
