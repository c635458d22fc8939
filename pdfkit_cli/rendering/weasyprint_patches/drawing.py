"""Patches of how a page is drawn."""

import struct
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from types import SimpleNamespace
from typing import Any, Final

from pdfkit_cli.rendering.postprocess import tounicode
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
    `read_line`) and the spacing of its layout only, beside its position; on `draw_first_line` drawing the glyphs of any
    other; and on a glyph of a kind that is not handled here being drawn by the original.

    Letters whose glyphs do not tell them get their text beside them, see `_LineWriter`. Raised and moved glyphs stand
    where HarfBuzz puts them: WeasyPrint 70.0 takes a point for 1,000 of Pango's units, and it has 1,024.
    """
    from weasyprint.draw import text
    from weasyprint.matrix import Matrix
    from weasyprint.text.ffi import ffi, pango

    original, original_glyphs, known, writer = text.draw_text, text.draw_first_line, drawn_lines, _LineWriter()
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
        _write(stream, line)
        stream.end_text()

    def draw_first_line(stream: Any, textbox: Any, text_overflow: Any, block_ellipsis: Any, matrix: Any) -> Any:
        line = None
        if (text_overflow, block_ellipsis) == ("clip", "none") and textbox.text.strip():
            line = writer.line(stream, textbox.pango_layout)
        if line is None:
            return original_glyphs(stream, textbox, text_overflow, block_ellipsis, matrix)
        stream.set_text_matrix(*matrix.values)
        _write(stream, line)
        return []

    return [(text, "draw_text", draw_text), (text, "draw_first_line", draw_first_line)]


def _write(stream: Any, line: "_Line") -> None:
    for font, size, operations, _ in line:
        stream.set_font_size(stream._fonts[font].hash, size)
        stream.stream.extend(operations)


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


_Line = tuple[tuple[Any, float, tuple[bytes, ...], frozenset[int]], ...]
"""Parts of a line: the key of the font and its size, what shows the glyphs, and the glyphs."""


def _has_glyphs(fonts: Any, line: _Line) -> bool:
    """Return whether a document has all glyphs of a line: the first use of a glyph determines its text and width."""
    return all(font in fonts and fonts[font].widths.keys() >= glyphs for font, _, _, glyphs in line)


class _LineWriter:
    """Writes the glyphs of a line as `weasyprint.draw.text.draw_first_line` does.

    Where the texts of glyphs are not the text that they show, as in Devanagari, whose vowels are painted before the
    letters that they follow, or in Nastaliq, whose dots are glyphs, the words are marked with their text
    (ISO 32000-1, 14.9.4).
    """

    def __init__(self) -> None:
        from weasyprint.text import ffi

        self._ffi, self._pango, self._unit = ffi.ffi, ffi.pango, ffi.FROM_UNITS

    def line(self, stream: Any, layout: Any) -> _Line | None:
        """Return how a line is drawn, and enter its glyphs in the fonts of the document; None if only the original can draw it."""
        self._pango.pango_layout_set_single_paragraph_mode(layout.layout, True)
        parts: list[tuple[Any, float, tuple[bytes, ...], frozenset[int]]] = []
        text = layout.text.encode()
        for address, items in self._by_font(layout.get_first_line()[0]):
            font, size = stream.add_font(address)
            if font.bitmap or font.png or font.svg or font.colr:
                return None
            key = next(key for key, one in stream._fonts.items() if one is font)
            pieces, used, operations = font.__dict__.setdefault(_PIECES, {}), set[int](), _Operations()
            for item in items:
                glyphs = list(self._glyphs(item.glyphs))
                spans = self._spans(item, glyphs, font, text)
                for at, (number, width, across, upwards, _) in enumerate(glyphs):
                    if at in spans:
                        operations.begin(spans[at])
                    if number == self._pango.PANGO_GLYPH_EMPTY:  # a joiner, which is not painted
                        operations.move(width * 1000 * self._unit / size)
                        continue
                    if number > self._pango.PANGO_GLYPH_EMPTY:
                        return None
                    used.add(number)
                    piece = pieces.get((size, number, width, across))
                    if piece is None:
                        self._add_glyph(stream, font, address, size, item, at, layout.text)
                        piece = pieces[size, number, width, across] = self._piece(font, size, number, width, across)
                    operations.show(piece, -upwards * self._unit)
                operations.end_item()
            if not operations:
                return None
            parts.append((key, size, operations.finished(), frozenset(used)))
        return tuple(parts) or None

    def _spans(self, item: Any, glyphs: list[tuple[int, ...]], font: Any, text: bytes) -> dict[int, str]:
        """Return the texts that the glyphs of an item must be marked with, by the first glyph; an empty one ends them.

        Words from left to right are marked whole, since readers take the text as it is. In one from right to left each
        cluster is marked by itself, since they turn the line around, texts included.
        From left to right, a word with a glyph out of its place is marked, too: readers that sort glyphs by their places
        would take a Thai tone for one of the next letter.
        """
        start, length, leftwards = item.item.offset, item.item.length, item.item.analysis.level % 2
        shown = text[start : start + length]
        if shown.isascii():
            return {}
        numbers = [number for number, *_ in glyphs]
        moved = (
            set() if leftwards else {at for at, (_, _, across, upwards, _) in enumerate(glyphs) if across or upwards}
        )
        clusters = list(self._ffi.unpack(item.glyphs.log_clusters, len(numbers)))
        ends = dict(zip(edges := sorted(set(clusters)), [*edges[1:], length], strict=True))
        spans: dict[int, str] = {}

        def words(group: list[int]) -> str:
            first, last = (group[-1], group[0]) if leftwards else (group[0], group[-1])
            return shown[clusters[first] : ends[clusters[last]]].decode()

        for _, places in groupby(range(len(numbers)), lambda at: shown[clusters[at] : ends[clusters[at]]].isspace()):
            word = list(places)
            painted = [numbers[at] for at in word if numbers[at] != self._pango.PANGO_GLYPH_EMPTY]
            if moved.intersection(word) or not tounicode.tells(font.to_unicode, painted, words(word), leftwards):
                for part in self._clusters(word, clusters, numbers) if leftwards else [word]:
                    spans[part[0]] = words(part)
                spans.setdefault(word[-1] + 1, "")
        return spans

    def _clusters(self, word: list[int], clusters: list[int], numbers: list[int]) -> Iterator[list[int]]:
        """Yield the clusters of a word, from left to right; what is not painted is a part of the one that it follows."""
        waiting: list[int] = []
        for _, places in groupby(word, lambda at: clusters[at]):
            waiting += places
            if any(numbers[at] != self._pango.PANGO_GLYPH_EMPTY for at in waiting):
                yield waiting
                waiting = []

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
        offset = across * 1000 * self._unit / size
        kerning = font.widths[number] + offset - width * 1000 * self._unit / size
        before = f">{-offset:.6g}<" if offset else ""
        return f"{before}{number:04x}>{int(kerning)}<" if kerning else f"{before}{number:04x}"


class _Operations:
    """Collects the operations that show glyphs: the more of them share one, the smaller the file."""

    def __init__(self) -> None:
        self._done: list[bytes] = []
        self._operand = "<"
        self._rise = 0.0
        self._marked = False

    def __bool__(self) -> bool:
        return bool(self._done) or self._operand != "<"

    def show(self, piece: str, rise: float) -> None:
        """Show a glyph, raised by as many CSS pixels."""
        if rise != self._rise:
            self._flush()
            self._done.append(f"{rise:.6g} Ts".encode())
            self._rise = rise
        self._operand += piece

    def move(self, distance: float) -> None:
        """Leave room, in thousandths of the size."""
        if distance:
            self._operand += f">{-distance:.6g}<"

    def begin(self, text: str) -> None:
        """Begin a text that replaces that of the glyphs, or end one."""
        self._flush()
        if self._marked:
            self._done.append(_END_OF_SPAN)
        if text:
            self._done.append(b"/Span <</ActualText <feff%s>>> BDC" % text.encode("utf-16-be").hex().encode())
        self._marked = bool(text)

    def end_item(self) -> None:
        """End what an item may leave open, and its string: items are apart."""
        if self._marked:
            self.begin("")
        if self._operand not in ("<", "") and not self._operand.endswith(">"):
            self._operand += "><"

    def finished(self) -> tuple[bytes, ...]:
        """Return the operations; what ends a line with a space adds it to the last one, which must not be in a text."""
        if self._done and self._operand == "<" and self._done[-1] == _END_OF_SPAN:
            self._done.append(b"[] TJ")
        self._flush()
        if self._rise:
            self._done.append(b"0 Ts")
        return tuple(self._done)

    def _flush(self) -> None:
        shown = f"{self._operand}>".replace("<>", " ").strip()
        self._operand = "<"
        if shown:
            self._done.append(f"[{shown}] TJ".encode())


_END_OF_SPAN: Final = b"EMC\n"
"""The end of a text inside a marked-content sequence: not to be taken for the end of that."""
