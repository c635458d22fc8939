"""What one content stream paints: text with its letters and boxes, pictures, fills, and the forms that it calls.

Boxes are in the stream's own space; `reading` puts them on the page. Each stream is interpreted once, however many files it stands in:
the body that several clinics share has the same bytes in each (ISO 32000-1, 8 and 9; the operators that WeasyPrint and pdfkit write).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, TypeAlias

from pdfkit_cli.pdf.reader.objects import UnreadableError, decompress
from pdfkit_cli.system.caching import cache_texts

Box: TypeAlias = tuple[float, float, float, float]
"""Left, bottom, right, top."""

Matrix: TypeAlias = tuple[float, float, float, float, float, float]
Colour: TypeAlias = tuple[float, ...]
"""Parts of one in grey, RGB or CMYK; empty where it is a pattern."""

EVERYWHERE: Final[Box] = (-1e9, -1e9, 1e9, 1e9)
IDENTITY: Final[Matrix] = (1, 0, 0, 1, 0, 0)
ARTIFACT: Final = -1
"""Stands for a marked-content id where the content is an artifact, or has no mark."""

CAP_HEIGHT: Final = 0.66
"""Height of a capital over the baseline in ems: 0.66 in Source Sans 3, and what Arabic letters reach in Noto Sans Arabic."""

CACHE_SIZE = 200
"""Streams that are kept interpreted: those of some 20 bodies, and of the matter of some 30 clinics."""


@dataclass(frozen=True, slots=True)
class TextRun:
    """Letters on one baseline, without the spaces around them; `glyphs` from left to right, each with the text it stands for.

    `box` reaches from the baseline to the height of a capital. `missing` counts glyphs that the font does not have. `key` is (stream, mark):
    the number of the page's or form's stream, once it is on a page.
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


@dataclass(frozen=True, slots=True)
class PaintedArea:
    """A picture, a fill or a stroke, by its box; `colour` is none for a picture. `solid` says that it fills its box."""

    box: Box
    clip: Box
    colour: Colour | None
    mark: int
    solid: bool = True
    stream: int = 0


@dataclass(frozen=True, slots=True)
class XObjectCall:
    """A form or picture that is drawn: its name in the resources, and where its own space lies."""

    name: str
    matrix: Matrix
    clip: Box
    mark: int
    alpha: float = 1.0


PaintedItem: TypeAlias = TextRun | PaintedArea | XObjectCall


@dataclass(frozen=True, eq=False)
class GlyphFont:
    """A font of a file: what each glyph says, and how wide it is in thousandths of the size."""

    letters: dict[int, str]
    widths: dict[int, float]
    width: float


def intersect(one: Box, other: Box) -> Box:
    """Return what two boxes share; its right is left of its left where they share nothing."""
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def multiply(inner: Matrix, outer: Matrix) -> Matrix:
    """Return the matrix that does the inner one first."""
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def transform_box(box: Box, matrix: Matrix) -> Box:
    """Return the box around a box that a matrix has moved."""
    a, b, c, d, e, f = matrix
    left, bottom, right, top = box
    if b == c == 0:
        x0, x1, y0, y1 = a * left + e, a * right + e, d * bottom + f, d * top + f
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
    xs = [a * x + c * y + e for x in (left, right) for y in (bottom, top)]
    ys = [b * x + d * y + f for x in (left, right) for y in (bottom, top)]
    return min(xs), min(ys), max(xs), max(ys)


_MAPPED = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]*)>")
_MAPS = re.compile(rb"beginbfchar(.*?)endbfchar", re.S)


@cache_texts
@lru_cache(maxsize=CACHE_SIZE)
def read_font(to_unicode: bytes, is_compressed: bool, widths: tuple[tuple[int, float], ...], width: float) -> GlyphFont:
    """Return a font with two-byte glyph numbers, from its ToUnicode stream and its widths."""
    letters = {
        int(glyph, 16): bytes.fromhex(code.decode()).decode("utf-16-be", "replace")
        for block in _MAPS.findall(decompress(to_unicode, is_compressed))
        for glyph, code in _MAPPED.findall(block)
    }
    return GlyphFont(letters, dict(widths), width)


