"""Fonts of a PDF: how its strings split into codes, which characters these represent, and how wide their glyphs are."""

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from pdfkit_cli.pdf.objects import array_items, as_integer, as_number, entry, name_entry, readable_name, stream_data
from pdfkit_cli.system.caching import cache_texts

CACHE_SIZE: Final = 4000

MAX_MAPPINGS: Final = 70_000
"""Largest number of characters that a font may map: slightly more than the codes of two bytes."""

_SECTION = re.compile(rb"beginbf(char|range)(.*?)endbf", re.S)
_PART = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\[|\])")


@dataclass(frozen=True, eq=False)
class GlyphFont:
    """A font: the text of each code, and widths in thousandths of the font size; `width` is that of all other codes."""

    letters: dict[int, str]
    widths: dict[int, float]
    width: float
    code_bytes: int = 2
    name: str = ""

    def codes(self, shown: bytes) -> Iterable[int]:
        """Return the codes of a string that is shown."""
        if self.code_bytes == 1:
            return shown
        if len(shown) == 2:  # in most text each glyph is placed by itself
            return (shown[0] << 8 | shown[1],)
        return struct.unpack(f">{len(shown) // 2}H", shown[: len(shown) // 2 * 2])


def read_font(font: Any) -> GlyphFont:
    """Return a font from its dictionary; one with the same content is the same object, also in another file."""
    is_composite = name_entry(font, "/Subtype") == "/Type0"
    inner = descendant(font)
    if is_composite:
        found = _composite_widths(array_items(entry(inner, "/W")))
        default = as_number(entry(inner, "/DW"))
        width = 1000.0 if default is None else default
    else:
        first, width = as_integer(entry(font, "/FirstChar")) or 0, 0.0
        found = ((first + at, as_number(value) or 0.0) for at, value in enumerate(array_items(entry(font, "/Widths"))))
    widths = tuple(islice(found, MAX_MAPPINGS))
    name = readable_name(font, "/BaseFont") or "without a name"
    return _glyph_font(stream_data(entry(font, "/ToUnicode")), widths, width, 2 if is_composite else 1, name)


def descendant(font: Any) -> Any:
    """Return the dictionary that describes the glyphs of a font: of a composite font its first descendant."""
    return next(iter(array_items(entry(font, "/DescendantFonts"))), None) if entry(font, "/DescendantFonts") else font


@cache_texts
@lru_cache(maxsize=CACHE_SIZE)
def _glyph_font(
    to_unicode: bytes, widths: tuple[tuple[int, float], ...], width: float, code_bytes: int, name: str
) -> GlyphFont:
    return GlyphFont(parse_tounicode(to_unicode), dict(widths), width, code_bytes, name)


def _composite_widths(values: list[Any]) -> Iterator[tuple[int, float]]:
    """Yield the width of each glyph: `first [w w …]` or `first last w` (ISO 32000-1, 9.7.4.3)."""
    parts = iter(values)
    for first, second in zip(parts, parts, strict=False):
        start, end = as_integer(first) or 0, as_integer(second)
        if end is None:
            yield from ((start + at, as_number(width) or 0.0) for at, width in enumerate(array_items(second)))
        else:
            width = as_number(next(parts, None)) or 0.0
            yield from ((glyph, width) for glyph in range(start, end + 1))


def parse_tounicode(table: bytes) -> dict[int, str]:
    """Read a ToUnicode CMap (ISO 32000-1, 9.10.3)."""
    rows = (
        row
        for section in _SECTION.finditer(table)
        for row in (_ranges(section[2]) if section[1] == b"range" else _characters(section[2]))
    )
    return dict(islice(rows, MAX_MAPPINGS))


def _characters(section: bytes) -> Iterator[tuple[int, str]]:
    parts = [_hex(match[1]) for match in _PART.finditer(section) if match[1] is not None]
    for code, characters in zip(parts[::2], parts[1::2], strict=False):
        yield int.from_bytes(code, "big"), _utf16(characters)


def _ranges(section: bytes) -> Iterator[tuple[int, str]]:
    parts = iter(_PART.finditer(section))
    for first in parts:
        last, target = next(parts, None), next(parts, None)
        if last is None or target is None or first[1] is None or last[1] is None:
            return
        start, end = int.from_bytes(_hex(first[1]), "big"), int.from_bytes(_hex(last[1]), "big")
        if target[2] == b"[":
            for code in range(start, min(end + 1, start + MAX_MAPPINGS)):
                item = next(parts, None)
                if item is None or item[1] is None:
                    break
                yield code, _utf16(_hex(item[1]))
            for item in parts:
                if item[2] == b"]":
                    break
        else:
            base = _hex(target[1] or b"")
            for offset in range(min(end - start + 1, MAX_MAPPINGS)):
                yield start + offset, _utf16(_offset_text(base, offset))


def _hex(digits: bytes) -> bytes:
    digits = b"".join(digits.split())
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))


def _offset_text(base: bytes, offset: int) -> bytes:
    last = int.from_bytes(base[-2:], "big") + offset
    return base[:-2] + (last & 0xFFFF).to_bytes(2, "big")


def _utf16(data: bytes) -> str:
    return data.decode("utf-16-be", errors="replace")
