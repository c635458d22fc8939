"""Patches of how a page is drawn."""

import struct
from collections.abc import Iterable, Iterator
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Final

from pdfkit_cli.rendering.weasyprint_patches.text import KnownLines, read_line
from pdfkit_cli.system.caching import cache_texts

MAX_DRAWN_LINES: Final = 3000
"""Lines that are remembered in one process, up to 2 kB each: those of some 15 leaflets."""

_GLYPH: Final = struct.Struct("=IiiiI")
"""A glyph of Pango: its number, width, and offsets to the right and upwards, in Pango's units; what it is in its cluster."""

_PIECES: Final = "pdfkit_pieces"

drawn_lines: Final = KnownLines()
cache_texts(SimpleNamespace(cache_clear=drawn_lines.clear, __module__=__name__, __name__="drawn_lines"))


def remembered_drawings() -> Iterable[tuple[Any, str, Any]]:
    """Remember how a line of text is drawn: the foot of each page, a booklet, a clinic's own leaflet repeat it.

    A line is also written in less time: Pango's glyphs are read at once, and each glyph is formatted once for a width.
    Measured: a fifth of the CPU of drawing a document.
    Relies on `weasyprint.draw.text.draw_text` drawing text without decoration and ellipsis by its text, its style (see
    `read_line`) and the spacing of its layout only, beside its position; and on an offset or a glyph of a kind that is
    not handled here being drawn by the original.
    """
    from weasyprint.draw import text
    from weasyprint.matrix import Matrix
    from weasyprint.text.ffi import ffi, pango

    original, known, writer = text.draw_text, drawn_lines, _LineWriter()
    if pango.pango_version() < 14802 or ffi.sizeof("PangoGlyphInfo") != _GLYPH.size:
        return []

    def draw_text(stream: Any, textbox: Any, offset_x: Any, text_overflow: Any, *ellipsis: Any) -> None:
        style, layout = textbox.style, textbox.pango_layout
        line = key = None
        if (
            style["visibility"] == "visible"
            and style["text_decoration_line"] == "none"
            and (text_overflow, *ellipsis) == ("clip", "none")
            and style["font_size"] >= 1e-6
            and textbox.text.strip()
        ):
            known.begin(style.font_config, MAX_DRAWN_LINES)
            key = layout.text, layout.justification_spacing, read_line(style)
            try:
                line = known.get(key)
            except TypeError:  # what is to be calculated has no hash
                key = None
        if key and (line is None or not _has_glyphs(stream._fonts, line)):
            layout.reactivate(style)
            line = writer.line(stream, layout)
            layout.deactivate()
            known[key] = line
        if line is None:
            original(stream, textbox, offset_x, text_overflow, *ellipsis)
            return
        stream.set_color(style["color"])
        stream.begin_text()
        stream.set_text_matrix(*Matrix(d=-1, e=textbox.position_x, f=textbox.position_y + textbox.baseline).values)
        for font, size, shown, _ in line:
            stream.set_font_size(stream._fonts[font].hash, size)
            stream.show_text(shown)
        stream.end_text()

    return [(text, "draw_text", draw_text)]


def page_references_at_once() -> Iterable[tuple[Any, str, Any]]:
    """Write the references of all pages once: WeasyPrint asks for all of them for each structure element.

    Measured: 2 % of the CPU of drawing a document.
    Relies on `pydyf.PDF.page_references` being a property that depends on the page tree's `Kids` only.
    """
    import pydyf

    @lru_cache(maxsize=1)
    def references(numbers: tuple[int, ...]) -> tuple[bytes, ...]:
        return tuple(b"%d 0 R" % number for number in numbers)

    return [(pydyf.PDF, "page_references", property(lambda pdf: references(tuple(pdf.pages["Kids"][::3]))))]


_Line = tuple[tuple[Any, float, bytes, frozenset[int]], ...]
"""Parts of a line: the key of the font and its size, the operand of TJ, and its glyphs."""


