"""What a drawing is made of, once no SVG is left in it: everything in the units of its own space, every colour as numbers."""

from dataclasses import dataclass
from typing import TypeAlias

from pdfkit_cli import rasters
from pdfkit_cli.svg.geometry import IDENTITY, Box, Matrix, Path


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
class Pen:
    """How a stroke is drawn; `cap` and `join` are the numbers of PDF."""

    width: float
    cap: int = 0
    join: int = 0
    miter: float = 4.0
    dashes: tuple[float, ...] = ()
    phase: float = 0.0


@dataclass(frozen=True, slots=True)
class Shape:
    """A path, what fills it, and what draws its outline."""

    path: Path
    fill: Paint | None
    stroke: Paint | None
    pen: Pen
    even_odd: bool = False


@dataclass(frozen=True, slots=True)
class Photo:
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

    content: "Group"
    box: Box
    alpha: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Items in a space of their own, painted as one where it is not opaque or masked; clips and mask are in that space."""

    items: "tuple[Item, ...]"
    matrix: Matrix = IDENTITY
    opacity: float = 1.0
    clips: tuple[Clip, ...] = ()
    mask: Mask | None = None


Item: TypeAlias = Group | Shape | Photo


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole drawing: its size in CSS pixels where it has one, the part of its space that is shown, and how that fits a frame."""

    width: float | None
    height: float | None
    view: Box
    fit: str
    content: Group

    @property
    def ratio(self) -> float:
        """Width by height, of its size or else of what is shown."""
        return self.width / self.height if self.width and self.height else self.view[2] / self.view[3]

    @property
    def see_through(self) -> bool:
        """Whether anything in it is not opaque, which some presses do not take."""
        return _see_through(self.content)


def _see_through(item: Item | Paint | None) -> bool:
    match item:
        case Group():
            return item.opacity < 1 or item.mask is not None or any(map(_see_through, item.items))
        case Shape():
            return _see_through(item.fill) or _see_through(item.stroke)
        case Colour():
            return item.alpha < 1
        case Gradient():
            return any(colour.alpha < 1 for _, colour in item.stops)
        case Photo():
            return bool(item.data) and rasters.see_through(item.data, item.kind)
    return False
