"""Markers: symbols that are drawn at the vertices of a path."""

from dataclasses import replace
from typing import Final
from xml.etree.ElementTree import Element

from pdfkit_cli.pdf.geometry import IDENTITY, multiply
from pdfkit_cli.pdf.images.svg import geometry, tree
from pdfkit_cli.pdf.images.svg.compositing import Compositor
from pdfkit_cli.pdf.images.svg.document import MAX_REFERENCE_DEPTH, SvgDocument
from pdfkit_cli.pdf.images.svg.frames import ChildReader, DrawingContext, FrameSize, viewport_transform
from pdfkit_cli.pdf.images.svg.geometry import Path
from pdfkit_cli.pdf.images.svg.model import Clip, DrawingGroup, DrawingItem, StrokeStyle
from pdfkit_cli.pdf.images.svg.style import Style

_MARKED: Final = ("path", "line", "polyline", "polygon")
_ENDS: Final = ("start", "mid", "end")


class MarkerReader:
    """Reads the markers of a document; `children` draws the content of one."""

    def __init__(self, document: SvgDocument, compositor: Compositor, children: ChildReader) -> None:
        self._document, self._compositor, self._children = document, compositor, children

    def marks(
        self, element: Element, style: Style, path: Path, pen: StrokeStyle, around: DrawingContext
    ) -> list[DrawingItem]:
        """Return the markers of a shape, in the order of its vertices."""
        if tree.local_name(element) not in _MARKED or all(
            style.get(f"marker-{end}", "none") == "none" for end in _ENDS
        ):
            return []
        start, middle, end = (self._document.referred(element, style, f"marker-{end}", "marker") for end in _ENDS)
        points = geometry.vertices(path)
        found: list[DrawingItem] = []
        for at, vertex in enumerate(points):
            marker = start if not at else end if at == len(points) - 1 else middle
            if marker is not None:
                found += self._marker(marker, vertex, pen, around, first=not at)
            if len(points) == 1 and end is not None:
                found += self._marker(end, vertex, pen, around, first=False)
        return found

    def _marker(
        self, marker: Element, vertex: geometry.PathVertex, pen: StrokeStyle, around: DrawingContext, *, first: bool
    ) -> list[DrawingItem]:
        """Return the items of a marker at a vertex."""
        if around.depth > MAX_REFERENCE_DEPTH:
            self._document.report(marker, "marks itself; remove the reference")
            return []
        style = self._document.sheet.style(marker, self._document.inherited(marker))
        width, height = (
            self._document.number(marker, key, marker.get(key, "3"), 0.0) for key in ("markerWidth", "markerHeight")
        )
        scale = 1.0 if marker.get("markerUnits") == "userSpaceOnUse" else pen.width
        view = self._document.view(marker)
        if width <= 0 or height <= 0 or not scale or style.get("display") == "none":
            return []
        inner = viewport_transform(view, width, height, self._document.fit(marker)) if view else IDENTITY
        reference = complex(
            *(self._document.number(marker, key, marker.get(key, "0"), 0.0) for key in ("refX", "refY"))
        )
        at = geometry.transform_point(reference, inner)
        matrix = multiply((1, 0, 0, 1, -at.real, -at.imag), (scale, 0, 0, scale, 0, 0))
        turned = geometry.rotation(self._turn(marker, vertex, first=first))
        matrix = multiply(multiply(matrix, turned), (1, 0, 0, 1, vertex.at.real, vertex.at.imag))
        size = FrameSize(view[2], view[3]) if view else FrameSize(width, height)
        inside = replace(around, style=style, size=size, depth=around.depth + 1)
        content = DrawingGroup(tuple(self._children(marker, inside)), inner)
        shown = style.get("overflow", "hidden") in ("visible", "auto")
        clips = () if shown else (Clip(geometry.rectangle(0, 0, width, height)),)
        framed: list[DrawingItem] = [DrawingGroup((content,), matrix, clips=clips)] if content.items else []
        return self._compositor.wrapped(marker, style, framed, IDENTITY, around)

    def _turn(self, marker: Element, vertex: geometry.PathVertex, *, first: bool) -> float:
        orient = marker.get("orient", "0").strip()
        if orient in ("auto", "auto-start-reverse"):
            return vertex.angle + (180 if first and orient != "auto" else 0)
        try:
            return float(orient.removesuffix("deg"))
        except ValueError:
            self._document.report(marker, f"has orient=“{orient[:20]}”; use auto, auto-start-reverse or degrees")
            return 0.0
