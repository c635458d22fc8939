"""The context in which an element is drawn: its viewport, and what it inherits from the elements around it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import hypot
from typing import Final, NamedTuple, TypeAlias
from xml.etree.ElementTree import Element

from pdfkit_cli.pdf.geometry import IDENTITY, Matrix, multiply
from pdfkit_cli.pdf.images.svg import geometry
from pdfkit_cli.pdf.images.svg.geometry import Box
from pdfkit_cli.pdf.images.svg.model import DrawingGroup, DrawingItem, Paint, PathShape
from pdfkit_cli.pdf.images.svg.style import Style

_SHARE: Final = {"Min": 0.0, "Mid": 0.5, "Max": 1.0}
FIT: Final = re.compile(r"none|x(Min|Mid|Max)Y(Min|Mid|Max)(\s+(meet|slice))?|none\s+(meet|slice)")


class FrameSize(NamedTuple):
    """The viewport that percentages refer to."""

    width: float
    height: float

    @property
    def diagonal(self) -> float:
        return hypot(self.width, self.height) / 2**0.5


@dataclass(frozen=True, slots=True)
class DrawingContext:
    """The context of an element: inherited properties, viewport, the paints of the shape that a marker is on, depth of references."""

    style: Style
    size: FrameSize
    context: tuple[Paint | None, Paint | None] | None = None
    depth: int = 0


ChildReader: TypeAlias = Callable[[Element, DrawingContext], list[DrawingItem]]
"""Returns what is drawn inside an element."""


def viewport_transform(view: Box, width: float, height: float, how: str) -> Matrix:
    """Return the matrix that fits a viewBox into a viewport (SVG 2, 8.6): `how` is a preserveAspectRatio."""
    words = how.split()
    align = words[0] if words else "xMidYMid"
    x, y, view_width, view_height = view
    across, down = width / view_width, height / view_height
    if align == "none":
        return across, 0, 0, down, -x * across, -y * down
    scale = max(across, down) if words[1:] == ["slice"] else min(across, down)
    left = (width - view_width * scale) * _SHARE[align[1:4]]
    top = (height - view_height * scale) * _SHARE[align[5:8]]
    return scale, 0, 0, scale, left - x * scale, top - y * scale


def items_bounds(items: Sequence[DrawingItem], matrix: Matrix = IDENTITY) -> Box | None:
    """Return the bounding box of items, without strokes, clips and masks."""
    found: list[Box] = []
    for item in items:
        if isinstance(item, DrawingGroup):
            box = items_bounds(item.items, multiply(item.matrix, matrix))
        elif isinstance(item, PathShape):
            box = geometry.path_bounds(geometry.transform_path(item.path, matrix))
        else:
            box = geometry.transform_box((0, 0, 1, 1), multiply(item.matrix, matrix))
        if box:
            found.append(box)
    return geometry.union(found)
