"""Interprets content streams: text with its characters and boxes, pictures, fills, and the forms that they draw.

Boxes are in the stream's own space; `document` places them on the page.
Each stream is interpreted once, in however many files it occurs: the body that several clinics share has the same bytes
in each (ISO 32000-1, 8 and 9).
"""

import codecs
import re
import zlib
from binascii import unhexlify
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from pdfkit_cli.pdf.geometry import IDENTITY, Box, Matrix, intersect, multiply, transform_box
from pdfkit_cli.pdf.objects import UnreadableError
from pdfkit_cli.pdf.reader.fonts import GlyphFont
from pdfkit_cli.system.caching import cache_texts

Colour: TypeAlias = tuple[float, ...]
"""Components from 0 to 1 in grey, RGB or CMYK; empty for a pattern."""

EVERYWHERE: Final[Box] = (-1e9, -1e9, 1e9, 1e9)
NOWHERE: Final[Box] = (0.0, 0.0, -1.0, -1.0)
UNIT_SQUARE: Final[Box] = (0.0, 0.0, 1.0, 1.0)
"""The space that a picture fills."""

ARTIFACT: Final = -1
"""Replaces the marked-content id of content that is an artifact or has no mark."""

CAP_HEIGHT: Final = 0.66
"""Height of a capital above the baseline in ems: that of Source Sans 3, which Arabic letters reach in Noto Sans Arabic."""

CACHE_SIZE = 200
"""Number of interpreted streams that are cached: those of about 20 bodies, and of the slots of about 30 clinics."""


class ShownGlyphs(NamedTuple):
    """The name of a font, codes in it from left to right, and whether they are marked with their text."""

    font: str
    codes: tuple[int, ...]
    is_marked: bool


@dataclass(frozen=True, slots=True)
class TextRun:
    """Characters on one baseline, without the spaces around them; `glyphs` holds the text of each glyph, from left to right.

    Glyphs that are marked with their text (ISO 32000-1, 14.9.4) count as one; in a run with such glyphs, `shaping` has
    what is painted for each of `glyphs`.
    `box` reaches from the baseline to the height of a capital. `missing` counts glyphs that the font does not have.
    `stream` is the number of the stream of the page or form that `mark` belongs to, once the run is on a page.
    """

    glyphs: tuple[str, ...]
    box: Box
    clip: Box
    size: float
    colour: Colour
    mark: int
    missing: int = 0
    alpha: float = 1.0
    stream: int = 0
    shaping: tuple[ShownGlyphs, ...] = ()


@dataclass(frozen=True, slots=True)
class PaintedArea:
    """A picture, a fill or a stroke, by its box; `colour` is None for a picture. A `solid` one fills its box."""

    box: Box
    clip: Box
    colour: Colour | None
    mark: int
    solid: bool = True
    stream: int = 0


@dataclass(frozen=True, slots=True)
class XObjectCall:
    """A form or picture that is drawn: its name in the resources, and the matrix of its own space."""

    name: str
    matrix: Matrix
    clip: Box
    mark: int
    alpha: float = 1.0


PaintedItem: TypeAlias = TextRun | PaintedArea | XObjectCall


@cache_texts
@lru_cache(maxsize=CACHE_SIZE)
def read_content_stream(
    raw: bytes,
    is_compressed: bool,
    fonts: tuple[tuple[str, GlyphFont], ...] = (),
    alphas: tuple[tuple[str, float], ...] = (),
) -> tuple[PaintedItem, ...]:
    """Return what a content stream paints, in the order of painting; `alphas` are the opacities that its graphics states set for fills.

    Raises UnreadableError for operators that pdfkit and WeasyPrint do not write.
    """
    interpreter = ContentInterpreter(dict(fonts), dict(alphas))
    for operator, operands in _operations(zlib.decompress(raw) if is_compressed else raw):
        interpreter.handlers[operator](operands)
    return tuple(interpreter.items)


