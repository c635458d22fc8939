"""Fits tables to narrow pages by breaking words that are too wide.

Only such words get soft hyphens, and as few as possible: where their language hyphenates, or anywhere if it has no rules.
Numbers and doses are never broken; a counted noun, such as tablets, may go on the line below its number.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, Final
from unicodedata import category

import pyphen
from fontTools.ttLib import TTFont

from pdfkit_cli.content.blocks import Blank, Emphasis, Fact, Inlines, Link, Span, Strong, Table, Text, plain_text
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.content.languages.language_file import Syllables
from pdfkit_cli.content.languages.typography import NO_BREAK_SPACE, SOFT_HYPHEN, is_right_to_left
from pdfkit_cli.content.languages.units import measure_pattern
from pdfkit_cli.content.models import TextMeasure
from pdfkit_cli.pdf.geometry import POINTS_PER_MM

CELL_GAP, NARROW_CELL_GAP = 3.0, 2.0
"""Millimetres after a cell, as in table.css and the CSS of formats; the second is that of narrow tables."""


BOLD_FACTOR: Final = 1.06
"""Approximate ratio of the widths of bold and regular letters."""

WIDTH_TOLERANCE: Final = 0.97
"""The share of a row that words may fill; the rest allows for kerning, and for letters of other fonts."""

MIN_SYLLABLE_LENGTH: Final = 3
"""The fewest letters before and after a hyphen."""

LETTER_GROUPS: Final = {"th", "ph", "ch", "ck", "rh", "sh", "gh", "qu"}
"""Letters for one sound, which the Danish patterns would separate in names of medicines."""

_STEP: Final = 0.25
_WIDE, _THAI = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef", "\u0e00-\u0eff"
_UNBREAKABLE_UNIT: Final = re.compile(
    rf"[{_WIDE}]|[{_THAI}]{{1,12}}|[^ \t\n{_WIDE}{_THAI}-]+-*|-+"  # Chinese breaks at any character, Thai between words
)
_HYPHENATED: Final = re.compile("[A-Za-z\u00c0-\u02af\u0370-\u058f\u10a0-\u10ff\u1e00-\u1fff]")
"""A letter of a script with hyphens: Latin, Greek, Cyrillic, Armenian, Georgian."""

_LETTERS: Final = re.compile(r"[^\W\d_]+")
_COUNTED: Final = re.compile(rf"(?<=\d){NO_BREAK_SPACE}(?=[^\W\d_]{{4}})")


def fit_table(
    table: Table, language: Language, font: Path, measures: Collection[TextMeasure], indent: float = 0.0
) -> tuple[Table, str]:
    """Return a table with break points in its words, and its CSS classes; the same table if all words fit.

    `measures` are those of all formats, since they share the HTML;
    `indent` is the width that blocks around the table take, in mm.
    """
    width = _glyph_widths(font)
    columns = len(table.head)
    small, wide = ([measure for measure in measures if measure.narrow is narrow] for narrow in (True, False))
    if _fits(table, width, small, CELL_GAP, indent):
        return table, ""
    loose = _map_texts(table, lambda text: _COUNTED.sub(lambda space: _breakable_space(space, language), text))
    room = min(_row_ems(measure, columns, NARROW_CELL_GAP, indent) for measure in small) * WIDTH_TOLERANCE
    looks = "narrow" if _fits(table, width, wide, CELL_GAP, indent) else "narrow everywhere"
    limit = _max_word_width(_cell_columns(loose, width), room)
    broken = _map_texts(
        loose,
        lambda text: _UNBREAKABLE_UNIT.sub(lambda piece: _hyphenate_to_fit(piece[0], limit, width, language), text),
    )
    return broken, looks


def _breakable_space(space: re.Match[str], language: Language) -> str:
    """Return the space between a number and the next word, where the line may be broken.

    It is a no-break space before a unit and, in Arabic, before a Latin word, which may be a unit.
    """
    is_latin = language.is_rtl and not is_right_to_left(space.string[space.end() : space.end() + 1])
    return NO_BREAK_SPACE if is_latin or measure_pattern(language).match(space.string, space.start()) else " "


def _row_ems(measure: TextMeasure, columns: int, gap: float, indent: float) -> float:
    """Return the width of a row of cells, in ems."""
    return (measure.measure - indent - columns * gap) * POINTS_PER_MM / measure.size


def _fits(table: Table, width: "_GlyphWidths", measures: Collection[TextMeasure], gap: float, indent: float) -> bool:
    needed = sum(max((piece.width for piece in column), default=0.0) for column in _cell_columns(table, width))
    return all(needed <= _row_ems(each, len(table.head), gap, indent) * WIDTH_TOLERANCE for each in measures)


@dataclass(frozen=True, slots=True)
class _CellPart:
    """A piece without a line break: a word with its punctuation, or a number with its unit."""

    width: float
    breakable: bool


def _cell_columns(table: Table, width: "_GlyphWidths") -> list[list[_CellPart]]:
    columns: list[list[_CellPart]] = [[] for _ in table.head]
    for row in (table.head, *table.rows):
        for column, cell in zip(columns, row, strict=False):
            column += _cell_parts(cell, width, bold=row is table.head)
    return columns


def _cell_parts(nodes: Inlines, width: "_GlyphWidths", *, bold: bool = False) -> Iterator[_CellPart]:
    for node in nodes:
        match node:
            case Text(text) | Link(text=text):
                for piece in _UNBREAKABLE_UNIT.findall(text):
                    yield _CellPart(width.of(piece) * (BOLD_FACTOR if bold else 1), _is_breakable(piece))
            case Strong(children):
                yield from _cell_parts(children, width, bold=True)
            case Emphasis(children) | Span(children):
                yield from _cell_parts(children, width, bold=bold)
            case Fact() | Blank():
                yield _CellPart(width.of(plain_text(node)) * BOLD_FACTOR, False)
            case _:
                pass


def _is_breakable(piece: str) -> bool:
    """Return whether a word may be broken: numbers are not, nor are scripts that have no hyphen, such as Arabic and Tamil."""
    if re.search(r"\d", piece) or not _HYPHENATED.search(piece) or is_right_to_left(piece):
        return False
    return any(len(run) >= 2 * MIN_SYLLABLE_LENGTH for run in _LETTERS.findall(piece))


def _max_word_width(columns: list[list[_CellPart]], room: float) -> float:
    """Return the greatest width of a word, in ems, at which all columns fit; a minimum if they never do."""
    limit = max((piece.width for column in columns for piece in column if piece.breakable), default=0.0)
    while limit > _STEP and sum(_min_column_width(column, limit) for column in columns) > room:
        limit -= _STEP
    return limit


def _min_column_width(column: list[_CellPart], limit: float) -> float:
    return max((min(piece.width, limit) if piece.breakable else piece.width for piece in column), default=0.0)


def _hyphenate_to_fit(piece: str, limit: float, width: "_GlyphWidths", language: Language) -> str:
    """Return a piece with soft hyphens if it is wider than the limit, in as few and as equal parts as possible."""
    if not _is_breakable(piece) or width.of(piece) * BOLD_FACTOR <= limit:
        return piece
    for places in (_hyphenation_points(piece, language), _fallback_break_points(piece)):
        for count in range(1, len(piece) // MIN_SYLLABLE_LENGTH):
            parts = [_split_at(piece, cuts) for cuts in combinations(places, count)] if count < 4 else []
            best = min(parts, key=lambda parts: max(map(width.of, parts)), default=None)
            if best and max(width.of(part + "-") for part in best) * BOLD_FACTOR <= limit:
                return SOFT_HYPHEN.join(best)
    return SOFT_HYPHEN.join(_split_at(piece, tuple(_fallback_break_points(piece)[:: MIN_SYLLABLE_LENGTH + 1])))


def _split_at(piece: str, places: tuple[int, ...]) -> list[str]:
    return [piece[start:end] for start, end in pairwise((0, *places, len(piece)))]


def _hyphenation_points(piece: str, language: Language) -> list[int]:
    """Return the positions at which the language hyphenates the words of a piece, with enough letters on either side."""
    dictionary = _dictionary(language.file.hyphenation)
    if dictionary is None:
        return _syllables(piece, language.file.syllables) if language.file.syllables else []
    return [
        run.start() + place
        for run in _LETTERS.finditer(piece)
        for place in dictionary.positions(run[0])
        if MIN_SYLLABLE_LENGTH <= place <= len(run[0]) - MIN_SYLLABLE_LENGTH
        and run[0][place - 1 : place + 1].lower() not in LETTER_GROUPS
    ]


def _fallback_break_points(piece: str) -> list[int]:
    return [
        run.start() + place
        for run in _LETTERS.finditer(piece)
        for place in range(MIN_SYLLABLE_LENGTH, len(run[0]) - MIN_SYLLABLE_LENGTH + 1)
    ]


def _syllables(piece: str, rule: Syllables) -> list[int]:
    """Return the positions before a consonant that a vowel follows, with enough letters on either side."""
    consonants = "|".join((*map(re.escape, rule.together), rf"[^\W\d_{re.escape(rule.vowels)}]"))
    onset = re.compile(rf"(?:{consonants})(?=[{re.escape(rule.vowels)}])", re.I)
    return [
        match.start()
        for run in _LETTERS.finditer(piece)
        for match in onset.finditer(piece, run.start() + MIN_SYLLABLE_LENGTH, run.end())
        if match.start() <= run.end() - MIN_SYLLABLE_LENGTH
    ]


def divide_long_words(text: str, language: Language) -> str:
    """Return a text with soft hyphens in the words that the language divides in running text, too: see `divide_from`."""
    longest = language.file.divide_from

    def divided(run: re.Match[str]) -> str:
        word = run[0]
        return SOFT_HYPHEN.join(_split_at(word, tuple(_hyphenation_points(word, language))))

    return re.sub(rf"[^\W\d_]{{{longest},}}", divided, text) if longest else text


@cache
def _dictionary(name: str | None) -> Any:
    found = pyphen.language_fallback(name) if name else None
    return pyphen.Pyphen(lang=found) if found else None


def _map_texts(table: Table, change: Callable[[str], str]) -> Table:
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


class _GlyphWidths:
    """The widths of the letters of a font, in ems."""

    def __init__(self, font: Path) -> None:
        with TTFont(font, lazy=True) as opened:
            advances, self._size = opened["hmtx"].metrics, opened["head"].unitsPerEm
            self._advances = {code: advances[name][0] for code, name in opened.getBestCmap().items()}

    def of(self, text: str) -> float:
        """Return the width of a text; a letter that the font lacks counts as half an em, a combining mark as nothing."""
        half = self._size / 2
        shown = (sign for sign in text if category(sign) not in ("Mn", "Cf"))
        return float(sum(self._advances.get(ord(sign), half) for sign in shown) / self._size)


@cache
def _glyph_widths(font: Path) -> _GlyphWidths:
    return _GlyphWidths(font)
