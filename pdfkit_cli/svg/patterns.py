"""Patterns: one tile, and the tiles of a shape side by side."""

from dataclasses import dataclass
from math import ceil, floor
from typing import Final
from xml.etree.ElementTree import Element

from pdfkit_cli.svg import geometry
from pdfkit_cli.svg.document import BOX_UNITS, MOST_USED, PLACE, Document, merged, placed
from pdfkit_cli.svg.frames import Around, Children, Size, fitted
from pdfkit_cli.svg.geometry import Box, Matrix, times
from pdfkit_cli.svg.model import Clip, Group, Item

MOST_TILES = 4_000
"""Tiles of a pattern in one shape: a hatch with a line each millimetre over half a page."""

_ATTRIBUTES: Final = (
    *PLACE,
    "viewBox",
    "preserveAspectRatio",
    "patternUnits",
    "patternContentUnits",
    "patternTransform",
)


@dataclass(frozen=True, slots=True)
class Tiles:
    """A pattern: one tile, and what is drawn on it; both are in the space of `matrix`."""

    matrix: Matrix
    box: Box
    content: Group
    alpha: float


class Patterns:
    """Reads the patterns of a document; `children` draws what is on a tile."""

    def __init__(self, document: Document, children: Children) -> None:
        self._document, self._children = document, children

    def tiles(self, element: Element, line: list[Element], box: Box, around: Around, opacity: float) -> Tiles | None:
        """Return a pattern (`line`: it and those that it refers to) for a shape with a box; None where it paints nothing."""
        own = placed(line[0], merged(line, _ATTRIBUTES))
        source = next((one for one in line if len(one)), line[0])
        place = self._document.region(own, {}, box, around.size, "patternUnits", BOX_UNITS, (0, 0, 0, 0))
        matrix = self._document.transform(own, {}, "patternTransform")
        if place[2] <= 0 or place[3] <= 0 or not geometry.determinant(matrix) or not opacity:
            return None
        if around.depth > MOST_USED:
            self._document.report(element, "is filled with itself; remove the reference")
            return None
        view, size = self._document.view(own), around.size
        inner: Matrix = (1, 0, 0, 1, place[0], place[1])
        if view:
            inner, size = (
                times(fitted(view, place[2], place[3], self._document.fit(own)), inner),
                Size(view[2], view[3]),
            )
        elif own.get("patternContentUnits") == BOX_UNITS:
            inner, size = times((box[2], 0, 0, box[3], 0, 0), inner), Size(1, 1)
        inside = Around(
            self._document.sheet.style(source, self._document.inherited(source)), size, depth=around.depth + 1
        )
        return Tiles(matrix, place, Group(tuple(self._children(source, inside)), inner), opacity)

    def laid(self, element: Element, tiles: Tiles, area: Clip) -> list[Item]:
        """Return the tiles of a pattern as they lie side by side: as a pattern of PDF not every reader draws them without gaps."""
        x, y, width, height = tiles.box
        box = geometry.bounds(area.path) or (0, 0, 0, 0)
        left, top, across, down = geometry.around(box, geometry.inverse(tiles.matrix))
        columns = range(floor((left - x) / width), ceil((left + across - x) / width))
        rows = range(floor((top - y) / height), ceil((top + down - y) / height))
        if len(columns) * len(rows) > MOST_TILES:
            self._document.report(
                element, f"is filled with more than {MOST_TILES:,} tiles of a <pattern>; make the tile larger"
            )
            return []
        cut = (Clip(geometry.rectangle(*tiles.box)),)
        laid = (
            Group((tiles.content,), (1, 0, 0, 1, column * width, row * height), clips=cut)
            for row in rows
            for column in columns
        )
        return (
            [Group((Group(tuple(laid), tiles.matrix),), opacity=tiles.alpha, clips=(area,))]
            if tiles.content.items
            else []
        )
