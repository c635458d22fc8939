"""Following the content streams of pages: what they paint, and what they paint outside of any mark."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pypdf.generic import NameObject

from pdfkit_cli.pdf.audit import fonts
from pdfkit_cli.pdf.audit.fonts import TextFont
from pdfkit_cli.pdf.audit.marked_content import (
    IDENTITY,
    ArtifactContent,
    Box,
    MarkedContent,
    Matrix,
    PaintedContent,
    TextStart,
    bounding_box,
    multiply,
)
from pdfkit_cli.pdf.audit.page_context import MAX_DEPTH, PageContext
from pdfkit_cli.pdf.audit.pypdf_access import (
    Key,
    dictionary,
    entry,
    inherited,
    integer,
    key,
    name,
    number,
    numbers,
    raw,
    resolve,
)


def read_painted(pages: list[Any], reader: Any) -> PaintedContent:
    """Follow the content of all pages."""
    painted = PaintedContent(tuple(map(key, pages)))
    for count, page in enumerate(map(resolve, pages), 1):
        following = PageContext(count, painted, reader)
        box = numbers(inherited(page, "/MediaBox"), 4) or (0.0, 0.0, 0.0, 0.0)
        painted.surfaces[following.surface] = box[0], box[1], box[2], box[3]
        if raw(page, "/StructParents") is not None:
            painted.parents[following.surface] = integer(entry(page, "/StructParents"))
        if (contents := raw(page, "/Contents")) is not None:
            resources = resolve(inherited(page, "/Resources"))
            _StreamInterpreter(following, resources, _FollowedState(IDENTITY), following.surface, None).run(contents)
    return painted


@dataclass(slots=True)
class _FollowedState:
    """The part of the graphics state that is followed."""

    matrix: Matrix
    font: TextFont | None = None
    size: float = 0.0
    leading: float = 0.0


_Open = MarkedContent | ArtifactContent | None


class _StreamInterpreter:
    """Follows the operations of one content stream, of a page or a form."""

    def __init__(self, page: PageContext, resources: Any, state: _FollowedState, owner: Key, around_it: _Open) -> None:
        self.page, self.resources, self.state, self.owner = page, resources, state, owner
        self.current: _Open = around_it
        self.open: list[_Open] = []
        self.kept: list[_FollowedState] = []
        self.path: list[tuple[float, float]] = []
        self.text_matrix = self.line_matrix = IDENTITY
        self.at_start = False

    def run(self, stream: Any) -> None:
        for operands, operator in self.page.operations(stream):
            handler = _HANDLERS.get(operator)
            if handler:
                try:
                    handler(self, operands)
                except (ValueError, TypeError, IndexError, OverflowError):
                    self.page.fault(
                        "content-unreadable", f"{operator.decode('latin-1')} has operands that make no sense"
                    )
        if self.open:
            self.page.fault("mark-unbalanced", f"{len(self.open)} marked-content sequences do not end")

    # Marked content.

    def begin(self, operands: Any) -> None:
        self.open.append(self.current)
        tag, given = str(operands[0]), operands[1] if len(operands) > 1 else None
        properties = entry(dictionary(self.resources, "/Properties"), given) if isinstance(given, NameObject) else given
        mcid = integer(entry(properties, "/MCID"))
        if mcid is not None and tag != "/Artifact":
            self._no_nesting(ArtifactContent, "content of the tree stands inside an artifact")
            self.current = self._mark(mcid)
        elif tag == "/Artifact":
            self._no_nesting(MarkedContent, "an artifact stands inside content of the tree")
            self.current = ArtifactContent(name(properties, "/Type"), self.page.number, self.page.surface)
            self.page.painted.artifacts.append(self.current)

    def _no_nesting(self, kind: type, message: str) -> None:
        if isinstance(self.current, kind):
            self.page.fault("mark-nested", message)

    def _mark(self, mcid: int) -> MarkedContent:
        painted = self.page.painted
        if (self.owner, mcid) in painted.marks:
            self.page.fault("mark-repeated", f"the mark {mcid} is painted twice")
            return painted.marks[self.owner, mcid]
        painted.parents.setdefault(self.owner, None)
        mark = MarkedContent(self.owner, mcid, self.page.number, self.page.surface)
        painted.marks[self.owner, mcid] = mark
        return mark

    def end(self, _: Any) -> None:
        if self.open:
            self.current = self.open.pop()
        else:
            self.page.fault("mark-unbalanced", "a marked-content sequence ends that did not begin")

    def paint(self, what: str) -> None:
        if self.current is None:
            self.page.fault("unmarked", f"{what} stands outside of the tree and is not an artifact")
        elif isinstance(self.current, MarkedContent):
            self.current.painted += 1

    # Graphics state and paths.

    def save(self, _: Any) -> None:
        state = self.state
        self.kept.append(_FollowedState(state.matrix, state.font, state.size, state.leading))

    def restore(self, _: Any) -> None:
        if self.kept:
            self.state = self.kept.pop()

    def transform(self, operands: Any) -> None:
        self.state.matrix = multiply(_matrix(operands), self.state.matrix)

    def point(self, operands: Any) -> None:
        if isinstance(self.current, MarkedContent):
            values = list(map(float, operands))
            self.path += zip(values[::2], values[1::2], strict=True)

    def rectangle(self, operands: Any) -> None:
        if isinstance(self.current, MarkedContent):
            x, y, width, height = map(float, operands)
            self.path += [(x, y), (x + width, y + height), (x, y + height), (x + width, y)]

    def draw(self, _: Any) -> None:
        self.paint("a drawing")
        if isinstance(self.current, MarkedContent) and self.path:
            self.current.box = bounding_box(self.path, self.state.matrix, self.current.box)
        self.path = []

    def no_paint(self, _: Any) -> None:
        self.path = []

    def picture(self, _: Any) -> None:
        self.paint("a picture")
        if isinstance(self.current, MarkedContent):
            corners = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]
            self.current.box = bounding_box(corners, self.state.matrix, self.current.box)

    def shade(self, _: Any) -> None:
        self.paint("a shading")

    def x_object(self, operands: Any) -> None:
        item = raw(dictionary(self.resources, "/XObject"), operands[0])
        form = resolve(item)
        if name(form, "/Subtype") != "Form":
            return self.picture(operands)
        page, its_key = self.page, key(item)
        if its_key in page.inside or len(page.inside) >= MAX_DEPTH:
            return page.fault("form-loop", "a form draws itself, or forms stand too deep in each other")
        surface, parents = page.surface, raw(form, "/StructParents")
        matrix = multiply(_matrix(numbers(entry(form, "/Matrix"), 6) or IDENTITY), self.state.matrix)
        if parents is not None:
            page.painted.parents[its_key] = integer(parents)
            if not page.inside and surface not in page.painted.parents:  # a page that was imposed on a sheet
                page.surface = its_key
                page.painted.surfaces[its_key] = _form_box(form, matrix)
        resources = entry(form, "/Resources") or self.resources
        page.inside.append(its_key)
        _StreamInterpreter(
            page, resources, _FollowedState(matrix, self.state.font, self.state.size), its_key, self.current
        ).run(item)
        page.inside.pop()
        page.surface = surface
        return None

    # Text.

    def begin_text(self, _: Any) -> None:
        self.text_matrix = self.line_matrix = IDENTITY
        self.at_start = True

    def font(self, operands: Any) -> None:
        item = raw(dictionary(self.resources, "/Font"), operands[0])
        known, its_key = self.page.painted.fonts, key(item)
        if its_key not in known:
            known[its_key] = fonts.read_font(item)
            self.page.painted.faults += known[its_key].faults
        self.state.font, self.state.size = known[its_key], float(operands[1])

    def set_leading(self, operands: Any) -> None:
        self.state.leading = float(operands[0])

    def text_place(self, operands: Any) -> None:
        self.text_matrix = self.line_matrix = _matrix(operands)
        self.at_start = True

    def move(self, operands: Any) -> None:
        x, y = map(float, operands)
        self.text_matrix = self.line_matrix = multiply((1, 0, 0, 1, x, y), self.line_matrix)
        self.at_start = True

    def move_leading(self, operands: Any) -> None:
        self.state.leading = -float(operands[1])
        self.move(operands)

    def next_line(self, _: Any) -> None:
        self.move((0, -self.state.leading))

    def show(self, operands: Any) -> None:
        items = operands[0] if isinstance(operands[0], list) else operands
        shown = b"".join(item for item in items if isinstance(item, bytes))
        if shown:
            self._shown(shown)

    def show_on_next_line(self, operands: Any) -> None:
        self.next_line(operands)
        self.show(operands[-1:])

    def _shown(self, shown: bytes) -> None:
        self.paint("text")
        font = self.state.font
        if font is None:
            return self.page.fault("font-missing", "text is shown without a font")
        glyphs = list(self._glyphs(font, shown))
        if self.current:
            self.current.text += glyphs
            if self.at_start:
                self.current.starts.append(self._start())
        self.at_start = False
        return None

    def _start(self) -> TextStart:
        _, _, c, d, e, f = multiply(self.text_matrix, self.state.matrix)
        return TextStart(e, f, self.state.size * (c * c + d * d) ** 0.5)

    def _glyphs(self, font: TextFont, shown: bytes) -> Iterator[str]:
        for code in font.codes(shown):
            if code == 0 and font.composite:
                self.page.fault("glyph-missing", f"the font {font.name} lacks a glyph: a box is printed")
            elif code not in font.unicode and font.unicode:
                self.page.fault("glyph-unmapped", f"the font {font.name} does not say what its glyph {code} stands for")
            yield font.unicode.get(code, chr(code) if not font.composite else "\ufffd")


def _matrix(operands: Any) -> Matrix:
    values = [number(item) for item in operands]
    a, b, c, d, e, f = [0.0 if value is None else value for value in values]
    return a, b, c, d, e, f


def _form_box(form: Any, matrix: Matrix) -> Box:
    left, low, right, high = numbers(entry(form, "/BBox"), 4) or (0.0, 0.0, 0.0, 0.0)
    return bounding_box([(left, low), (right, high), (left, high), (right, low)], matrix)


_HANDLERS = {
    b"BDC": _StreamInterpreter.begin, b"BMC": _StreamInterpreter.begin, b"EMC": _StreamInterpreter.end,
    b"q": _StreamInterpreter.save, b"Q": _StreamInterpreter.restore, b"cm": _StreamInterpreter.transform,
    b"m": _StreamInterpreter.point, b"l": _StreamInterpreter.point, b"c": _StreamInterpreter.point, b"v": _StreamInterpreter.point, b"y": _StreamInterpreter.point,
    b"re": _StreamInterpreter.rectangle, b"n": _StreamInterpreter.no_paint, b"sh": _StreamInterpreter.shade,
    **dict.fromkeys((b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"S", b"s"), _StreamInterpreter.draw),
    b"Do": _StreamInterpreter.x_object, b"INLINE IMAGE": _StreamInterpreter.picture,
    b"BT": _StreamInterpreter.begin_text, b"Tf": _StreamInterpreter.font, b"TL": _StreamInterpreter.set_leading, b"Tm": _StreamInterpreter.text_place,
    b"Td": _StreamInterpreter.move, b"TD": _StreamInterpreter.move_leading, b"T*": _StreamInterpreter.next_line,
    b"Tj": _StreamInterpreter.show, b"TJ": _StreamInterpreter.show, b"'": _StreamInterpreter.show_on_next_line, b'"': _StreamInterpreter.show_on_next_line,
}  # fmt: skip
