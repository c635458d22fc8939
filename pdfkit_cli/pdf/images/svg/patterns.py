"""Patterns: a tile, and a shape that is filled with its copies."""

from dataclasses import dataclass
from math import ceil, floor
from typing import Final
from xml.etree.ElementTree import Element

from pdfkit_cli.pdf.geometry import Matrix, multiply
from pdfkit_cli.pdf.images.svg import geometry
from pdfkit_cli.pdf.images.svg.document import (
    BOX_ATTRIBUTES,
    BOX_UNITS,
    MAX_REFERENCE_DEPTH,
    SvgDocument,
    element_at,
    merge_attributes,
)
from pdfkit_cli.pdf.images.svg.frames import ChildReader, DrawingContext, FrameSize, viewport_transform
from pdfkit_cli.pdf.images.svg.geometry import Box
from pdfkit_cli.pdf.images.svg.model import Clip, DrawingGroup, DrawingItem

MAX_TILES = 4_000
"""Tiles of a pattern in one shape: a hatch with a line each millimetre over half a page."""

_ATTRIBUTES: Final = (
    *BOX_ATTRIBUTES,
    *["viewBox", "preserveAspectRatio", "patternUnits", "patternContentUnits", "patternTransform"],
)


@dataclass(frozen=True, slots=True)
class TilingPattern:
    """A pattern: the box of one tile, and its content; both are in the space of `matrix`."""

    matrix: Matrix
    box: Box
    content: DrawingGroup
    alpha: float


class PatternReader:
    """Reads the patterns of a document; `children` draws the content of a tile."""

    def __init__(self, document: SvgDocument, children: ChildReader) -> None:
        self._document, self._children = document, children

    def pattern(
        self, element: Element, line: list[Element], box: Box, around: DrawingContext, opacity: float
    ) -> TilingPattern | None:
        """Return a pattern (`line`: it and those that it refers to) for a shape with a box; None if it paints nothing."""
        own = element_at(line[0], merge_attributes(line, _ATTRIBUTES))
        source = next((one for one in line if len(one)), line[0])
        place = self._document.region(own, {}, box, around.size, "patternUnits", BOX_UNITS, (0, 0, 0, 0))
        matrix = self._document.transform(own, {}, "patternTransform")
        if place[2] <= 0 or place[3] <= 0 or not geometry.determinant(matrix) or not opacity:
            return None
        if around.depth > MAX_REFERENCE_DEPTH:
            self._document.report(element, "is filled with itself; remove the reference")
            return None
        view, size = self._document.view(own), around.size
        inner: Matrix = (1, 0, 0, 1, place[0], place[1])
        if view:
            inner, size = (
                multiply(viewport_transform(view, place[2], place[3], self._document.fit(own)), inner),
                FrameSize(view[2], view[3]),
            )
        elif own.get("patternContentUnits") == BOX_UNITS:
            inner, size = multiply((box[2], 0, 0, box[3], 0, 0), inner), FrameSize(1, 1)
        inside = DrawingContext(
            self._document.sheet.style(source, self._document.inherited(source)), size, depth=around.depth + 1
        )
        return TilingPattern(matrix, place, DrawingGroup(tuple(self._children(source, inside)), inner), opacity)

    def tiled(self, element: Element, tiles: TilingPattern, area: Clip) -> list[DrawingItem]:
        """Return the tiles of a pattern one by one: not every viewer draws a PDF pattern without gaps."""
        x, y, width, height = tiles.box
        box = geometry.path_bounds(area.path) or (0, 0, 0, 0)
        left, top, across, down = geometry.transform_box(box, geometry.inverse(tiles.matrix))
        columns = range(floor((left - x) / width), ceil((left + across - x) / width))
        rows = range(floor((top - y) / height), ceil((top + down - y) / height))
        if len(columns) * len(rows) > MAX_TILES:
            self._document.report(
                element, f"is filled with more than {MAX_TILES:,} tiles of a <pattern>; make the tile larger"
            )
            return []
        cut = (Clip(geometry.rectangle(*tiles.box)),)
        laid = (
            DrawingGroup((tiles.content,), (1, 0, 0, 1, column * width, row * height), clips=cut)
            for row in rows
            for column in columns
        )
        return (
            [DrawingGroup((DrawingGroup(tuple(laid), tiles.matrix),), opacity=tiles.alpha, clips=(area,))]
            if tiles.content.items
            else []
        )
