"""Tables whose words are wider than a narrow page: where they may be broken, so that they fit.

Only words that are wider than the table has room for get soft hyphens, as few as it takes, where the language breaks them, and
anywhere where it does not say. Numbers and doses stay whole; what is counted, such as tablets, may stand below its number.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, Final
from unicodedata import category

import pyphen
from fontTools.ttLib import TTFont

from pdfkit_cli.blocks import Blank, Emphasis, Fact, Inlines, Link, Span, Strong, Table, Text, plain
from pdfkit_cli.typography import NO_BREAK_SPACE, SOFT_HYPHEN, direction, is_right_to_left
from pdfkit_cli.units import measures

MILLIMETRE: Final = 72 / 25.4
"""In points."""

GAP, NARROW_GAP = 3.0, 2.0
"""Millimetres behind a cell, as table.css and the formats have them: in narrow tables, too."""


@dataclass(frozen=True, slots=True)
class Room:
    """How wide a text is set: its measure in millimetres, its size in points."""

    measure: float
    size: float

    def ems(self, columns: int, gap: float, indent: float) -> float:
        """Return what a row of cells has room for, in ems."""
        return (self.measure - indent - columns * gap) * MILLIMETRE / self.size


SMALL: Final = (Room(118, 12), Room(170, 18))
"""A5 and large print."""

WIDE: Final = (Room(142, 12.5),)
"""A4, beside the rail."""

INDENTS: Final = {"warning": 10.1, "exercise": 10.6, "call": 26.9, "brief": 11.1, "topic": 34.0}
"""Millimetres that blocks take from a text in them."""

BOLD: Final = 1.06
"""How much wider bold letters are, about."""

SLACK: Final = 0.97
"""The share of a row that is counted on: kerning, and letters of other fonts."""

SHORTEST: Final = 3
"""Letters that a part of a word has at least."""

TOGETHER: Final = {"th", "ph", "ch", "ck", "rh", "sh", "gh", "qu"}
"""Letters for one sound, which Danish patterns part in names of medicines."""

_STEP: Final = 0.25
_PIECE: Final = re.compile(r"[^ \t\n-]+-*|-+")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_COUNTED: Final = re.compile(rf"(?<=\d){NO_BREAK_SPACE}(?=[^\W\d_]{{4}})")


def fitted(table: Table, language: str, font: Path, indent: float = 0.0) -> tuple[Table, str]:
    """Return a table with the places where its words may be broken, and the classes of its looks; the same where all words fit."""
    width = _widths(font)
    columns = len(table.head)
    if _fits(table, width, SMALL, GAP, indent):
        return table, ""
    loose = _with_texts(table, lambda text: _COUNTED.sub(lambda space: _loosened(space, language), text))
    room = min(room.ems(columns, NARROW_GAP, indent) for room in SMALL) * SLACK
    looks = "narrow" if _fits(table, width, WIDE, GAP, indent) else "narrow everywhere"
    limit = _limit(_columns(loose, width), room)
    broken = _with_texts(loose, lambda text: _PIECE.sub(lambda piece: _broken(piece[0], limit, width, language), text))
    return broken, looks


def _loosened(space: re.Match[str], language: str) -> str:
    """Return the space between a number and what is counted: not a unit, and in Arabic no Latin word, which may be the name of one."""
    is_latin = direction(language) == "rtl" and not is_right_to_left(space.string[space.end() : space.end() + 1])
    return NO_BREAK_SPACE if is_latin or measures(language).match(space.string, space.start()) else " "


def _fits(table: Table, width: "_Widths", rooms: tuple[Room, ...], gap: float, indent: float) -> bool:
    needed = sum(max((piece.width for piece in column), default=0.0) for column in _columns(table, width))
    return all(needed <= room.ems(len(table.head), gap, indent) * SLACK for room in rooms)


@dataclass(frozen=True, slots=True)
class _Piece:
    """What no line ends in: a word with its signs, a number with its unit."""

    width: float
    breakable: bool


def _columns(table: Table, width: "_Widths") -> list[list[_Piece]]:
    columns: list[list[_Piece]] = [[] for _ in table.head]
    for row in (table.head, *table.rows):
        for column, cell in zip(columns, row, strict=False):
            column += _pieces(cell, width, bold=row is table.head)
    return columns


def _pieces(nodes: Inlines, width: "_Widths", *, bold: bool = False) -> Iterator[_Piece]:
    for node in nodes:
        match node:
            case Text(text) | Link(text=text):
                for piece in _PIECE.findall(text):
                    yield _Piece(width.of(piece) * (BOLD if bold else 1), _is_breakable(piece))
            case Strong(children):
                yield from _pieces(children, width, bold=True)
            case Emphasis(children) | Span(children):
                yield from _pieces(children, width, bold=bold)
            case Fact() | Blank():
                yield _Piece(width.of(plain(node)) * BOLD, False)
            case _:
                pass


def _is_breakable(piece: str) -> bool:
    """Say whether a word may be broken: not a number, and no Arabic, which is not hyphenated."""
    if re.search(r"\d", piece) or is_right_to_left(piece):
        return False
    return any(len(run) >= 2 * SHORTEST for run in _LETTERS.findall(piece))


def _limit(columns: list[list[_Piece]], room: float) -> float:
    """Return how wide a word may be, in ems, so that all columns together have room; the narrowest word where they never have."""
    limit = max((piece.width for column in columns for piece in column if piece.breakable), default=0.0)
    while limit > _STEP and sum(_narrowest(column, limit) for column in columns) > room:
        limit -= _STEP
    return limit


def _narrowest(column: list[_Piece], limit: float) -> float:
    return max((min(piece.width, limit) if piece.breakable else piece.width for piece in column), default=0.0)


def _broken(piece: str, limit: float, width: "_Widths", language: str) -> str:
    """Return a piece with soft hyphens, if it is wider than the limit: in as few and as equal parts as can be."""
    if not _is_breakable(piece) or width.of(piece) * BOLD <= limit:
        return piece
    for places in (_hyphenated(piece, language), _anywhere(piece)):
        for count in range(1, len(piece) // SHORTEST):
            parts = [_cut(piece, cuts) for cuts in combinations(places, count)] if count < 4 else []
            best = min(parts, key=lambda parts: max(map(width.of, parts)), default=None)
            if best and max(width.of(part + "-") for part in best) * BOLD <= limit:
                return SOFT_HYPHEN.join(best)
    return SOFT_HYPHEN.join(_cut(piece, tuple(_anywhere(piece)[:: SHORTEST + 1])))


def _cut(piece: str, places: tuple[int, ...]) -> list[str]:
    return [piece[start:end] for start, end in pairwise((0, *places, len(piece)))]


def _hyphenated(piece: str, language: str) -> list[int]:
    """Return where the language breaks the words of a piece, with some letters on either side."""
    dictionary = _dictionary("en" if direction(language) == "rtl" else language)  # Latin words in Arabic are names
    if dictionary is None:
        return []
    return [
        run.start() + place
        for run in _LETTERS.finditer(piece)
        for place in dictionary.positions(run[0])
        if SHORTEST <= place <= len(run[0]) - SHORTEST and run[0][place - 1 : place + 1].lower() not in TOGETHER
    ]


def _anywhere(piece: str) -> list[int]:
    return [
        run.start() + place for run in _LETTERS.finditer(piece) for place in range(SHORTEST, len(run[0]) - SHORTEST + 1)
    ]


@cache
def _dictionary(language: str) -> Any:
    found = pyphen.language_fallback(language)
    return pyphen.Pyphen(lang=found) if found else None


def _with_texts(table: Table, change: Callable[[str], str]) -> Table:
    def cell(nodes: Inlines) -> Inlines:
        return tuple(map(changed, nodes))

    def changed(node: Any) -> Any:
        match node:
            case Text(text) | Link(text=text):
                return replace(node, text=change(text))
            case Strong(children) | Emphasis(children) | Span(children):
                return replace(node, children=cell(children))
            case _:
                return node

    rows = tuple(tuple(map(cell, row)) for row in table.rows)
    return replace(table, head=tuple(map(cell, table.head)), rows=rows)


class _Widths:
    """How wide letters are in a font, in ems."""

    def __init__(self, font: Path) -> None:
        with TTFont(font, lazy=True) as opened:
            advances, self._size = opened["hmtx"].metrics, opened["head"].unitsPerEm
            self._advances = {code: advances[name][0] for code, name in opened.getBestCmap().items()}

    def of(self, text: str) -> float:
        """Return the width of a text; a letter that the font has not is half an em wide, and what only stands on it takes no room."""
        half = self._size / 2
        shown = (sign for sign in text if category(sign) not in ("Mn", "Cf"))
        return float(sum(self._advances.get(ord(sign), half) for sign in shown) / self._size)


@cache
def _widths(font: Path) -> _Widths:
    return _Widths(font)