def _has_glyphs(fonts: Any, line: _Line) -> bool:
    """Return whether a document has all glyphs of a line: the first use of a glyph determines its text and width."""
    return all(font in fonts and fonts[font].widths.keys() >= glyphs for font, _, _, glyphs in line)


class _LineWriter:
    """Writes the glyphs of a line as `weasyprint.draw.text.draw_first_line` does."""

    def __init__(self) -> None:
        from weasyprint.text import ffi

        self._ffi, self._pango, self._unit = ffi.ffi, ffi.pango, ffi.FROM_UNITS

    def line(self, stream: Any, layout: Any) -> _Line | None:
        """Return how a line is drawn, and enter its glyphs in the fonts of the document; None if only the original can draw it."""
        self._pango.pango_layout_set_single_paragraph_mode(layout.layout, True)
        parts: list[tuple[Any, float, bytes, frozenset[int]]] = []
        for address, items in self._by_font(layout.get_first_line()[0]):
            font, size = stream.add_font(address)
            if font.bitmap or font.png or font.svg or font.colr:
                return None
            key = next(key for key, one in stream._fonts.items() if one is font)
            pieces, used, string = font.__dict__.setdefault(_PIECES, {}), set[int](), ""
            for item in items:
                string += "<"
                for at, (number, width, across, upwards, _) in enumerate(self._glyphs(item.glyphs)):
                    if upwards or number >= self._pango.PANGO_GLYPH_EMPTY:
                        return None
                    used.add(number)
                    piece = pieces.get((size, number, width, across))
                    if piece is None:
                        self._add_glyph(stream, font, address, size, item, at, layout.text)
                        piece = pieces[size, number, width, across] = self._piece(font, size, number, width, across)
                    string += piece
                string = string[:-1] if string[-1] == "<" else f"{string}>"
            if not string:
                return None
            parts.append((key, size, string.encode("ascii"), frozenset(used)))
        return tuple(parts) or None

    def _by_font(self, line: Any) -> Iterator[tuple[Any, list[Any]]]:
        """Yield the fonts of a line, each with the items in it that follow one another."""
        run, items = line.runs[0], list[Any]()
        while run != self._ffi.NULL:
            item, run = run.data, run.next
            if items and item.item.analysis.font != items[0].item.analysis.font:
                yield items[0].item.analysis.font, items
                items = []
            items.append(item)
        if items:
            yield items[0].item.analysis.font, items

    def _glyphs(self, glyphs: Any) -> Iterator[tuple[int, ...]]:
        return _GLYPH.iter_unpack(self._ffi.buffer(glyphs.glyphs, glyphs.num_glyphs * _GLYPH.size))

    def _add_glyph(self, stream: Any, font: Any, address: Any, size: float, item: Any, at: int, text: str) -> None:
        """Enter the text and the width of a glyph in its font, unless it is there."""
        number, clusters = item.glyphs.glyphs[at].glyph, item.glyphs.log_clusters
        if number not in font.to_unicode:
            start, offset = clusters[at], item.item.offset
            if item.item.analysis.level % 2:  # from right to left
                end = item.item.length if at == 0 else clusters[at - 1]
            else:
                end = item.item.length if at == item.glyphs.num_glyphs - 1 else clusters[at + 1]
            font.to_unicode[number] = text.encode()[offset + start : offset + end].decode()
        if number not in font.widths:
            self._pango.pango_font_get_glyph_extents(address, number, stream.ink_rect, stream.logical_rect)
            font.widths[number] = round(stream.logical_rect.width * 1000 * self._unit / size)

    def _piece(self, font: Any, size: float, number: int, width: int, across: int) -> str:
        """Return a glyph in the operand of TJ, with what moves it and the next one."""
        offset = across / size
        kerning = font.widths[number] + offset - width * 1000 * self._unit / size
        before = f">{-offset}<" if offset else ""
        return f"{before}{number:04x}>{int(kerning)}<" if kerning else f"{before}{number:04x}"
