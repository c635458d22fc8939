"""The node types of a leaflet's text: blocks, and the inline nodes in them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any, TypeAlias

from pdfkit_cli.content.block_specs import BLOCKS, BlockSpec


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text, as the author wrote it."""

    text: str


@dataclass(frozen=True, slots=True)
class Emphasis:
    """Emphasized text (italics)."""

    children: tuple["Inline", ...]


@dataclass(frozen=True, slots=True)
class Strong:
    """Important text (bold)."""

    children: tuple["Inline", ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A link; `note` is printed after its text on paper: the address, or a reference like [1]."""

    text: str
    href: str
    line: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A field, by name. Resolving an edition replaces all fields."""

    name: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Fact:
    """A field that has been filled in. `kind` is the field's name; `href` is set if the fact is also a link."""

    kind: str
    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Blank:
    """Space for a personal fact, filled in by hand or by pdfkit for one patient; `kind` is its type, `label` its printed name.

    A screen reader reads `aloud` for the empty space or, if there are `choices`, for each tick box. `filled` is not part of the text of
    the edition, which is the same for every patient.
    """

    name: str
    kind: str
    label: str
    aloud: str
    choices: tuple[str, ...] = ()
    filled: Fact | None = field(default=None, repr=False)

    @property
    def text(self) -> str:
        """The filled-in text, or else the choices."""
        return self.filled.text if self.filled else " ".join(self.choices)


@dataclass(frozen=True, slots=True)
class Span:
    """Text in another language (`lang`), or text that the short variant leaves out (`full`)."""

    children: tuple["Inline", ...]
    lang: str = ""
    full: bool = False


@dataclass(frozen=True, slots=True)
class FootnoteMark:
    """A call of a footnote, with the label that the author chose."""

    label: str
    line: int


@dataclass(frozen=True, slots=True)
class Footnote:
    """A footnote in the resolved text, numbered from 1."""

    number: int
    children: tuple["Inline", ...]


@dataclass(frozen=True, slots=True)
class Break:
    """A forced line break."""


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
    """One item of a list; `marker` is printed before it, and is empty if it is just the number counted from the start of the list."""

    blocks: tuple["Block", ...]
    line: int
    marker: str = ""


@dataclass(frozen=True, slots=True)
class List:
    """A list; `start` is the first number of an ordered list."""

    ordered: bool
    start: int
    items: tuple[ListItem, ...]
    line: int

    @property
    def markers(self) -> tuple[str, ...]:
        """The text printed before each item, such as “2.”; empty strings for a bulleted list."""
        if not self.ordered:
            return ("",) * len(self.items)
        return tuple(item.marker or f"{number}." for number, item in enumerate(self.items, self.start))


@dataclass(frozen=True, slots=True)
class Table:
    """A table with one row of column headings."""

    head: tuple[Inlines, ...]
    rows: tuple[tuple[Inlines, ...], ...]
    line: int


MAX_ALT_LENGTH = 400
"""Characters. A screen reader reads the text without a pause; an exercise shown in three pictures needs 300."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with its alternative text; `source` is relative to the leaflet's folder.

    Only resolved text says whether it is `small`: printed beside the words that follow it.
    """

    source: str
    alt: str
    caption: str
    line: int
    small: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of an appointment panel: a label and its blank. Rows exist only in the resolved text."""

    children: tuple[Blank]
    line: int


@dataclass(frozen=True, slots=True)
class Directive:
    """A `:::` block; `level` is the heading level of its title, 0 if it has none."""

    name: str
    argument: str
    blocks: tuple["Block", ...]
    line: int
    level: int = 0

    @property
    def spec(self) -> BlockSpec:
        """The specification of blocks of this name."""
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
    """Return the fields of a node class that can contain nodes, the last first; None if the class is not a node class."""
    if not is_dataclass(kind):
        return None
    return tuple(field.name for field in reversed(fields(kind)) if field.type not in (str, int, bool))


def plain_text(node: Any) -> str:
    """Return the text of all nodes below `node`."""
    return "".join([part.text for part in walk(node) if isinstance(part, Text | Fact | Link)])


def merge_texts(nodes: Iterable[Inline]) -> Iterator[Inline]:
    """Yield the nodes with adjacent texts joined, so that words can be found across line ends."""
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