@cache_texts
@lru_cache(maxsize=CACHE_SIZE)
def read_content_stream(
    raw: bytes,
    is_compressed: bool,
    fonts: tuple[tuple[str, GlyphFont], ...] = (),
    alphas: tuple[tuple[str, float], ...] = (),
) -> tuple[PaintedItem, ...]:
    """Return what a content stream paints, in the order of painting; `alphas` are the opacities that its graphics states set for fills."""
    painter = _ContentInterpreter(dict(fonts), dict(alphas))
    painter.follow(decompress(raw, is_compressed))
    return tuple(painter.items)


_TOKEN = re.compile(
    rb"\[(?:\((?:\\.|[^\\()])*\)|[^\]()])*\]|\((?:\\.|[^\\()])*\)|<<.*?>>|<[0-9A-Fa-f\s]*>|/[^\s/<>\[\](){}]*|[^\s/<>\[\](){}]+",
    re.S,
)
_SHOWN_TEXT = re.compile(rb"<([0-9A-Fa-f]*)>|(-?[\d.]+)|(\()")
_MCID = re.compile(rb"/MCID\s+(\d+)")


@dataclass(frozen=True, slots=True)
class _GraphicsState:
    """The graphics state, as far as it shows where things are."""

    matrix: Matrix = IDENTITY
    clip: Box = EVERYWHERE
    fill: Colour = (0.0,)
    stroke: Colour = (0.0,)
    line: float = 1.0
    alpha: float = 1.0
    font: GlyphFont | None = None
    size: float = 0.0
    mode: int = 0


