"""Converts an SVG file to a drawing, and reports everything in it that cannot be drawn."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final
from xml.etree.ElementTree import Element

from pdfkit_cli.pdf.geometry import IDENTITY, multiply
from pdfkit_cli.pdf.images.svg import geometry, images, tree
from pdfkit_cli.pdf.images.svg.compositing import Compositor
from pdfkit_cli.pdf.images.svg.document import MAX_REFERENCE_DEPTH, SvgDocument, SvgProblem
from pdfkit_cli.pdf.images.svg.frames import DrawingContext, FrameSize, viewport_transform
from pdfkit_cli.pdf.images.svg.geometry import Box, Path
from pdfkit_cli.pdf.images.svg.markers import MarkerReader
from pdfkit_cli.pdf.images.svg.model import Clip, Drawing, DrawingGroup, DrawingItem, Paint, PathShape, StrokeStyle
from pdfkit_cli.pdf.images.svg.outlines import SHAPE_TAGS, ShapeReader
from pdfkit_cli.pdf.images.svg.paints import PaintReader, PaintServer
from pdfkit_cli.pdf.images.svg.patterns import PatternReader, TilingPattern
from pdfkit_cli.pdf.images.svg.style import Style, parse_colour

MAX_VISITS = 100_000
"""Largest number of elements drawn, each counted as often as it is used: a detailed anatomical drawing has about 10,000."""

_DEFAULT_PAINT_ORDER: Final = ("fill", "stroke", "markers")


@dataclass(frozen=True, slots=True)
class _StyledPath:
    """A path, its stroke style, and its fill rule."""

    path: Path
    pen: StrokeStyle
    even_odd: bool


def read_drawing(root: Element) -> tuple[Drawing, tuple[SvgProblem, ...]]:
    """Return the drawing of an SVG, and everything in it that a browser would draw differently."""
    reader = _DrawingReader(root)
    drawing = reader.drawing()
    return drawing, tuple(dict.fromkeys(reader.problems))


class _DrawingReader:
    def __init__(self, root: Element) -> None:
        self._root = root
        self._visits = 0
        self._document = SvgDocument(root)
        self._shapes = ShapeReader(self._document)
        self._patterns = PatternReader(self._document, self._children)
        self._paints = PaintReader(self._document, self._patterns)
        self._compositor = Compositor(self._document, self._shapes, self._children)
        self._markers = MarkerReader(self._document, self._compositor, self._children)

    @property
    def problems(self) -> list[SvgProblem]:
        return self._document.problems

    def drawing(self) -> Drawing:
        root = self._root
        style = self._document.sheet.style(root, {})
        width, height = (self._document.own_size(root, style, key) for key in ("width", "height"))
        view = self._document.view(root)
        if view is None:
            if width and height:
                view = (0.0, 0.0, width, height)
            else:
                self._document.report(root, "has no viewBox and no width and height in its <svg>; give it a viewBox")
                view = (0.0, 0.0, 100.0, 100.0)
        fit = self._document.fit(root) if root.get("viewBox") else "none"
        size = FrameSize(view[2], view[3])
        if "transform" in style or root.get("transform"):
            self._document.report(root, "has a transform at its <svg>; move it to a <g>")
        items = list(self._background(root, style, view)) + self._children(root, DrawingContext(style, size))
        content = self._compositor.wrapped(root, style, items, IDENTITY, DrawingContext(style, size))
        return Drawing(width, height, view, fit, DrawingGroup(tuple(content)))

    def _background(self, root: Element, style: Style, view: Box) -> Iterator[DrawingItem]:
        text = style.get("background-color") or style.get("background", "none")
        if text.lower() in ("none", "transparent"):
            return
        found = parse_colour(text)
        if found is None:
            self._document.report(root, f"has the background {text[:40]}; draw a rectangle instead")
        elif found.alpha:
            yield PathShape(geometry.rectangle(*view), found, None, StrokeStyle(0.0))

    # Elements

    def _children(self, element: Element, around: DrawingContext) -> list[DrawingItem]:
        return [item for child in element for item in self._items(child, around)]

    def _items(self, element: Element, around: DrawingContext) -> list[DrawingItem]:
        """Return the items of an element, in the space of its parent."""
        self._visits += 1
        if self._visits == MAX_VISITS:
            self._document.report(element, f"draws more than {MAX_VISITS:,} elements; export the drawing as a PNG")
        if self._visits >= MAX_VISITS:
            return []
        tag = tree.local_name(element)
        style = self._document.sheet.style(element, around.style)
        inside = replace(around, style=style)
        if style.get("display") == "none":
            return []
        if element is not self._root and ("background" in style or "background-color" in style):
            self._document.report(element, f"has a background at <{tag}>; draw a rectangle instead")
        if tag in ("g", "a"):
            items = self._children(element, inside)
        elif tag == "switch":
            items = self._items(element[0], inside) if len(element) else []
        elif tag == "svg":
            items = self._viewport_items(element, style, inside, self._document.place(element, style, inside))
        elif tag == "use":
            items = self._use_items(element, style, inside)
        elif tag == "image":
            items = images.read_image(self._document, element, style, inside)
        elif tag in SHAPE_TAGS:
            items = self._shape_items(element, style, inside)
        else:
            return []
        matrix = self._document.transform(element, style)
        if tag == "use":
            x, y = (self._document.length(element, style, key, 0.0, around.size) for key in "xy")
            matrix = multiply((1, 0, 0, 1, x, y), matrix)
        return self._compositor.wrapped(element, style, items, matrix, inside)

    def _viewport_items(self, element: Element, style: Style, around: DrawingContext, place: Box) -> list[DrawingItem]:
        """Return the content of a nested `svg` or a `symbol`, fitted into its viewport and clipped."""
        x, y, width, height = place
        if width <= 0 or height <= 0:
            return []
        view = self._document.view(element)
        matrix = viewport_transform(view, width, height, self._document.fit(element)) if view else IDENTITY
        size = FrameSize(view[2], view[3]) if view else FrameSize(width, height)
        inner = DrawingGroup(tuple(self._children(element, replace(around, size=size))), matrix)
        shown = style.get("overflow", "hidden") in ("visible", "auto")
        clips = () if shown else (Clip(geometry.rectangle(0, 0, width, height)),)
        return [DrawingGroup((inner,), (1, 0, 0, 1, x, y), clips=clips)] if inner.items else []

    def _use_items(self, element: Element, style: Style, around: DrawingContext) -> list[DrawingItem]:
        target = self._document.target(tree.href(element))
        if target is None:
            return []
        if around.depth > MAX_REFERENCE_DEPTH:
            self._document.report(element, "uses itself; remove the reference")
            return []
        around = replace(around, depth=around.depth + 1)
        if tree.local_name(target) not in ("symbol", "svg"):
            return self._items(target, around)
        own = self._document.sheet.style(target, around.style)
        if own.get("display") == "none":
            return []
        width, height = (
            self._document.length(
                element, style, key, self._document.length(target, own, key, whole, around.size), around.size
            )
            for key, whole in (("width", around.size.width), ("height", around.size.height))
        )
        x, y = (self._document.length(target, own, key, 0.0, around.size) for key in "xy")
        framed = self._viewport_items(target, own, replace(around, style=own), (x, y, width, height))
        return self._compositor.wrapped(target, own, framed, self._document.transform(target, own), around)

    def _shape_items(self, element: Element, style: Style, around: DrawingContext) -> list[DrawingItem]:
        if style.get("visibility", "visible") != "visible":
            return []
        path = self._shapes.path(element, style, around.size)
        if not path:
            return []
        pen = self._shapes.pen(element, style, around.size)
        fill = self._paints.paint(element, style, "fill", path, around)
        stroke = self._paints.paint(element, style, "stroke", path, around) if pen.width > 0 else None
        if isinstance(stroke, TilingPattern):
            self._document.report(element, "has a stroke of a <pattern>; turn the stroke into a path")
            stroke = None
        return self._painted_items(
            element, style, _StyledPath(path, pen, style.get("fill-rule") == "evenodd"), (fill, stroke), around
        )

    def _painted_items(
        self,
        element: Element,
        style: Style,
        outline: _StyledPath,
        paints: tuple[PaintServer | None, Paint | None],
        around: DrawingContext,
    ) -> list[DrawingItem]:
        fill, stroke = paints
        colour = fill if not isinstance(fill, TilingPattern) else None
        markers = self._markers.marks(
            element, style, outline.path, outline.pen, replace(around, context=(colour, stroke))
        )
        area = geometry.filled_parts(outline.path) if fill else ()
        line = geometry.stroked_parts(outline.path, ends_show=outline.pen.cap > 0) if stroke else ()
        parts: dict[str, list[DrawingItem]] = {"fill": [], "stroke": [], "markers": markers}
        if isinstance(fill, TilingPattern):
            parts["fill"] = self._patterns.tiled(element, fill, Clip(area, outline.even_odd)) if area else []
        elif area:
            parts["fill"] += [PathShape(area, fill, None, outline.pen, outline.even_odd)]
        if line:
            parts["stroke"] += [PathShape(line, None, stroke, outline.pen)]
        order = self._paint_order(element, style)
        if order == _DEFAULT_PAINT_ORDER and area == line and colour:
            return [PathShape(area, colour, stroke, outline.pen, outline.even_odd), *markers]
        return [item for part in order for item in parts[part]]

    def _paint_order(self, element: Element, style: Style) -> tuple[str, ...]:
        words = style.get("paint-order", "normal").lower().split()
        if set(words) - {"normal", *_DEFAULT_PAINT_ORDER}:
            self._document.report(
                element, f"has paint-order: {style['paint-order'][:40]}; draw the parts in their order"
            )
        last = len(_DEFAULT_PAINT_ORDER)
        return tuple(sorted(_DEFAULT_PAINT_ORDER, key=lambda part: words.index(part) if part in words else last))
