"""The closed vocabulary of a leaflet's text: blocks, and the inline nodes in them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any, TypeAlias

from pdfkit_cli.content.block_specs import BLOCKS, BlockSpec


@dataclass(frozen=True, slots=True)
class Text:
    """Words as the author wrote them."""

    text: str


@dataclass(frozen=True, slots=True)
class Emphasis:
    """Words to stress."""

    children: tuple["Inline", ...]


@dataclass(frozen=True, slots=True)
class Strong:
    """Words of importance."""

    children: tuple["Inline", ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to an address; `note` is what paper prints after them: the address, or a mark like [1]."""

    text: str
    href: str
    line: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A fact of the clinic, by name; the resolved text has none of these left."""

    name: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Fact:
    """A field that has been filled in. `kind` is the field's name; `href` is set where the fact can be followed."""

    kind: str
    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Blank:
    """Room for a personal fact, written by hand or filled in for one patient; `kind` is its type, `label` its name on the page.

    `aloud` is read for the room to write in, or for each box to tick, where there are `choices`. What has been filled in is no part of the text:
    the same edition is handed out, whoever gets it.
    """

    name: str
    kind: str
    label: str
    aloud: str
    choices: tuple[str, ...] = ()
    filled: Fact | None = field(default=None, repr=False)

    @property
    def text(self) -> str:
        """What has been filled in, or what there is to choose from."""
        return self.filled.text if self.filled else " ".join(self.choices)


@dataclass(frozen=True, slots=True)
class Span:
    """Words in another language, or words that a short edition leaves out."""

    children: tuple["Inline", ...]
    lang: str = ""
    full: bool = False


@dataclass(frozen=True, slots=True)
class FootnoteMark:
    """Where a footnote is called; its label is the author's."""

    label: str
    line: int


@dataclass(frozen=True, slots=True)
class Footnote:
    """A footnote in its place in the resolved text, numbered from 1."""

    number: int
    children: tuple["Inline", ...]


@dataclass(frozen=True, slots=True)
class Break:
    """A forced line end."""


Inline: TypeAlias = Text | Emphasis | Strong | Link | Field | Fact | Blank | Span | FootnoteMark | Footnote | Break
Inlines: TypeAlias = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; the leaflet's title is level 1, so these begin at 2."""

    level: int
    children: Inlines
    line: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    children: Inlines
    line: int


@dataclass(frozen=True, slots=True)
class ListItem:
    """One item of a list; `marker` is what is printed before it where that is not its number, counted from the start of the list."""

    blocks: tuple["Block", ...]
    line: int
    marker: str = ""


@dataclass(frozen=True, slots=True)
class List:
    """A list; `start` is the first number of an ordered one."""

    ordered: bool
    start: int
    items: tuple[ListItem, ...]
    line: int

    @property
    def markers(self) -> tuple[str, ...]:
        """What is printed before each item, such as “2.”; nothing where the list has bullets."""
        if not self.ordered:
            return ("",) * len(self.items)
        return tuple(item.marker or f"{number}." for number, item in enumerate(self.items, self.start))


@dataclass(frozen=True, slots=True)
class Table:
    """A table with one row of column headings."""

    head: tuple[Inlines, ...]
    rows: tuple[tuple[Inlines, ...], ...]
    line: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with the words for those who cannot see it; `source` is relative to the leaflet's folder."""

    source: str
    alt: str
    caption: str
    line: int


@dataclass(frozen=True, slots=True)
class Row:
    """A line of an appointment panel: a label and its blank. The resolved text has them, the written one has not."""

    children: tuple[Blank]
    line: int


@dataclass(frozen=True, slots=True)
class Directive:
    """A block that a leaflet needs; `level` is that of its title's heading, 0 where it has no title."""

    name: str
    argument: str
    blocks: tuple["Block", ...]
    line: int
    level: int = 0

    @property
    def spec(self) -> BlockSpec:
        """What is known of every block of this name."""
        return BLOCKS[self.name]


Block: TypeAlias = Heading | Paragraph | List | Table | Figure | Row | Directive
Blocks: TypeAlias = tuple[Block, ...]


def walk(node: Any) -> Iterator[Any]:
    """Yield every block and inline node below `node` (a node or a tuple of them), in the order of the text."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting.extend(reversed(node))
        elif (names := _child_fields(node.__class__)) is not None:
            yield node
            for name in names:
                if isinstance(value := getattr(node, name), tuple):
                    waiting.append(value)


@cache
def _child_fields(kind: type) -> tuple[str, ...] | None:
    """Return the fields of a kind of node that may hold others, the last first; None where it is no node."""
    if not is_dataclass(kind):
        return None
    return tuple(field.name for field in reversed(fields(kind)) if field.type not in (str, int, bool))


def plain_text(node: Any) -> str:
    """Return the words below `node`, as text."""
    return "".join([part.text for part in walk(node) if isinstance(part, Text | Fact | Link)])


def merge_texts(nodes: Iterable[Inline]) -> Iterator[Inline]:
    """Join neighbouring texts, so that words can be searched across a line end."""
    words: list[str] = []
    for node in nodes:
        if isinstance(node, Text):
            words.append(node.text)
            continue
        if words:
            yield Text("".join(words))
            words = []
        yield node
    if words:
        yield Text("".join(words))
