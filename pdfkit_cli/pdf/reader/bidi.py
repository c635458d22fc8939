"""How a line of text looks from left to right: the Unicode bidirectional algorithm (UAX #9), as Pango applies it when WeasyPrint draws a line.

A line is compared with what was painted by its letters, each with its marks. Where marks are painted, and which letters share a glyph, is the font's
affair: what counts are the letters in their places, and which marks each of them, or each ligature, has.
"""

import ctypes
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from typing import Final

from pdfkit_cli.system.caching import cache_texts

CACHE_SIZE = 4000
"""Lines that are kept in the order of painting: those of a body are the same for each clinic."""

_RIGHT: Final = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI"})
_OPPOSITE: Final = {"LEFT": "RIGHT", "RIGHT": "LEFT", "LESS": "GREATER", "GREATER": "LESS"}
_OPENING: Final = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068"
"""Embeddings, overrides and isolates: they belong to what follows."""

_PANGO_DIRECTION_LTR, _PANGO_DIRECTION_RTL = 0, 1

_MOST_STRETCHES: Final = 6
"""Stretches from left to right in a line of which each is tried both ways."""

_FROM_LEFT: Final = re.compile(r"[^\W\u0590-\u08ff](?:[^\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]*[^\W\u0590-\u08ff])?")
"""Words and numbers in a row, without a letter from right to left."""


@dataclass(frozen=True, slots=True)
class GlyphCell:
    """Letters that are painted as one, in the order of reading, and their marks, sorted."""

    letters: str
    marks: str = ""


def has_right_to_left(text: str) -> bool:
    """Say whether any of a text runs from right to left."""
    return not text.isascii() and any(unicodedata.bidirectional(sign) in _RIGHT for sign in text)


def split_line(text: str, count: int, letters: Callable[[str], str]) -> tuple[str, str]:
    """Cut a text at the end of a line, behind so many letters; signs that begin something belong to the next line."""
    seen = 0
    for at, sign in enumerate(text):
        size = len(letters(sign))
        if size and seen + size > count:
            return _split_before(text, at, letters)
        seen += size
    return text, ""


def _split_before(text: str, start: int, letters: Callable[[str], str]) -> tuple[str, str]:
    """Cut a text before a letter, or before what belongs to it."""
    between = start
    while between and not letters(text[between - 1]):
        between -= 1
    gap = text[between:start]
    spaces = [at for at, sign in enumerate(gap) if sign.isspace()]
    opening = [at for at, sign in enumerate(gap) if sign in _OPENING]
    at = between + (spaces[-1] + 1 if spaces else opening[0] if opening else len(gap))
    return text[:at], text[at:]


def matches_visual_order(text: str, glyphs: Sequence[str], right_to_left: bool, letters: Callable[[str], str]) -> bool:
    """Say whether glyphs, from left to right, are a line in a paragraph of this direction. `letters` says what counts of a sign.

    Isolates are not spoken, so words from left to right may have been isolated or not, and so may a whole line, but not one that
    has letters from right to left in a paragraph of that direction.
    """
    shown = glyph_cells(tuple(glyphs), letters)
    may_be_other = not (right_to_left and has_right_to_left(text))
    other = may_be_other and _matches(text, shown, not right_to_left, letters)
    return other or any(_matches(line, shown, right_to_left, letters) for line in _isolated_variants(text))


def _isolated_variants(text: str) -> Iterator[str]:
    """Yield a line as it is, then with stretches from left to right isolated."""
    yield text
    stretches = [(match.start(), _stretch_end(text, match)) for match in _FROM_LEFT.finditer(text)]
    choices = product((False, True), repeat=len(stretches)) if len(stretches) <= _MOST_STRETCHES else ()
    for chosen in (*choices, (True,) * len(stretches)):
        line = text
        for (start, end), is_isolated in reversed(list(zip(stretches, chosen, strict=True))):
            if is_isolated:
                line = f"{line[:start]}\u2066{line[start:end]}\u2069{line[end:]}"
        yield line


def _stretch_end(text: str, match: re.Match[str]) -> int:
    """Return where a stretch ends, with the brackets that it opened."""
    open_, end = match[0].count("(") - match[0].count(")"), match.end()
    while open_ > 0 and text[end : end + 1] == ")":
        open_, end = open_ - 1, end + 1
    return end


def _matches(text: str, shown: Sequence[GlyphCell], right_to_left: bool, letters: Callable[[str], str]) -> bool:
    wanted = _visual_order(text, right_to_left, letters)
    at = 0
    for cell in shown:
        size = len(cell.letters)
        if not _is_same(cell, wanted[at : at + size]):
            return False
        at += size
    return at == len(wanted)


def contains_visual_order(text: str, glyphs: Sequence[str], right_to_left: bool, letters: Callable[[str], str]) -> bool:
    """Say whether a text, which is not broken, stands somewhere in a line."""
    wanted = _visual_order(text, right_to_left, letters)
    shown = glyph_cells(tuple(glyphs), letters)
    return any(_starts_with(shown[start:], wanted) for start in range(len(shown)))


def _starts_with(shown: Sequence[GlyphCell], wanted: Sequence[tuple[GlyphCell, int]]) -> bool:
    at = 0
    for cell in shown:
        if at >= len(wanted):
            break
        size = len(cell.letters)
        if not _is_same(cell, wanted[at : at + size]):
            return False
        at += size
    return at == len(wanted)


def _is_same(cell: GlyphCell, wanted: Sequence[tuple[GlyphCell, int]]) -> bool:
    parts = [part for part, _ in wanted]
    if wanted and wanted[0][1] % 2:
        parts.reverse()
    marks = "".join(sorted("".join(part.marks for part in parts)))
    return cell == GlyphCell("".join(part.letters for part in parts), marks)


@cache_texts
@lru_cache(maxsize=CACHE_SIZE)
def glyph_cells(glyphs: tuple[str, ...], letters: Callable[[str], str]) -> tuple[GlyphCell, ...]:
    """Return what glyphs say, from left to right. An Arabic mark is painted before the letter that it stands on, seen from the left."""
    found: list[GlyphCell] = []
    waiting = ""
    for glyph in glyphs:
        said = letters(glyph)
        signs = "".join(sign for sign in said if not unicodedata.combining(sign))
        marks = "".join(sign for sign in said if unicodedata.combining(sign))
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
    """Return the letters of a line from left to right, one by one, each with its level (odd from right to left)."""
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
    """Turn what runs from right to left (UAX #9, L2)."""
    for level in range(max((level for _, level in line), default=0), 0, -1):
        line = list(_reversed_levels(line, level))
    return line


def _reversed_levels(line: Iterable[tuple[GlyphCell, int]], least: int) -> Iterator[tuple[GlyphCell, int]]:
    group: list[tuple[GlyphCell, int]] = []
    for item in line:
        if item[1] >= least:
            group.append(item)
        else:
            yield from reversed(group)
            yield item
            group = []
    yield from reversed(group)


@cache
def _mirrored_character(sign: str) -> str:
    """Return the sign that is painted from right to left: a bracket that opens looks like one that closes."""
    if not unicodedata.mirrored(sign):
        return sign
    name = re.sub("LEFT|RIGHT|LESS|GREATER", lambda word: _OPPOSITE[word[0]], unicodedata.name(sign))
    try:
        return unicodedata.lookup(name)
    except KeyError:  # a sum has no opposite
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
