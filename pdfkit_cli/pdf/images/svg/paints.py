"""Paints: the colours, gradients and patterns of fill and stroke."""

from dataclasses import replace
from math import hypot
from typing import Final, TypeAlias
from xml.etree.ElementTree import Element

from pdfkit_cli.pdf.geometry import multiply
from pdfkit_cli.pdf.images.svg import geometry, tree
from pdfkit_cli.pdf.images.svg.document import BOX_UNITS, REFERENCE, SvgDocument, element_at, merge_attributes
from pdfkit_cli.pdf.images.svg.frames import DrawingContext, FrameSize
from pdfkit_cli.pdf.images.svg.geometry import Box, Path
from pdfkit_cli.pdf.images.svg.model import Colour, Gradient, Paint
from pdfkit_cli.pdf.images.svg.patterns import PatternReader, TilingPattern
from pdfkit_cli.pdf.images.svg.style import Style, parse_colour

_BLACK: Final = Colour(0, 0, 0)
_SERVERS: Final = ("linearGradient", "radialGradient", "pattern")

PaintServer: TypeAlias = Paint | TilingPattern


class PaintReader:
    """Reads the paints of a document."""

    def __init__(self, document: SvgDocument, patterns: PatternReader) -> None:
        self._document, self._patterns = document, patterns

    def paint(self, element: Element, style: Style, key: str, path: Path, around: DrawingContext) -> PaintServer | None:
        """Return the paint of a path for `key`, fill or stroke; None for none."""
        text = style.get(key, "black" if key == "fill" else "none")
        opacity = self._document.share(element, f"{key}-opacity", style.get(f"{key}-opacity", "1"))
        match = REFERENCE.fullmatch(text)
        if match:
            target = self._document.target(match[2])
            if target is not None and tree.local_name(target) in _SERVERS:
                return self._server_paint(element, target, path, around, opacity)
            text = match[3] or "none"
        if text in ("context-fill", "context-stroke"):
            return self._context_paint(element, text, around, opacity)
        return self._colour(element, key, text, style, opacity) if text != "none" and opacity else None

    def _colour(self, element: Element, key: str, text: str, style: Style, opacity: float) -> Colour | None:
        if text.lower() == "currentcolor":
            text = style.get("color", "black")
            text = "black" if text.lower() == "currentcolor" else text
        found = parse_colour(text)
        if found is None:
            self._document.report(element, f"has {key}: {text[:40]}, which is not a colour here; write it as #rrggbb")
            return _BLACK
        return replace(found, alpha=found.alpha * opacity) if found.alpha * opacity else None

    def _context_paint(self, element: Element, text: str, around: DrawingContext, opacity: float) -> Paint | None:
        if around.context is None:
            return None
        paint = around.context[text == "context-stroke"]
        if paint is None or isinstance(paint, Colour):
            return replace(paint, alpha=paint.alpha * opacity) if paint else None
        self._document.report(
            element, f"has {text} of something that is not painted in one colour; give the marker its own colour"
        )
        return None

    def _server_paint(
        self, element: Element, target: Element, path: Path, around: DrawingContext, opacity: float
    ) -> PaintServer | None:
        box = geometry.path_bounds(path)
        if box is None:
            return None
        line = self._inherited_from(target)
        if tree.local_name(target) == "pattern":
            return self._patterns.pattern(element, line, box, around, opacity)
        return self._gradient(line, box, around.size, opacity)

    def _inherited_from(self, target: Element) -> list[Element]:
        """Return a gradient or pattern and those that it refers to, the nearest first."""
        line = [target]
        while (further := self._document.target(tree.href(line[-1]))) is not None and further not in line:
            if tree.local_name(further) not in _SERVERS:
                break
            line.append(further)
        return line

    def _gradient(self, line: list[Element], box: Box, size: FrameSize, opacity: float) -> Paint | None:
        kind, target = tree.local_name(line[0]), line[0]
        same = [element for element in line if tree.local_name(element) == kind]
        values = merge_attributes(line, ("gradientUnits", "gradientTransform", "spreadMethod"))
        values |= merge_attributes(same, ("x1", "y1", "x2", "y2", "cx", "cy", "r", "fx", "fy", "fr"))
        stops = self._stops(next((element for element in line if len(element)), target), opacity)
        if len({shade for _, shade in stops}) <= 1:
            return stops[0][1] if stops and stops[0][1].alpha else None
        if values.get("spreadMethod", "pad") != "pad":
            self._document.report(
                target, f"has spreadMethod=“{values['spreadMethod'][:20]}” at <{kind}>; draw the stripes as stops"
            )
        boxed = values.get("gradientUnits", BOX_UNITS) == BOX_UNITS
        matrix = self._document.transform(element_at(target, values), {}, "gradientTransform")
        if boxed:
            if not box[2] or not box[3]:
                return None
            matrix = multiply(matrix, (box[2], 0, 0, box[3], box[0], box[1]))
        if not geometry.determinant(matrix):
            return None
        found = self._coordinates(element_at(target, values), kind, FrameSize(1, 1) if boxed else size)
        return Gradient(found, matrix, stops) if found else stops[-1][1]

    def _coordinates(self, element: Element, kind: str, size: FrameSize) -> tuple[float, ...] | None:
        """Return the coordinates of a gradient; None if it has no length, so that its last colour is everywhere."""
        names = ("x1", "y1", "x2", "y2") if kind == "linearGradient" else ("cx", "cy", "r", "fr")
        defaults = (
            (0.0, 0.0, size.width, 0.0)
            if kind == "linearGradient"
            else (size.width / 2, size.height / 2, size.diagonal / 2, 0.0)
        )
        one, two, three, four = (
            self._document.length(element, {}, key, value, size) for key, value in zip(names, defaults, strict=True)
        )
        if kind == "linearGradient":
            return (one, two, three, four) if (one, two) != (three, four) else None
        fx, fy = (
            self._document.length(element, {}, "fx", one, size),
            self._document.length(element, {}, "fy", two, size),
        )
        if hypot(fx - one, fy - two) + four >= three > 0:
            self._document.report(
                element, "has a <radialGradient> whose focus is not inside its circle; move fx and fy inside"
            )
        return (fx, fy, four, one, two, three) if three > 0 else None

    def _stops(self, element: Element, opacity: float) -> tuple[tuple[float, Colour], ...]:
        found: list[tuple[float, Colour]] = []
        inherited = self._document.sheet.style(element, self._document.inherited(element))
        for stop in element:
            style = self._document.sheet.style(stop, inherited)
            offset = self._document.share(stop, "offset", stop.get("offset", "0"))
            alpha = opacity * self._document.share(stop, "stop-opacity", style.get("stop-opacity", "1"))
            shade = self._colour(stop, "stop-color", style.get("stop-color", "black"), style, 1.0) or replace(
                _BLACK, alpha=0.0
            )
            found.append((max([offset, *(at for at, _ in found[-1:])]), replace(shade, alpha=shade.alpha * alpha)))
        return tuple(found)