_TOKEN = re.compile(
    rb"\[(?:\((?:\\.|[^\\()])*\)|[^\]()])*\]|\((?:\\.|[^\\()])*\)|<<.*?>>|<[0-9A-Fa-f\s]*>|/[^\s/<>\[\](){}]*|[^\s/<>\[\](){}]+",
    re.S,
)
_SHOWN_TEXT = re.compile(rb"<([0-9A-Fa-f]*)>|(-?[\d.]+)")
_MCID = re.compile(rb"/MCID\s+(\d+)")
_ACTUAL_TEXT = re.compile(rb"/ActualText\s*<([0-9A-Fa-f]*)>")
_NUMBER_START = frozenset(b"0123456789+-.")


def _operations(data: bytes) -> Iterator[tuple[bytes, list[Any]]]:
    """Yield the operators that are interpreted, with their operands. qpdf takes more than twice as long."""
    operands: list[Any] = []
    for token in _TOKEN.findall(data):
        if token[0] in _NUMBER_START:
            operands.append(token)
        elif token in OPERATORS:
            yield token, operands
            operands = []
        elif token[:1] in b"/[(<" or token in (b"true", b"false", b"null"):
            operands.append(_operand(token))
        elif token == b"BI":
            raise UnreadableError("a picture inside a content stream is not supported here")
        else:
            operands = []


def _operand(token: bytes) -> Any:
    if token[:1] == b"/":
        return token.decode("latin-1")
    if token[:2] == b"<<":
        mcid, text = _MCID.search(token), _ACTUAL_TEXT.search(token)
        found: dict[str, Any] = {"/MCID": int(mcid[1])} if mcid else {}
        return found | ({"/ActualText": _utf16(unhexlify(text[1]))} if text else {})
    if b"(" in token:
        raise UnreadableError("text in literal strings is not supported here")
    parts = _SHOWN_TEXT.findall(token)
    return [float(number) if number else unhexlify(digits) for digits, number in parts]


def _utf16(data: bytes) -> str:
    if not data.startswith(codecs.BOM_UTF16_BE):
        raise UnreadableError("a text in a content stream is in an encoding that is not supported here")
    return data[2:].decode("utf-16-be")


@dataclass(slots=True)
class _GraphicsState:
    """The parts of the graphics state that determine what is painted where."""

    matrix: Matrix = IDENTITY
    clip: Box = EVERYWHERE
    fill: Colour = (0.0,)
    stroke: Colour = (0.0,)
    line_width: float = 1.0
    alpha: float = 1.0
    font: GlyphFont | None = None
    size: float = 0.0
    leading: float = 0.0
    mode: int = 0


