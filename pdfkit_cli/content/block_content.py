"""What a block may contain, for those whose look asks for a certain content: a list, a table, a picture with a legend."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from pdfkit_cli.content.block_specs import Content
from pdfkit_cli.content.blocks import (
    Directive,
    Field,
    Figure,
    Inlines,
    Link,
    List,
    ListItem,
    Paragraph,
    Span,
    Strong,
    Table,
    Text,
)

Problem: TypeAlias = tuple[int, str]
"""The line of a problem, and a message that states it and what to do."""

_MOMENT = "an item of “{}” is one line that begins with bold words: “- **1 hour** in all”"
_LINE_IN_SHORT = "the short variant would leave out all of this item; remove “{.full}”, or put it around the block"


def content_problems(block: Directive) -> Iterator[Problem]:
    """Yield what is wrong with the content of a block that is not empty."""
    yield from _CHECKS[block.spec.content](block)


def _anything(block: Directive) -> Iterator[Problem]:
    yield from ()


def _paragraphs(block: Directive) -> Iterator[Problem]:
    for inner in block.blocks:
        if not isinstance(inner, Paragraph):
            yield inner.line, f"“{block.name}” contains plain sentences only; move this out of it"


def _moments(block: Directive) -> Iterator[Problem]:
    match block.blocks:
        case (List(ordered=False, items=items),):
            yield from (problem for item in items for problem in _moment_problems(block.name, item))
            yield from _argument_problems(block, len(items))
        case _:
            yield block.line, f"“{block.name}” contains one list, written with “-”, and nothing else"


def _moment_problems(name: str, item: ListItem) -> Iterator[Problem]:
    match item.blocks:
        case (Paragraph(children=(Strong(words), *_)),):
            if not _stays_in_short(words):
                yield item.line, _LINE_IN_SHORT
        case _:
            yield item.line, _MOMENT.format(name)


def _argument_problems(block: Directive, items: int) -> Iterator[Problem]:
    names = block.argument.split()
    if block.spec.icons and len(names) != items:
        yield block.line, f"“{block.name}” names {len(names)} icons for {items} items; name one for each item"
    day = marked_item(block)
    if day > items:
        yield block.line, f"the {block.name} has {items} items, so there is no item {day}; correct “{block.argument}”"


def marked_item(block: Directive) -> int:
    """Return the number of the item that the argument of a timeline marks as the day; 0 if it marks none."""
    found = re.fullmatch(r"day=(\d+)", block.argument)
    return int(found[1]) if found else 0


def moments(block: Directive) -> list[Inlines]:
    """Return the words of each item of a block whose content is MOMENTS: the first node is bold."""
    lists = (inner for inner in block.blocks if isinstance(inner, List))
    first = (item.blocks[0] for found in lists for item in found.items)
    return [paragraph.children for paragraph in first if isinstance(paragraph, Paragraph)]


def _two_columns(block: Directive) -> Iterator[Problem]:
    match block.blocks:
        case (Table(head=(_, _)),):
            pass
        case _:
            yield (
                block.line,
                f"“{block.name}” contains one table of two columns, such as “| Wait with | How long |”, and nothing else",
            )


def _legend(block: Directive) -> Iterator[Problem]:
    match block.blocks:
        case (Figure(), List(ordered=True) as legend) | (Figure(), Paragraph(), List(ordered=True) as legend):
            if legend.markers != tuple(f"{number}." for number in range(1, len(legend.items) + 1)):
                yield legend.line, "number the legend 1. 2. 3., as the picture does"
            yield from (problem for item in legend.items for problem in _legend_problems(item))
        case _:
            yield (
                block.line,
                f"“{block.name}” contains a picture, at most one paragraph, and then a numbered list that explains the picture, in this order",
            )


def _legend_problems(item: ListItem) -> Iterator[Problem]:
    match item.blocks:
        case (Paragraph(children=words),):
            if not _stays_in_short(words):
                yield item.line, _LINE_IN_SHORT
        case _:
            yield item.line, "an item of a legend is one line of words"


def _stays_in_short(nodes: Inlines) -> bool:
    """Return whether the short variant prints any of these words."""
    return any(
        bool(node.text.strip())
        if isinstance(node, Text | Link)
        else isinstance(node, Field)
        or (not (isinstance(node, Span) and node.full) and _stays_in_short(getattr(node, "children", ())))
        for node in nodes
    )


_CHECKS: Final[Mapping[Content, Callable[[Directive], Iterator[Problem]]]] = {
    Content.ANY: _anything,
    Content.PARAGRAPHS: _paragraphs,
    Content.MOMENTS: _moments,
    Content.TWO_COLUMNS: _two_columns,
    Content.LEGEND: _legend,
}
