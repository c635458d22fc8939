"""Left-to-right runs that extend over several elements, such as a dose with a bold number, in right-to-left text.

WeasyPrint 70.0 orders elements from the right, so 500 mg with a bold number would be printed as mg 500.
An element around the run, with a direction of its own, keeps the order.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, pairwise

from pdfkit_cli.content import language_files
from pdfkit_cli.content.blocks import Emphasis, Inline, Inlines, Span, Strong, Text
from pdfkit_cli.content.languages.typography import ISOLATE_PATTERN, LEFT_TO_RIGHT_RUN, needs_isolation

_NUMBER = re.compile(r"[0-9]+(?:[.,:/][0-9]+)*")
"""Digits and separators that the bidirectional algorithm treats as one number."""

_BARRIER = "\n"
"""A placeholder for an element that no run extends over, such as a link or a fact."""


@dataclass(frozen=True, slots=True)
class Run:
    """Inline nodes that share an element with left-to-right direction."""

    children: Inlines


@dataclass(frozen=True, slots=True)
class _TextPart:
    """A text and the elements around it, from the outside in; or a node that no run extends over."""

    text: str
    around: tuple[Strong | Emphasis | Span, ...]
    node: Inline | None = None


def group_ltr_runs(nodes: Inlines, paragraph: str) -> tuple[Inline | Run, ...]:
    """Return the nodes of a paragraph with this direction (`rtl` or `ltr`), each run over several elements wrapped in one."""
    if paragraph != "rtl" or not any(isinstance(node, Strong | Emphasis | Span) for node in nodes):
        return nodes
    pieces = [piece for node in nodes for piece in _text_parts(node, ())]
    runs = list(_run_spans([piece.text for piece in pieces]))
    if not runs:
        return nodes
    return tuple(_rebuild(pieces, runs))


def _text_parts(node: Inline, around: tuple[Strong | Emphasis | Span, ...]) -> Iterator[_TextPart]:
    match node:
        case Text(text) if not ISOLATE_PATTERN.search(text):
            yield _TextPart(text, around)
        case Strong(children) | Emphasis(children):
            for child in children:
                yield from _text_parts(child, (*around, node))
        case Span(children, lang) if not lang or not language_files.known_language(lang).is_rtl:
            for child in children:
                yield from _text_parts(child, (*around, node))
        case _:
            yield _TextPart(_BARRIER, around, node)


def _run_spans(texts: list[str]) -> Iterator[tuple[int, int]]:
    """Yield start and end of the runs that extend over a boundary between pieces."""
    whole = "".join(texts)
    ends = list(accumulate(map(len, texts)))[:-1]
    for run in LEFT_TO_RIGHT_RUN.finditer(whole):
        found = [run] if needs_isolation(run[0]) else list(_NUMBER.finditer(whole, run.start(), run.end()))
        yield from (part.span() for part in found if any(part.start() < end < part.end() for end in ends))


def _rebuild(pieces: Iterable[_TextPart], runs: list[tuple[int, int]]) -> Iterator[Inline | Run]:
    """Yield the nodes with each run wrapped; elements that overlap a run are split at its ends."""

    def run_at(placed: tuple[int, _TextPart]) -> int:
        return next((at for at, (start, end) in enumerate(runs) if start <= placed[0] < end), -1)

    cuts = [place for run in runs for place in run]
    for run, group in groupby(_split_parts(pieces, cuts), run_at):
        nodes = _nest_nodes([piece for _, piece in group])
        yield from nodes if run < 0 else (Run(nodes),)


def _split_parts(pieces: Iterable[_TextPart], cuts: list[int]) -> Iterator[tuple[int, _TextPart]]:
    """Yield the pieces, split at these offsets, each with its offset."""
    start = 0
    for piece in pieces:
        end = start + len(piece.text)
        places = [start, *(cut for cut in cuts if start < cut < end), end]
        for begins, ends in pairwise(places):
            yield begins, replace(piece, text=piece.text[begins - start : ends - start])
        start = end


def _nest_nodes(pieces: Iterable[_TextPart], depth: int = 0) -> Inlines:
    """Return the nodes that pieces consist of, below this depth."""
    found: list[Inline] = []
    for _, group in groupby(pieces, lambda piece: id(piece.around[depth]) if piece.around[depth:] else None):
        same = list(group)
        if same[0].around[depth:]:
            found.append(replace(same[0].around[depth], children=_nest_nodes(same, depth + 1)))
        else:
            found += [piece.node or Text(piece.text) for piece in same]
    return tuple(found)