class _ContentInterpreter:
    def __init__(self, fonts: dict[str, GlyphFont], alphas: dict[str, float]) -> None:
        self.items: list[PaintedItem] = []
        self._fonts, self._alphas = fonts, alphas
        self._state = _GraphicsState()
        self._saved: list[_GraphicsState] = []
        self._marks: list[int] = []
        self._path: list[Box] = []
        self._rectangles = 0
        self._at = (0.0, 0.0)
        self._clips = False
        self._line: Matrix = IDENTITY
        self._x = 0.0
        self._text: list[tuple[str, float, float, bool]] = []

    def follow(self, data: bytes) -> None:
        operands: list[bytes] = []
        for token in _TOKEN.findall(data):
            act = _OPERATORS.get(token)
            if act:
                act(self, operands)
                operands = []
            elif token[0] in _OPERAND or token in (b"true", b"false", b"null"):
                operands.append(token)
            elif token == b"BI":
                raise UnreadableError("a picture stands inside a content stream, which is not known here")
            else:
                operands = []

    @property
    def _mark(self) -> int:
        return self._marks[-1] if self._marks else ARTIFACT

    def _set(self, **changes: Any) -> None:
        self._state = replace(self._state, **changes)

    # Graphics state, marks, forms

    def save(self, _: list[bytes]) -> None:
        self._saved.append(self._state)

    def restore(self, _: list[bytes]) -> None:
        if self._saved:
            self._state = self._saved.pop()

    def transform(self, operands: list[bytes]) -> None:
        self._set(matrix=multiply(_matrix(operands), self._state.matrix))

    def begin(self, operands: list[bytes]) -> None:
        self._end_run()
        known = _MCID.search(operands[-1]) if operands else None
        artifact = operands[:1] == [b"/Artifact"]
        self._marks.append(int(known[1]) if known else ARTIFACT if artifact else self._mark)

    def end(self, _: list[bytes]) -> None:
        self._end_run()
        if self._marks:
            self._marks.pop()

    def call(self, operands: list[bytes]) -> None:
        state = self._state
        self.items.append(
            XObjectCall(operands[-1].decode("latin-1"), state.matrix, state.clip, self._mark, state.alpha)
        )

    def alpha(self, operands: list[bytes]) -> None:
        name = operands[-1].decode("latin-1")
        if name in self._alphas:
            self._set(alpha=self._alphas[name])

    def colour(self, operands: list[bytes]) -> None:
        self._set(fill=() if operands[-1:] and operands[-1][0] == _SLASH else tuple(map(float, operands)))

    def stroke_colour(self, operands: list[bytes]) -> None:
        self._set(stroke=() if operands[-1:] and operands[-1][0] == _SLASH else tuple(map(float, operands)))

    def line_width(self, operands: list[bytes]) -> None:
        self._set(line=float(operands[-1]))

    # Paths

    def move(self, operands: list[bytes]) -> None:
        self._at = (float(operands[0]), float(operands[1]))

    def line_to(self, operands: list[bytes]) -> None:
        points = [float(word) for word in operands]
        xs, ys = [self._at[0], *points[::2]], [self._at[1], *points[1::2]]
        self._path.append((min(xs), min(ys), max(xs), max(ys)))
        self._at = (points[-2], points[-1])

    def rectangle(self, operands: list[bytes]) -> None:
        x, y, width, height = map(float, operands)
        self._rectangles += 1
        self._path.append((min(x, x + width), min(y, y + height), max(x, x + width), max(y, y + height)))

    def clip(self, _: list[bytes]) -> None:
        self._clips = True

    def no_paint(self, _: list[bytes]) -> None:
        if self._clips:
            box = transform_box(_around(self._path), self._state.matrix) if self._path else (0.0, 0.0, -1.0, -1.0)
            self._set(clip=intersect(self._state.clip, box))
        self._path, self._rectangles, self._clips = [], 0, False

    def fill(self, _: list[bytes]) -> None:
        self._paint(self._state.fill, 0.0)

    def stroke(self, _: list[bytes]) -> None:
        self._paint(self._state.stroke, self._state.line / 2)

    def _paint(self, colour: Colour, wider: float) -> None:
        if self._path:
            left, bottom, right, top = _around(self._path)
            box = transform_box((left - wider, bottom - wider, right + wider, top + wider), self._state.matrix)
            solid = self._rectangles == len(self._path) == 1 and not wider and self._state.alpha == 1.0
            self.items.append(PaintedArea(box, self._state.clip, colour, self._mark, solid))
        self.no_paint([])

    def shade(self, _: list[bytes]) -> None:
        self.items.append(PaintedArea(self._state.clip, self._state.clip, None, self._mark))

    # Text

    def begin_text(self, _: list[bytes]) -> None:
        self._line, self._x = IDENTITY, 0.0

    def end_text(self, _: list[bytes]) -> None:
        self._end_run()

    def text_matrix(self, operands: list[bytes]) -> None:
        self._end_run()
        self._line, self._x = _matrix(operands), 0.0

    def next_line(self, operands: list[bytes]) -> None:
        self._end_run()
        self._line = multiply((1, 0, 0, 1, float(operands[0]), float(operands[1])), self._line)
        self._x = 0.0

    def text_font(self, operands: list[bytes]) -> None:
        font = self._fonts.get(operands[0].decode("latin-1"))
        if font is None:
            raise UnreadableError(f"font {operands[0].decode('latin-1')} is of a kind that is not known here")
        self._set(font=font, size=float(operands[1]))

    def text_mode(self, operands: list[bytes]) -> None:
        self._set(mode=int(operands[0]))

    def show(self, operands: list[bytes]) -> None:
        state, font = self._state, self._state.font
        if font is None:
            raise UnreadableError("text is shown before a font is chosen")
        scale = state.size / 1000
        for digits, number, other in _SHOWN_TEXT.findall(operands[-1]):
            if digits:
                for at in range(0, len(digits), 4):
                    glyph = int(digits[at : at + 4], 16)
                    start = self._x
                    self._x += font.widths.get(glyph, font.width) * scale
                    self._text.append((font.letters.get(glyph, ""), start, self._x, not glyph))
            elif number:
                self._x -= float(number) * scale
            elif other:
                raise UnreadableError("text is written in a way that is not known here")

    def _end_run(self) -> None:
        shown, self._text = self._text, []
        while shown and not shown[-1][3] and not shown[-1][0].strip():
            shown.pop()
        start = next((at for at, part in enumerate(shown) if part[3] or part[0].strip()), len(shown))
        if start == len(shown):
            return
        state = self._state
        left, right = shown[start][1], max(part[2] for part in shown[start:])
        matrix = multiply(self._line, state.matrix)
        box = transform_box((min(left, right), 0.0, max(left, right), state.size * CAP_HEIGHT), matrix)
        size = state.size * abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]) ** 0.5
        glyphs = tuple(part[0] for part in shown)
        missing = sum(part[3] for part in shown)
        clip = state.clip if state.mode != 3 else (0.0, 0.0, -1.0, -1.0)  # mode 3 paints nothing
        self.items.append(TextRun(glyphs, box, clip, size, state.fill, self._mark, missing, state.alpha))


