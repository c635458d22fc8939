"""The visual order of a line of text: the Unicode bidirectional algorithm (UAX #9), as Pango applies it when WeasyPrint draws a line.

A line is compared with the painted glyphs letter by letter, each letter with its marks.
Fonts differ in where they paint marks, and in which letters share a glyph: only the order of the letters counts, and
which marks each letter, or each ligature, has.
"""

import ctypes
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby, product
from typing import Final

from pdfkit_cli.system.caching import cache_texts

CACHE_SIZE = 4000
"""Number of lines whose visual order is cached: shared content recurs in many PDFs."""

_RIGHT: Final = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI"})
_OPPOSITE: Final = {"LEFT": "RIGHT", "RIGHT": "LEFT", "LESS": "GREATER", "GREATER": "LESS"}
_OPENING: Final = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068"
"""Embeddings, overrides and isolates: they belong to the text after them."""

_PANGO_DIRECTION_LTR, _PANGO_DIRECTION_RTL = 0, 1

_MAX_COMBINED_RUNS: Final = 6
"""Largest number of left-to-right runs in a line for which every combination of isolated runs is tried."""

_LEFT_TO_RIGHT_RUN: Final = re.compile(
    r"[^\W\u0590-\u08ff](?:[^\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]*[^\W\u0590-\u08ff])?"
)
"""Words and numbers in a row, without a right-to-left letter."""


@dataclass(frozen=True, slots=True)
class GlyphCell:
    """Letters that are painted as one glyph, in reading order, and their marks, sorted."""

    letters: str
    marks: str = ""


def has_right_to_left(text: str) -> bool:
    """Return whether a text contains right-to-left characters."""
    return not text.isascii() and any(unicodedata.bidirectional(sign) in _RIGHT for sign in text)


def split_line(text: str, count: int, letters: Callable[[str], str]) -> tuple[str, str]:
    """Split a text after `count` letters, at the end of a line; opening characters belong to the next line."""
    seen = 0
    for at, sign in enumerate(text):
        size = len(letters(sign))
        if size and seen + size > count:
            return _split_before(text, at, letters)
        seen += size
    return text, ""


def _split_before(text: str, start: int, letters: Callable[[str], str]) -> tuple[str, str]:
    """Split a text before a letter, or before the characters that belong to it."""
    between = start
    while between and not letters(text[between - 1]):
        between -= 1
    gap = text[between:start]
    spaces = [at for at, sign in enumerate(gap) if sign.isspace()]
    opening = [at for at, sign in enumerate(gap) if sign in _OPENING]
    at = between + (spaces[-1] + 1 if spaces else opening[0] if opening else len(gap))
    return text[:at], text[at:]


def matches_visual_order(text: str, glyphs: Sequence[str], right_to_left: bool, letters: Callable[[str], str]) -> bool:
    """Return whether glyphs, from left to right, are a line of a paragraph in this direction; `letters` returns the
    letters of a character.

    A text does not contain its isolates, so left-to-right words may have been isolated or not, and so may a complete
    line, except one with right-to-left letters in a right-to-left paragraph.
    """
    shown = glyph_cells(tuple(glyphs), letters)
    may_be_other = not (right_to_left and has_right_to_left(text))
    other = may_be_other and _matches(text, shown, not right_to_left, letters)
    return other or any(_matches(line, shown, right_to_left, letters) for line in _isolated_variants(text))


def _isolated_variants(text: str) -> Iterator[str]:
    """Yield a line as it is, then with its left-to-right runs isolated."""
    yield text
    runs = [(match.start(), _run_end(text, match)) for match in _LEFT_TO_RIGHT_RUN.finditer(text)]
    choices = product((False, True), repeat=len(runs)) if len(runs) <= _MAX_COMBINED_RUNS else ()
    for chosen in (*choices, (True,) * len(runs)):
        line = text
        for (start, end), is_isolated in reversed(list(zip(runs, chosen, strict=True))):
            if is_isolated:
                line = f"{line[:start]}\u2066{line[start:end]}\u2069{line[end:]}"
        yield line


def _run_end(text: str, match: re.Match[str]) -> int:
    """Return where a run ends, including closing brackets for those that it opens."""
    open_, end = match[0].count("(") - match[0].count(")"), match.end()
    while open_ > 0 and text[end : end + 1] == ")":
        open_, end = open_ - 1, end + 1
    return end


def _matches(text: str, shown: Sequence[GlyphCell], right_to_left: bool, letters: Callable[[str], str]) -> bool:
    return _matching_cells(shown, _visual_order(text, right_to_left, letters)) == len(shown)


def contains_visual_order(text: str, glyphs: Sequence[str], right_to_left: bool, letters: Callable[[str], str]) -> bool:
    """Return whether a text without line breaks is somewhere in a line."""
    wanted = _visual_order(text, right_to_left, letters)
    shown = glyph_cells(tuple(glyphs), letters)
    return any(_matching_cells(shown[start:], wanted) is not None for start in range(len(shown)))


