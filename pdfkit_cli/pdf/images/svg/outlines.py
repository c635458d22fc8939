"""The outlines of shapes: paths from their attributes, and their stroke styles."""

import re
from typing import Final
from xml.etree.ElementTree import Element

from pdfkit_cli.pdf.images.svg import geometry, tree
from pdfkit_cli.pdf.images.svg.document import SvgDocument
from pdfkit_cli.pdf.images.svg.frames import FrameSize
from pdfkit_cli.pdf.images.svg.geometry import InvalidValueError, Path
from pdfkit_cli.pdf.images.svg.model import StrokeStyle
from pdfkit_cli.pdf.images.svg.style import Style

SHAPE_TAGS: Final = ("path", "rect", "circle", "ellipse", "line", "polyline", "polygon")
_CAPS: Final = {"butt": 0, "round": 1, "square": 2}
_JOINS: Final = {"miter": 0, "round": 1, "bevel": 2}


class ShapeReader:
    """Reads the paths and pens of a document."""

    def __init__(self, document: SvgDocument) -> None:
        self._document = document

    def path(self, element: Element, style: Style, size: FrameSize) -> Path:
        """Return the outline of a shape; nothing where it has no size, or cannot be read."""
        tag = tree.local_name(element)
        key = "d" if tag == "path" else "points"
        try:
            if tag == "path":
                return geometry.parse_path(element.get("d", "")) if element.get("d", "none") != "none" else ()
            if tag in ("polyline", "polygon"):
                return geometry.polygon(geometry.parse_numbers(element.get("points", "")), closed=tag == "polygon")
        except InvalidValueError as error:
            self._document.report(element, f"has data in {key} that break at “{error}”; save it again")
            return ()
        if tag == "line":
            ends = [self._document.length(element, style, key, 0.0, size) for key in ("x1", "y1", "x2", "y2")]
            return geometry.polygon(ends, closed=False)
        if tag == "rect":
            return self._rectangle(element, style, size)
        cx, cy = (self._document.length(element, style, key, 0.0, size) for key in ("cx", "cy"))
        if tag == "circle":
            r = self._document.length(element, style, "r", 0.0, size)
            return geometry.ellipse(cx, cy, r, r) if r > 0 else ()
        rx, ry = self._radii(element, style, size)
        return geometry.ellipse(cx, cy, rx, ry) if rx > 0 and ry > 0 else ()

    def _rectangle(self, element: Element, style: Style, size: FrameSize) -> Path:
        x, y, width, height = (
            self._document.length(element, style, key, 0.0, size) for key in ("x", "y", "width", "height")
        )
        rx, ry = self._radii(element, style, size)
        return geometry.rectangle(x, y, width, height, max(0.0, rx), max(0.0, ry)) if width > 0 and height > 0 else ()

    def _radii(self, element: Element, style: Style, size: FrameSize) -> tuple[float, float]:
        """Return rx and ry; one that is missing equals the other."""
        rx, ry = (self._document.length(element, style, key, -1.0, size) for key in ("rx", "ry"))
        return (rx if rx >= 0 else ry), (ry if ry >= 0 else rx)

    def pen(self, element: Element, style: Style, size: FrameSize) -> StrokeStyle:
        """Return the style with which a shape is stroked."""
        dashes = self._dashes(element, style, size)
        if dashes and element.get("pathLength"):
            self._document.report(
                element,
                f"has pathLength at a dashed <{tree.local_name(element)}>; write the dashes in the units of the drawing",
            )
        join, cap = style.get("stroke-linejoin", "miter"), style.get("stroke-linecap", "butt")
        for key, value, known in (("stroke-linejoin", join, _JOINS), ("stroke-linecap", cap, _CAPS)):
            if value not in known:
                self._document.report(element, f"has {key}: {value[:40]}; use one of: {', '.join(known)}")
        return StrokeStyle(
            self._document.number(element, "stroke-width", style.get("stroke-width", "1"), size.diagonal),
            _CAPS.get(cap, 0),
            _JOINS.get(join, 0),
            self._document.number(element, "stroke-miterlimit", style.get("stroke-miterlimit", "4"), 1.0),
            dashes,
            self._document.number(element, "stroke-dashoffset", style.get("stroke-dashoffset", "0"), size.diagonal),
        )

    def _dashes(self, element: Element, style: Style, size: FrameSize) -> tuple[float, ...]:
        text = style.get("stroke-dasharray", "none")
        if text == "none":
            return ()
        words = [word for word in re.split(r"[\s,]+", text) if word]
        dashes = tuple(self._document.number(element, "stroke-dasharray", word, size.diagonal) for word in words)
        return dashes if all(dash >= 0 for dash in dashes) and any(dashes) else ()
