"""What a drawing is made of, once no SVG is left in it: everything in the units of its own space, every colour as numbers."""

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
    """Colours along a line (x1, y1, x2, y2), or between two circles (x, y, r, x, y, r); at least two stops, from 0 to 1, rising."""

    coordinates: tuple[float, ...]
    matrix: Matrix
    stops: tuple[tuple[float, Colour], ...]


Paint: TypeAlias = Colour | Gradient


@dataclass(frozen=True, slots=True)
class StrokeStyle:
    """How a stroke is drawn; `cap` and `join` are the numbers of PDF."""

    width: float
    cap: int = 0
    join: int = 0
    miter: float = 4.0
    dashes: tuple[float, ...] = ()
    phase: float = 0.0


@dataclass(frozen=True, slots=True)
class PathShape:
    """A path, what fills it, and what draws its outline."""

    path: Path
    fill: Paint | None
    stroke: Paint | None
    pen: StrokeStyle
    even_odd: bool = False


@dataclass(frozen=True, slots=True)
class RasterImage:
    """A PNG or JPEG in a drawing: its pixels lie in the unit square of `matrix`, the first row at y = 0.

    One that is not in the file has an address and no data: a library refuses it, and so does the render.
    """

    data: bytes
    kind: str
    matrix: Matrix
    address: str = ""


@dataclass(frozen=True, slots=True)
class Clip:
    """What is outside is not seen."""

    path: Path
    even_odd: bool = False


@dataclass(frozen=True, slots=True)
class Mask:
    """A drawing whose lightness (or opacity, where `alpha` is set) says how much is seen; outside the box nothing is."""

    content: "DrawingGroup"
    box: Box
    alpha: bool = False


@dataclass(frozen=True, slots=True)
class DrawingGroup:
    """Items in a space of their own, painted as one where it is not opaque or masked; clips and mask are in that space."""

    items: "tuple[DrawingItem, ...]"
    matrix: Matrix = IDENTITY
    opacity: float = 1.0
    clips: tuple[Clip, ...] = ()
    mask: Mask | None = None


DrawingItem: TypeAlias = DrawingGroup | PathShape | RasterImage


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole drawing: its size in CSS pixels where it has one, the part of its space that is shown, and how that fits a frame."""

    width: float | None
    height: float | None
    view: Box
    fit: str
    content: DrawingGroup

    @property
    def ratio(self) -> float:
        """Width by height, of its size or else of what is shown."""
        return self.width / self.height if self.width and self.height else self.view[2] / self.view[3]

    @property
    def see_through(self) -> bool:
        """Whether anything in it is not opaque, which some presses do not take."""
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