def _matrix(operands: list[bytes]) -> Matrix:
    a, b, c, d, e, f = map(float, operands)
    return a, b, c, d, e, f


def _around(boxes: list[Box]) -> Box:
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


_SLASH = ord("/")
_OPERAND = frozenset(b"0123456789+-./([<")
_OPERATORS: Final[dict[bytes, Callable[[_ContentInterpreter, list[bytes]], None]]] = {
    b"q": _ContentInterpreter.save, b"Q": _ContentInterpreter.restore, b"cm": _ContentInterpreter.transform, b"Do": _ContentInterpreter.call,
    b"gs": _ContentInterpreter.alpha,
    b"BMC": _ContentInterpreter.begin, b"BDC": _ContentInterpreter.begin, b"EMC": _ContentInterpreter.end,
    b"g": _ContentInterpreter.colour, b"rg": _ContentInterpreter.colour, b"k": _ContentInterpreter.colour, b"sc": _ContentInterpreter.colour, b"scn": _ContentInterpreter.colour,
    b"G": _ContentInterpreter.stroke_colour, b"RG": _ContentInterpreter.stroke_colour, b"K": _ContentInterpreter.stroke_colour,
    b"SC": _ContentInterpreter.stroke_colour, b"SCN": _ContentInterpreter.stroke_colour, b"w": _ContentInterpreter.line_width,
    b"m": _ContentInterpreter.move, b"l": _ContentInterpreter.line_to, b"c": _ContentInterpreter.line_to, b"v": _ContentInterpreter.line_to, b"y": _ContentInterpreter.line_to,
    b"re": _ContentInterpreter.rectangle, b"W": _ContentInterpreter.clip, b"W*": _ContentInterpreter.clip, b"n": _ContentInterpreter.no_paint,
    b"f": _ContentInterpreter.fill, b"F": _ContentInterpreter.fill, b"f*": _ContentInterpreter.fill, b"B": _ContentInterpreter.fill, b"B*": _ContentInterpreter.fill,
    b"b": _ContentInterpreter.fill, b"b*": _ContentInterpreter.fill, b"S": _ContentInterpreter.stroke, b"s": _ContentInterpreter.stroke, b"sh": _ContentInterpreter.shade,
    b"BT": _ContentInterpreter.begin_text, b"ET": _ContentInterpreter.end_text, b"Tm": _ContentInterpreter.text_matrix, b"Td": _ContentInterpreter.next_line,
    b"Tf": _ContentInterpreter.text_font, b"Tr": _ContentInterpreter.text_mode,
    b"Tj": _ContentInterpreter.show, b"TJ": _ContentInterpreter.show,
}  # fmt: skip
"""What the operators do. The rest (dashes, joins, states) says nothing of where things are."""


def place_on_page(items: tuple[PaintedItem, ...], call: XObjectCall, stream: int) -> Iterator[PaintedItem]:
    """Put what a stream paints where the stream itself is drawn; `stream` is the number that its marks belong to."""
    matrix, clip = call.matrix, call.clip
    for item in items:
        inner = intersect(transform_box(item.clip, matrix), clip) if item.clip != EVERYWHERE else clip
        if isinstance(item, XObjectCall):
            yield XObjectCall(item.name, multiply(item.matrix, matrix), inner, item.mark, item.alpha * call.alpha)
        elif isinstance(item, TextRun):
            alpha = item.alpha * call.alpha
            box = transform_box(item.box, matrix)
            yield TextRun(item.glyphs, box, inner, item.size, item.colour, item.mark, item.missing, alpha, stream)
        else:
            yield PaintedArea(
                transform_box(item.box, matrix), inner, item.colour, item.mark, item.solid and call.alpha == 1.0, stream
            )