def _matching_cells(shown: Sequence[GlyphCell], wanted: Sequence[tuple[GlyphCell, int]]) -> int | None:
    """Return how many cells, from the first, make up the wanted letters; None where they are other letters."""
    at = 0
    for count, cell in enumerate(shown):
        if at >= len(wanted):
            return count
        size = len(cell.letters)
        if not _is_same(cell, wanted[at : at + size]):
            return None
        at += size
    return len(shown) if at == len(wanted) else None


def _is_same(cell: GlyphCell, wanted: Sequence[tuple[GlyphCell, int]]) -> bool:
    parts = [part for part, _ in wanted]
    if wanted and wanted[0][1] % 2:
        parts.reverse()
    marks = "".join(sorted("".join(part.marks for part in parts)))
    return cell == GlyphCell("".join(part.letters for part in parts), marks)


@cache_texts
@lru_cache(maxsize=CACHE_SIZE)
def glyph_cells(glyphs: tuple[str, ...], letters: Callable[[str], str]) -> tuple[GlyphCell, ...]:
    """Return the letters of glyphs, from left to right. Seen from the left, an Arabic mark is painted before its letter."""
    found: list[GlyphCell] = []
    waiting = ""
    for glyph in glyphs:
        text = letters(glyph)
        signs = "".join(sign for sign in text if not unicodedata.combining(sign))
        marks = "".join(sign for sign in text if unicodedata.combining(sign))
        if signs:
            found.append(GlyphCell(signs, "".join(sorted(waiting + marks))))
            waiting = ""
        elif marks and _is_from_right(marks):
            waiting += marks
        elif marks and found:
            found[-1] = GlyphCell(found[-1].letters, "".join(sorted(found[-1].marks + marks)))
    return (*found, GlyphCell("", waiting)) if waiting else tuple(found)


def _is_from_right(marks: str) -> bool:
    return "\u0590" <= marks[0] <= "\u08ff"


@cache_texts
@lru_cache(maxsize=CACHE_SIZE)
def _visual_order(text: str, right_to_left: bool, letters: Callable[[str], str]) -> tuple[tuple[GlyphCell, int], ...]:
    """Return the letters of a line from left to right, each with its embedding level (odd for right to left)."""
    found: list[tuple[GlyphCell, int]] = []
    for sign, level in zip(text, embedding_levels(text, right_to_left), strict=True):
        for part in letters(_mirrored_character(sign) if level % 2 else sign) or " ":  # a space keeps numbers apart
            last = next((at for at in reversed(range(len(found))) if found[at][0].letters != " "), None)
            if unicodedata.combining(part) and last is not None:
                cell, its_level = found[last]
                found[last] = GlyphCell(cell.letters, "".join(sorted(cell.marks + part))), its_level
            else:
                found.append((GlyphCell(part), level))
    return tuple(item for item in _reordered(found) if item[0].letters != " ")


def _reordered(line: list[tuple[GlyphCell, int]]) -> list[tuple[GlyphCell, int]]:
    """Reverse the right-to-left parts of a line (UAX #9, L2)."""
    for level in range(max((level for _, level in line), default=0), 0, -1):
        line = list(_reversed_levels(line, level))
    return line


def _reversed_levels(line: Iterable[tuple[GlyphCell, int]], least: int) -> Iterator[tuple[GlyphCell, int]]:
    for is_deep, group in groupby(line, lambda item: item[1] >= least):
        cells = list(group)
        yield from reversed(cells) if is_deep else cells


@cache
def _mirrored_character(sign: str) -> str:
    """Return the character that is painted in right-to-left text: an opening bracket looks like a closing one."""
    if not unicodedata.mirrored(sign):
        return sign
    name = re.sub("LEFT|RIGHT|LESS|GREATER", lambda word: _OPPOSITE[word[0]], unicodedata.name(sign))
    try:
        return unicodedata.lookup(name)
    except KeyError:  # a summation sign has no mirror image
        return sign


def embedding_levels(text: str, right_to_left: bool) -> list[int]:
    """Return the embedding level of each character of a line. Raises OSError where Pango is not installed."""
    if not text:
        return []
    pango, data = _pango(), text.encode()
    base = ctypes.c_int(_PANGO_DIRECTION_RTL if right_to_left else _PANGO_DIRECTION_LTR)
    found = pango.pango_log2vis_get_embedding_levels(data, len(data), ctypes.byref(base))
    try:
        return found[: len(text)]  # type: ignore[no-any-return]
    finally:
        pango.g_free(found)


@cache
def _pango() -> ctypes.CDLL:
    """Open the library that WeasyPrint draws with, so that both agree about every line."""
    pango = ctypes.CDLL("libpango-1.0.dylib" if sys.platform == "darwin" else "libpango-1.0.so.0")
    pango.pango_log2vis_get_embedding_levels.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.POINTER(ctypes.c_int)]
    pango.pango_log2vis_get_embedding_levels.restype = ctypes.POINTER(ctypes.c_ubyte)
    pango.g_free.argtypes, pango.g_free.restype = [ctypes.c_void_p], None
    return pango