class ContentInterpreter:
    """Collects what one content stream paints.

    Operands are numbers, or bytes that hold one; names are `str`, strings are bytes.
    """

    def __init__(self, fonts: Mapping[str, GlyphFont], alphas: Mapping[str, float]) -> None:
        self.items: list[PaintedItem] = []
        self.state = _GraphicsState()
        self.handlers = {operator: getattr(self, handler) for operator, handler in OPERATORS.items()}
        self.shown: list[tuple[str, float, float, int | tuple[int, ...]]] = []
        """Text, left and right edge, and code, of each glyph since the text position was set; several codes with one text."""

        self._fonts, self._alphas = fonts, alphas
        self._saved: list[_GraphicsState] = []
        self._marks: list[int] = []
        self._span: tuple[int, int, str] | None = None
        """Of the glyphs that are marked with their text: how many marks are around them, the index of the first, the text."""

        self._has_spans = False
        self._font_starts: list[tuple[int, str]] = []
        """The indices of the glyphs from which a font is used, with its name."""

        self._path_x: list[float] = []
        self._path_y: list[float] = []
        self._segments = self._rectangles = 0
        self._point = (0.0, 0.0)
        self._clips = False
        self._line_matrix: Matrix = IDENTITY
        self._x = 0.0

    @property
    def _mark(self) -> int:
        return self._marks[-1] if self._marks else ARTIFACT

    # Graphics state, marks, forms

    def save(self, _: list[Any]) -> None:
        now = self.state
        self._saved.append(
            _GraphicsState(
                now.matrix,
                now.clip,
                now.fill,
                now.stroke,
                now.line_width,
                now.alpha,
                now.font,
                now.size,
                now.leading,
                now.mode,
            )
        )  # a fifth of what copy() takes

    def restore(self, _: list[Any]) -> None:
        if self._saved:
            self.state = self._saved.pop()

    def transform(self, operands: list[Any]) -> None:
        self.state.matrix = multiply(as_matrix(operands), self.state.matrix)

    def begin_mark(self, operands: list[Any]) -> None:
        properties = operands[-1] if operands else None
        if isinstance(properties, dict) and "/ActualText" in properties and "/MCID" not in properties:
            self._begin_span(properties["/ActualText"])
            return
        self._end_run()
        mcid = properties.get("/MCID") if isinstance(properties, dict) else None
        artifact = ARTIFACT if operands[:1] == ["/Artifact"] else self._mark
        self._marks.append(artifact if mcid is None else mcid)

    def end_mark(self, _: list[Any]) -> None:
        if self._span and self._span[0] == len(self._marks):
            self._end_span()
        else:
            self._end_run()
        if self._marks:
            self._marks.pop()

    def _begin_span(self, text: str) -> None:
        """Begin glyphs on a line that are marked with their text, inside the mark of the line."""
        if self._span:
            raise UnreadableError("a text inside a text is not supported here")
        self._marks.append(self._mark)
        self._span, self._has_spans = (len(self._marks), len(self.shown), text), True

    def _end_span(self) -> None:
        assert self._span
        _, first, text = self._span
        glyphs, self._span = self.shown[first:], None
        if not glyphs:
            raise UnreadableError("a text in a content stream has no glyphs")
        codes = tuple(code for *_, code in glyphs if isinstance(code, int))
        self.shown[first:] = [(text, glyphs[0][1], glyphs[-1][2], codes)]

    def draw_object(self, operands: list[Any]) -> None:
        state = self.state
        self.items.append(XObjectCall(operands[-1], state.matrix, state.clip, self._mark, state.alpha))

    def set_state(self, operands: list[Any]) -> None:
        self.state.alpha = self._alphas.get(operands[-1], self.state.alpha)

    def set_fill(self, operands: list[Any]) -> None:
        self.state.fill = _colour(operands)

    def set_stroke(self, operands: list[Any]) -> None:
        self.state.stroke = _colour(operands)

    def set_line_width(self, operands: list[Any]) -> None:
        self.state.line_width = float(operands[-1])

    # Paths

    def move_to(self, operands: list[Any]) -> None:
        self._point = (float(operands[0]), float(operands[1]))

    def line_to(self, operands: list[Any]) -> None:
        points = [*self._point, *map(float, operands)]
        self._segments += 1
        self._path_x += points[::2]
        self._path_y += points[1::2]
        self._point = (points[-2], points[-1])

    def rectangle(self, operands: list[Any]) -> None:
        x, y, width, height = map(float, operands)
        self._segments += 1
        self._rectangles += 1
        self._path_x += (x, x + width)
        self._path_y += (y, y + height)

    def _path_box(self) -> Box:
        """Return the box of the path, which has at least one segment."""
        return min(self._path_x), min(self._path_y), max(self._path_x), max(self._path_y)

    def clip(self, _: list[Any]) -> None:
        self._clips = True

    def end_path(self, _: list[Any]) -> None:
        if self._clips:
            box = transform_box(self._path_box(), self.state.matrix) if self._segments else NOWHERE
            self.state.clip = intersect(self.state.clip, box)
        if self._segments:
            self._path_x, self._path_y, self._segments, self._rectangles = [], [], 0, 0
        self._clips = False

    def fill(self, _: list[Any]) -> None:
        self._paint(self.state.fill, 0.0)

    def stroke(self, _: list[Any]) -> None:
        self._paint(self.state.stroke, self.state.line_width / 2)

    def _paint(self, colour: Colour, wider: float) -> None:
        if self._segments:
            left, bottom, right, top = self._path_box()
            box = transform_box((left - wider, bottom - wider, right + wider, top + wider), self.state.matrix)
            solid = self._rectangles == self._segments == 1 and not wider and self.state.alpha == 1.0
            self.items.append(PaintedArea(box, self.state.clip, colour, self._mark, solid))
        self.end_path([])

    def shade(self, _: list[Any]) -> None:
        self.items.append(PaintedArea(self.state.clip, self.state.clip, None, self._mark))

    def inline_image(self, _: list[Any]) -> None:
        self.items.append(PaintedArea(transform_box(UNIT_SQUARE, self.state.matrix), self.state.clip, None, self._mark))

    # Text

    def begin_text(self, _: list[Any]) -> None:
        self._set_position(IDENTITY)

    def end_text(self, _: list[Any]) -> None:
        self._end_run()

    def set_text_matrix(self, operands: list[Any]) -> None:
        self._set_position(as_matrix(operands))

    def move_text(self, operands: list[Any]) -> None:
        self._set_position(multiply((1, 0, 0, 1, float(operands[0]), float(operands[1])), self._line_matrix))

    def move_text_and_set_leading(self, operands: list[Any]) -> None:
        self.state.leading = -float(operands[1])
        self.move_text(operands)

    def next_line(self, _: list[Any]) -> None:
        self.move_text([0, -self.state.leading])

    def _set_position(self, matrix: Matrix) -> None:
        self._end_run()
        self._line_matrix, self._x = matrix, 0.0

    def set_leading(self, operands: list[Any]) -> None:
        self.state.leading = float(operands[0])

    def set_font(self, operands: list[Any]) -> None:
        font = self._fonts.get(operands[0])
        if font is None:
            raise UnreadableError(f"the font {operands[0]} is of a kind that is not supported here")
        self.state.font, self.state.size = font, float(operands[1])
        self._font_starts.append((len(self.shown), font.name))

    def set_text_mode(self, operands: list[Any]) -> None:
        self.state.mode = int(operands[0])

    def show_on_next_line(self, operands: list[Any]) -> None:
        self.next_line([])
        self.show(operands)

    def show(self, operands: list[Any]) -> None:
        font = self.state.font
        if font is None:
            raise UnreadableError("text is shown before a font is chosen")
        scale, x = self.state.size / 1000, self._x
        letters, widths, width, add = font.letters.get, font.widths.get, font.width, self.shown.append
        for part in operands[-1] if isinstance(operands[-1], list) else operands[-1:]:
            if isinstance(part, bytes):
                for code in font.codes(part):
                    start = x
                    x += widths(code, width) * scale
                    add((letters(code, ""), start, x, code))
            else:
                x -= float(part) * scale
        self._x = x

    def text_origin(self) -> tuple[float, float, float]:
        """Return x and y of the point where the next glyph is painted, and the size of the font there."""
        a, b, c, d, e, f = multiply(self._line_matrix, self.state.matrix)
        return a * self._x + e, b * self._x + f, self.state.size * (c * c + d * d) ** 0.5

    def _end_run(self) -> None:
        if not self.shown:
            return
        if self._span:
            raise UnreadableError("a text in a content stream goes beyond its line")
        shown, self.shown = self.shown, []
        shaping = tuple(self._shaping(shown)) if self._has_spans else ()
        self._has_spans, self._font_starts = False, []
        while shown and shown[-1][3] and not shown[-1][0].strip():
            shown.pop()
        start = next((at for at, part in enumerate(shown) if not part[3] or part[0].strip()), len(shown))
        if start == len(shown):
            return
        state = self.state
        glyphs, _, rights, codes = zip(*shown, strict=True)
        left, right = shown[start][1], max(rights[start:])
        matrix = multiply(self._line_matrix, state.matrix)
        box = transform_box((min(left, right), 0.0, max(left, right), state.size * CAP_HEIGHT), matrix)
        size = state.size * abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]) ** 0.5
        clip = state.clip if state.mode != 3 else NOWHERE  # mode 3 paints nothing
        missing = sum(not code or (isinstance(code, tuple) and 0 in code) for code in codes)
        self.items.append(
            TextRun(
                glyphs, box, clip, size, state.fill, self._mark, missing, state.alpha, shaping=shaping[: len(shown)]
            )
        )

    def _shaping(self, shown: Sequence[tuple[str, float, float, int | tuple[int, ...]]]) -> Iterator[ShownGlyphs]:
        starts = iter(self._font_starts)
        following, font = next(starts, None), ""
        for at, (*_, code) in enumerate(shown):
            while following and following[0] <= at:
                font, following = following[1], next(starts, None)
            is_marked = isinstance(code, tuple)
            yield ShownGlyphs(font, code if isinstance(code, tuple) else (code,), is_marked)


