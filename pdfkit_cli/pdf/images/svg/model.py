"""A drawing, independent of SVG: all lengths in the units of its own space, every colour as numbers."""

from dataclasses import dataclass
from typing import TypeAlias

from pdfkit_cli.pdf.geometry import IDENTITY, Matrix
from pdfkit_cli.pdf.images import rasters
from pdfkit_cli.pdf.images.svg.geometry import Box, Path


@dataclass(frozen=True, slots=True)
class Colour:
    """sRGB and opacity, 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0


@dataclass(frozen=True, slots=True)
class Gradient:
    """Colours along a line (x1, y1, x2, y2), or between two circles (x, y, r, x, y, r); at least two stops, ascending from 0 to 1."""

    coordinates: tuple[float, ...]
    matrix: Matrix
    stops: tuple[tuple[float, Colour], ...]


Paint: TypeAlias = Colour | Gradient


@dataclass(frozen=True, slots=True)
class StrokeStyle:
    """The style of a stroke; `cap` and `join` are the numbers in PDF."""

    width: float
    cap: int = 0
    join: int = 0
    miter: float = 4.0
    dashes: tuple[float, ...] = ()
    phase: float = 0.0


@dataclass(frozen=True, slots=True)
class PathShape:
    """A path, the paint that fills it, and the paint and style of its stroke."""

    path: Path
    fill: Paint | None
    stroke: Paint | None
    pen: StrokeStyle
    even_odd: bool = False


@dataclass(frozen=True, slots=True)
class RasterImage:
    """A PNG or JPEG in a drawing: its pixels fill the unit square of `matrix`, the first row at y = 0.

    One that is not in the file has an address and no data; it is refused.
    """

    data: bytes
    kind: str
    matrix: Matrix
    address: str = ""


@dataclass(frozen=True, slots=True)
class Clip:
    """A path; anything outside it is invisible."""

    path: Path
    even_odd: bool = False


@dataclass(frozen=True, slots=True)
class Mask:
    """A drawing whose luminance (or opacity, with `alpha`) is the opacity of what it masks; outside the box nothing is visible."""

    content: "DrawingGroup"
    box: Box
    alpha: bool = False


@dataclass(frozen=True, slots=True)
class DrawingGroup:
    """Items in a space of their own, painted as one if the group is not opaque or is masked; clips and mask are in that space."""

    items: "tuple[DrawingItem, ...]"
    matrix: Matrix = IDENTITY
    opacity: float = 1.0
    clips: tuple[Clip, ...] = ()
    mask: Mask | None = None


DrawingItem: TypeAlias = DrawingGroup | PathShape | RasterImage


@dataclass(frozen=True, slots=True)
class Drawing:
    """A complete drawing: its size in CSS pixels if it has one, the visible part of its space, and how that fits a viewport."""

    width: float | None
    height: float | None
    view: Box
    fit: str
    content: DrawingGroup

    @property
    def ratio(self) -> float:
        """Aspect ratio, width by height, of its size or else of its viewBox."""
        return self.width / self.height if self.width and self.height else self.view[2] / self.view[3]

    @property
    def see_through(self) -> bool:
        """Whether anything in it is not opaque, which some presses do not accept."""
        return _has_transparency(self.content)


def _has_transparency(item: DrawingItem | Paint | None) -> bool:
    match item:
        case DrawingGroup():
            return item.opacity < 1 or item.mask is not None or any(map(_has_transparency, item.items))
        case PathShape():
            return _has_transparency(item.fill) or _has_transparency(item.stroke)
        case Colour():
            return item.alpha < 1
        case Gradient():
            return any(colour.alpha < 1 for _, colour in item.stops)
        case RasterImage():
            return bool(item.data) and rasters.has_transparency(item.data, item.kind)
    return False
