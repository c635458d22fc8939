"""Markers: what is drawn at the vertices of a path."""

from dataclasses import replace
from typing import Final
from xml.etree.ElementTree import Element

from pdfkit_cli.svg import geometry, tree
from pdfkit_cli.svg.compositing import Compositor
from pdfkit_cli.svg.document import MOST_USED, Document
from pdfkit_cli.svg.frames import Around, Children, Size, fitted
from pdfkit_cli.svg.geometry import IDENTITY, Path, times
from pdfkit_cli.svg.model import Clip, Group, Item, Pen
from pdfkit_cli.svg.style import Style

_MARKED: Final = ("path", "line", "polyline", "polygon")
_ENDS: Final = ("start", "mid", "end")


class Markers:
    """Reads the markers of a document; `children` draws what is in one."""

    def __init__(self, document: Document, compositor: Compositor, children: Children) -> None:
        self._document, self._compositor, self._children = document, compositor, children

    def marks(self, element: Element, style: Style, path: Path, pen: Pen, around: Around) -> list[Item]:
        """Return the markers of a shape, in the order of its vertices."""
        if tree.name(element) not in _MARKED or all(style.get(f"marker-{end}", "none") == "none" for end in _ENDS):
            return []
        start, middle, end = (self._document.referred(element, style, f"marker-{end}", "marker") for end in _ENDS)
        points = geometry.vertices(path)
        found: list[Item] = []
        for at, vertex in enumerate(points):
            marker = start if not at else end if at == len(points) - 1 else middle
            if marker is not None:
                found += self._marker(marker, vertex, pen, around, first=not at)
            if len(points) == 1 and end is not None:
                found += self._marker(end, vertex, pen, around, first=False)
        return found

    def _marker(self, marker: Element, vertex: geometry.Vertex, pen: Pen, around: Around, *, first: bool) -> list[Item]:
        """Return what a marker draws at a vertex."""
        if around.depth > MOST_USED:
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
        inner = fitted(view, width, height, self._document.fit(marker)) if view else IDENTITY
        reference = complex(
            *(self._document.number(marker, key, marker.get(key, "0"), 0.0) for key in ("refX", "refY"))
        )
        at = geometry.moved(reference, inner)
        matrix = times((1, 0, 0, 1, -at.real, -at.imag), (scale, 0, 0, scale, 0, 0))
        turned = geometry.rotation(self._turn(marker, vertex, first=first))
        matrix = times(times(matrix, turned), (1, 0, 0, 1, vertex.at.real, vertex.at.imag))
        size = Size(view[2], view[3]) if view else Size(width, height)
        inside = replace(around, style=style, size=size, depth=around.depth + 1)
        content = Group(tuple(self._children(marker, inside)), inner)
        shown = style.get("overflow", "hidden") in ("visible", "auto")
        clips = () if shown else (Clip(geometry.rectangle(0, 0, width, height)),)
        framed: list[Item] = [Group((content,), matrix, clips=clips)] if content.items else []
        return self._compositor.wrapped(marker, style, framed, IDENTITY, around)

    def _turn(self, marker: Element, vertex: geometry.Vertex, *, first: bool) -> float:
        orient = marker.get("orient", "0").strip()
        if orient in ("auto", "auto-start-reverse"):
            return vertex.angle + (180 if first and orient != "auto" else 0)
        try:
            return float(orient.removesuffix("deg"))
        except ValueError:
            self._document.report(marker, f"has orient=“{orient[:20]}”; use auto, auto-start-reverse or degrees")
            return 0.0
