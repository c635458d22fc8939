"""Distinguishes ordered lists from sentences that begin with a number.

CommonMark reads “24. december” as the first item of a list. Here, a list must count up by ones, begin with 1 (or 0), or continue the
list before it, as steps with a picture between them do. Any other number begins a sentence, even after a bullet (“- 1. gang: …”).
All numbers are printed as they were typed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from pdfkit_cli.content.blocks import Block, Blocks, Inlines, List, ListItem, Paragraph, Span, Text, merge_texts


@dataclass(frozen=True, slots=True)
class _ItemGroup:
    """Consecutive items of an ordered list, with the marker printed before each."""

    items: tuple[ListItem, ...]
    markers: tuple[str, ...]
    line: int

    @property
    def numbers(self) -> list[int]:
        """The numbers of the items."""
        return [int(marker[:-1]) for marker in self.markers]

    @property
    def counted(self) -> bool:
        """Whether each number is one greater than the previous one."""
        return all(two == one + 1 for one, two in pairwise(self.numbers))

    def as_list(self) -> List:
        """Return the items as a list."""
        start = self.numbers[0]
        usual = (f"{number}." for number in range(start, start + len(self.items)))
        marked = zip(self.items, self.markers, usual, strict=True)
        items = (replace(item, marker="" if marker == plain else marker) for item, marker, plain in marked)
        return List(True, start, tuple(items), self.line)

    def as_sentences(self) -> Iterator[Block]:
        """Yield each item as a paragraph that begins with its number; an item that does not begin with a paragraph stays a list."""
        for item, marker in zip(self.items, self.markers, strict=True):
            first, rest = item.blocks[:1], item.blocks[1:]
            if first and isinstance(first[0], Paragraph):
                yield Paragraph(_prefix_number(marker, first[0].children), item.line)
                yield from rest
            else:
                yield _ItemGroup((item,), (marker,), item.line).as_list()


def _prefix_number(marker: str, words: Inlines) -> Inlines:
    """Return words with a number before them. If the short variant leaves out all the words, it leaves out the number, too."""
    match words:
        case (Span(children, full=True) as span,):
            return (replace(span, children=_prefix_number(marker, children)),)
        case _:
            return tuple(merge_texts((Text(f"{marker} "), *words)))


def resolve_list_numbers(blocks: Blocks, *, in_item: bool = False) -> Blocks:
    """Return sibling blocks in which lists that are really sentences are replaced with paragraphs; `in_item`: inside a list item."""
    parted = [part for block in blocks for part in _split_list(block)]
    runs = [part for part in parted if isinstance(part, _ItemGroup)]
    linked = {id(run) for pair in pairwise(runs) if pair[0].numbers[-1] + 1 == pair[1].numbers[0] for run in pair}
    if (
        in_item
        and isinstance(first := next(iter(parted), None), _ItemGroup)
        and len(first.items) == 1
        and id(first) not in linked
    ):
        return (*first.as_sentences(), *resolve_list_numbers(blocks[1:]))
    return tuple(one for part in parted for one in _list_or_sentences(part, linked))


def _split_list(block: Block) -> Iterator[Block | _ItemGroup]:
    """Yield an ordered list divided before each 1 that does not follow a 0; any other block unchanged."""
    if not isinstance(block, List) or not block.ordered:
        yield block
        return
    markers = block.markers
    numbers = [int(marker[:-1]) for marker in markers]
    starts = [at for at, number in enumerate(numbers) if at == 0 or (number == 1 and numbers[at - 1] != 0)]
    for start, end in pairwise([*starts, len(block.items)]):
        items = block.items[start:end]
        yield _ItemGroup(items, markers[start:end], items[0].line)


def _list_or_sentences(part: Block | _ItemGroup, linked: set[int]) -> Iterator[Block]:
    if not isinstance(part, _ItemGroup):
        yield part
    elif part.numbers[0] <= 1 or (part.counted and (len(part.items) > 1 or id(part) in linked)):
        yield part.as_list()
    else:
        yield from part.as_sentences()
