"""Fonts of a PDF: whether they are embedded, and which characters their glyphs stand for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pdfkit_cli.pdf.audit.pypdf_access import array, dictionary, entry, name, resolve, stream_data
from pdfkit_cli.pdf.audit.report import AuditIssue

_SECTION = re.compile(rb"beginbf(char|range)(.*?)endbf", re.S)
_PART = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\[|\])")
MAX_MAPPINGS = 70_000
"""Characters that a font may map: a little more than two bytes can name."""


@dataclass(frozen=True, slots=True)
class TextFont:
    """A font as text is shown with it: bytes to a code, and what each code stands for."""

    name: str
    width: int
    unicode: dict[int, str]
    composite: bool
    faults: tuple[AuditIssue, ...]

    def codes(self, shown: bytes) -> Iterator[int]:
        """Yield the codes of a string that is shown."""
        if self.width == 1:
            yield from shown
        else:
            yield from (int.from_bytes(shown[at : at + 2], "big") for at in range(0, len(shown) - 1, 2))


def read_font(font: Any) -> TextFont:
    """Return what a font dictionary says."""
    font = resolve(font)
    called = name(font, "/BaseFont") or "without a name"
    kind = name(font, "/Subtype")
    composite = kind == "Type0"
    inner = resolve(next(iter(array(font, "/DescendantFonts")), None)) if composite else font
    faults = []
    if kind != "Type3" and not any(
        entry(dictionary(inner, "/FontDescriptor"), file) for file in ("/FontFile", "/FontFile2", "/FontFile3")
    ):
        faults.append(AuditIssue("font-embedded", f"the font {called} is not embedded"))
    table = stream_data(entry(font, "/ToUnicode"))
    if table is None:
        faults.append(
            AuditIssue("font-unicode", f"the font {called} does not say which characters its glyphs stand for")
        )
    return TextFont(called, 2 if composite else 1, parse_tounicode(table or b""), composite, tuple(faults))


def parse_tounicode(table: bytes) -> dict[int, str]:
    """Read a ToUnicode CMap (ISO 32000-1, 9.10.3)."""
    known: dict[int, str] = {}
    for section in _SECTION.finditer(table):
        rows = _ranges(section[2]) if section[1] == b"range" else _characters(section[2])
        for code, characters in rows:
            if len(known) >= MAX_MAPPINGS:
                return known
            known[code] = characters
    return known


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