def as_matrix(operands: Sequence[Any]) -> Matrix:
    """Return six operands as a matrix. Raises ValueError or TypeError where they are not six numbers."""
    a, b, c, d, e, f = map(float, operands)
    return a, b, c, d, e, f


def _colour(operands: list[Any]) -> Colour:
    return () if isinstance(operands[-1], str) else tuple(map(float, operands))


OPERATORS: Final = {
    b"q": "save", b"Q": "restore", b"cm": "transform", b"gs": "set_state", b"Do": "draw_object",
    b"BMC": "begin_mark", b"BDC": "begin_mark", b"EMC": "end_mark",
    **dict.fromkeys((b"g", b"rg", b"k", b"sc", b"scn"), "set_fill"),
    **dict.fromkeys((b"G", b"RG", b"K", b"SC", b"SCN"), "set_stroke"),
    b"w": "set_line_width", b"m": "move_to", b"re": "rectangle",
    **dict.fromkeys((b"l", b"c", b"v", b"y"), "line_to"),
    b"W": "clip", b"W*": "clip", b"n": "end_path", b"sh": "shade", b"INLINE IMAGE": "inline_image",
    **dict.fromkeys((b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"), "fill"), b"S": "stroke", b"s": "stroke",
    b"BT": "begin_text", b"ET": "end_text", b"Tm": "set_text_matrix", b"TL": "set_leading",
    b"Td": "move_text", b"TD": "move_text_and_set_leading", b"T*": "next_line",
    b"Tf": "set_font", b"Tr": "set_text_mode",
    b"Tj": "show", b"TJ": "show", b"'": "show_on_next_line", b'"': "show_on_next_line",
}  # fmt: skip
"""The method for each operator. All others (dashes, line joins, rendering intents) do not affect what is painted where."""


def place_on_page(items: tuple[PaintedItem, ...], call: XObjectCall, stream: int) -> Iterator[PaintedItem]:
    """Yield what a stream paints, in the space that the stream is drawn in; `stream` is the number that its marks belong to."""
    matrix, clip = call.matrix, call.clip
    for item in items:
        inner = intersect(transform_box(item.clip, matrix), clip) if item.clip != EVERYWHERE else clip
        if isinstance(item, XObjectCall):
            yield XObjectCall(item.name, multiply(item.matrix, matrix), inner, item.mark, item.alpha * call.alpha)
        elif isinstance(item, TextRun):
            alpha = item.alpha * call.alpha
            box = transform_box(item.box, matrix)
            yield TextRun(
                item.glyphs, box, inner, item.size, item.colour, item.mark, item.missing, alpha, stream, item.shaping
            )
        else:
            yield PaintedArea(
                transform_box(item.box, matrix), inner, item.colour, item.mark, item.solid and call.alpha == 1.0, stream
            )
