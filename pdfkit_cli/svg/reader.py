"""Elements to shapes: references followed, lengths in numbers, markers where they stand, everything that cannot be drawn by its name."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, hypot
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import unquote_to_bytes
from xml.etree.ElementTree import Element

from pdfkit_cli import rasters
from pdfkit_cli.svg import allowed, geometry, tree
from pdfkit_cli.svg.geometry import IDENTITY, Box, Matrix, NotUnderstoodError, Path, times
from pdfkit_cli.svg.model import Clip, Colour, Drawing, Gradient, Group, Item, Mask, Paint, Pen, Photo, Shape
from pdfkit_cli.svg.style import Sheet, Style, colour

MOST_VISITS = 100_000
"""Elements that are drawn, each as often as it is used: a detailed anatomical drawing has some 10,000."""

MOST_TILES = 4_000
"""Tiles of a pattern in one shape: a hatch with a line each millimetre over half a page."""

MOST_USED = 30
"""References inside each other."""

BLACK: Final = Colour(0, 0, 0)
_UNITS: Final = {
    "": 1.0,
    "px": 1.0,
    "pt": 4 / 3,
    "pc": 16.0,
    "mm": 96 / 25.4,
    "cm": 96 / 2.54,
    "in": 96.0,
    "q": 96 / 101.6,
}
_LENGTH: Final = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([a-zA-Z]*|%)")
_REFERENCE: Final = re.compile(r"url\(\s*(['\"]?)([^'\")]*)\1\s*\)\s*(.*)", re.S)
_DATA: Final = re.compile(r"\s*data:image/(png|jpe?g)((?:;[^,;]*)*),(.*)", re.S | re.I)
_BOX_UNITS: Final = "objectBoundingBox"


class Problem(NamedTuple):
    """What cannot be drawn, and where it begins."""

    line: int
    column: int
    message: str


class Size(NamedTuple):
    """The frame that percentages are of."""

    width: float
    height: float

    @property
    def diagonal(self) -> float:
        return hypot(self.width, self.height) / 2**0.5


@dataclass(frozen=True, slots=True)
class _Around:
    """What an element is drawn in: inherited properties, the frame, what a marker's shape is painted with, how deep in references."""

    style: Style
    size: Size
    context: tuple[Paint | None, Paint | None] | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class _Outline:
    """A path, the pen that draws it, and how its inside is found."""

    path: Path
    pen: Pen
    even_odd: bool


@dataclass(frozen=True, slots=True)
class _Tiles:
    """A pattern: one tile, and what is drawn on it; both are in the space of `matrix`."""

    matrix: Matrix
    box: Box
    content: Group
    alpha: float


_Server: TypeAlias = Paint | _Tiles


def read(root: Element) -> tuple[Drawing, tuple[Problem, ...]]:
    """Return the drawing of an SVG, and everything in it that a browser would draw in another way."""
    reader = _Reader(root)
    drawing = reader.drawing()
    return drawing, tuple(dict.fromkeys(reader.problems))


def fitted(view: Box, width: float, height: float, how: str) -> Matrix:
    """Return the matrix that fits what is shown into a frame (SVG 2, 8.6): `how` is a preserveAspectRatio."""
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


_SHARE: Final = {"Min": 0.0, "Mid": 0.5, "Max": 1.0}
_FIT: Final = re.compile(r"none|x(Min|Mid|Max)Y(Min|Mid|Max)(\s+(meet|slice))?|none\s+(meet|slice)")


def box_of(items: Sequence[Item], matrix: Matrix = IDENTITY) -> Box | None:
    """Return the box around what items paint, without strokes, clips and masks."""
    found: list[Box] = []
    for item in items:
        if isinstance(item, Group):
            box = box_of(item.items, times(item.matrix, matrix))
        elif isinstance(item, Shape):
            box = geometry.bounds(geometry.transformed(item.path, matrix))
        else:
            box = geometry.around((0, 0, 1, 1), times(item.matrix, matrix))
        if box:
            found.append(box)
    return geometry.joined(found)


class _Reader:
    def __init__(self, root: Element) -> None:
        self.problems: list[Problem] = []
        self._root = root
        self._visits = 0
        for element, message in allowed.problems(root):
            self._report(element, message)
        self._sheet = Sheet(root, self._report)
        self._above = tree.parents(root)
        self._ids: dict[str, Element] = {}
        for element in root.iter():
            self._ids.setdefault(element.get("id", ""), element)

    def _report(self, element: Element, message: str) -> None:
        self.problems.append(Problem(*tree.place(element), message))

    # The whole

    def drawing(self) -> Drawing:
        root = self._root
        style = self._sheet.style(root, {})
        width, height = (self._own_size(root, style, key) for key in ("width", "height"))
        view = self._view(root)
        if view is None:
            if width and height:
                view = (0.0, 0.0, width, height)
            else:
                self._report(root, "has no viewBox and no width and height in its <svg>; give it a viewBox")
                view = (0.0, 0.0, 100.0, 100.0)
        fit = self._fit(root) if root.get("viewBox") else "none"
        size = Size(view[2], view[3])
        if "transform" in style or root.get("transform"):
            self._report(root, "has a transform at its <svg>; move it to a <g>")
        items = list(self._background(root, style, view)) + self._children(root, _Around(style, size))
        return Drawing(
            width, height, view, fit, Group(tuple(self._wrapped(root, style, items, IDENTITY, _Around(style, size))))
        )

    def _own_size(self, root: Element, style: Style, key: str) -> float | None:
        text = style.get(key, root.get(key, "")).strip()
        if not text or text == "auto" or text.endswith("%"):
            return None
        value = self._number(root, key, text, 0.0)
        return value if value > 0 else None

    def _background(self, root: Element, style: Style, view: Box) -> Iterator[Item]:
        text = style.get("background-color") or style.get("background", "none")
        if text.lower() in ("none", "transparent"):
            return
        found = colour(text)
        if found is None:
            self._report(root, f"has the background {text[:40]}; draw a rectangle instead")
        elif found.alpha:
            yield Shape(geometry.rectangle(*view), found, None, Pen(0.0))

    # Elements

    def _children(self, element: Element, around: _Around) -> list[Item]:
        return [item for child in element for item in self._items(child, around)]

    def _items(self, element: Element, around: _Around) -> list[Item]:
        """Return what an element paints, in the space of its parent."""
        self._visits += 1
        if self._visits == MOST_VISITS:
            self._report(element, f"draws more than {MOST_VISITS:,} elements; export the drawing as a PNG")
        if self._visits >= MOST_VISITS:
            return []
        tag = tree.name(element)
        style = self._sheet.style(element, around.style)
        inside = replace(around, style=style)
        if style.get("display") == "none":
            return []
        if element is not self._root and ("background" in style or "background-color" in style):
            self._report(element, f"has a background at <{tag}>; draw a rectangle instead")
        if tag in ("g", "a"):
            items = self._children(element, inside)
        elif tag == "switch":
            items = self._items(element[0], inside) if len(element) else []
        elif tag == "svg":
            items = self._framed(element, style, inside, self._place(element, style, inside))
        elif tag == "use":
            items = self._used(element, style, inside)
        elif tag == "image":
            items = self._image(element, style, inside)
        elif tag in _SHAPES:
            items = self._shape(element, style, inside)
        else:
            return []
        matrix = self._transform(element, style)
        if tag == "use":
            x, y = (self._length(element, style, key, 0.0, around.size) for key in "xy")
            matrix = times((1, 0, 0, 1, x, y), matrix)
        return self._wrapped(element, style, items, matrix, inside)

    def _place(self, element: Element, style: Style, around: _Around) -> Box:
        """Return x, y, width and height of a nested `svg`, a `symbol` or an `image`."""
        x, y = (self._length(element, style, key, 0.0, around.size) for key in "xy")
        width = self._length(element, style, "width", around.size.width, around.size)
        height = self._length(element, style, "height", around.size.height, around.size)
        return x, y, width, height

    def _framed(self, element: Element, style: Style, around: _Around, place: Box) -> list[Item]:
        """Return what is in a nested `svg` or a `symbol`, fitted into its place and cut off there."""
        x, y, width, height = place
        if width <= 0 or height <= 0:
            return []
        view = self._view(element)
        matrix = fitted(view, width, height, self._fit(element)) if view else IDENTITY
        size = Size(view[2], view[3]) if view else Size(width, height)
        inner = Group(tuple(self._children(element, replace(around, size=size))), matrix)
        shown = style.get("overflow", "hidden") in ("visible", "auto")
        clips = () if shown else (Clip(geometry.rectangle(0, 0, width, height)),)
        return [Group((inner,), (1, 0, 0, 1, x, y), clips=clips)] if inner.items else []

    def _used(self, element: Element, style: Style, around: _Around) -> list[Item]:
        target = self._target(tree.href(element))
        if target is None:
            return []
        if around.depth > MOST_USED:
            self._report(element, "uses itself; remove the reference")
            return []
        around = replace(around, depth=around.depth + 1)
        if tree.name(target) not in ("symbol", "svg"):
            return self._items(target, around)
        own = self._sheet.style(target, around.style)
        if own.get("display") == "none":
            return []
        width, height = (
            self._length(element, style, key, self._length(target, own, key, whole, around.size), around.size)
            for key, whole in (("width", around.size.width), ("height", around.size.height))
        )
        x, y = (self._length(target, own, key, 0.0, around.size) for key in "xy")
        framed = self._framed(target, own, replace(around, style=own), (x, y, width, height))
        return self._wrapped(target, own, framed, self._transform(target, own), around)

    def _image(self, element: Element, style: Style, around: _Around) -> list[Item]:
        match = _DATA.match(tree.href(element) or "")
        if match is None:
            address = (tree.href(element) or "").strip()
            if address.startswith("data:"):
                self._report(element, "contains an <image> that is neither PNG nor JPEG; save it as one of them")
            return [Photo(b"", "", IDENTITY, address)] if address and not address.startswith("data:") else []
        kind = "PNG" if match[1].lower() == "png" else "JPEG"
        data = _decoded(match[2], match[3])
        if problem := rasters.problem(data, kind):
            self._report(element, f"contains an <image> that {problem}")
            return []
        if style.get("visibility", "visible") != "visible":
            return []
        across, down = rasters.shown_size(data)
        x, y, _, _ = self._place(element, style, around)
        width, height = (self._length(element, style, key, 0.0, around.size) for key in ("width", "height"))
        width, height = _image_size(width, height, across, down)
        fit = self._fit(element)
        matrix = times((across, 0, 0, down, 0, 0), fitted((0, 0, across, down), width, height, fit))
        clips = (Clip(geometry.rectangle(0, 0, width, height)),) if "slice" in fit else ()
        return [Group((Photo(data, kind, matrix),), (1, 0, 0, 1, x, y), clips=clips)]

    def _shape(self, element: Element, style: Style, around: _Around) -> list[Item]:
        if style.get("visibility", "visible") != "visible":
            return []
        path = self._path(element, style, around.size)
        if not path:
            return []
        pen = self._pen(element, style, around.size)
        fill = self._paint(element, style, "fill", path, around)
        stroke = self._paint(element, style, "stroke", path, around) if pen.width > 0 else None
        if isinstance(stroke, _Tiles):
            self._report(element, "has a stroke of a <pattern>; turn the stroke into a path")
            stroke = None
        return self._painted(
            element, style, _Outline(path, pen, style.get("fill-rule") == "evenodd"), (fill, stroke), around
        )

    def _painted(
        self,
        element: Element,
        style: Style,
        outline: "_Outline",
        paints: "tuple[_Server | None, Paint | None]",
        around: _Around,
    ) -> list[Item]:
        fill, stroke = paints
        colour = fill if not isinstance(fill, _Tiles) else None
        markers = self._markers(element, style, outline.path, outline.pen, replace(around, context=(colour, stroke)))
        area = geometry.filled(outline.path) if fill else ()
        line = geometry.drawn(outline.path, ends_show=outline.pen.cap > 0) if stroke else ()
        parts: dict[str, list[Item]] = {"fill": [], "stroke": [], "markers": markers}
        if isinstance(fill, _Tiles):
            parts["fill"] = self._tiled(element, fill, Clip(area, outline.even_odd)) if area else []
        elif area:
            parts["fill"] += [Shape(area, fill, None, outline.pen, outline.even_odd)]
        if line:
            parts["stroke"] += [Shape(line, None, stroke, outline.pen)]
        order = self._order(element, style)
        if order == _USUAL and area == line and colour:
            return [Shape(area, colour, stroke, outline.pen, outline.even_odd), *markers]
        return [item for part in order for item in parts[part]]

    def _order(self, element: Element, style: Style) -> tuple[str, ...]:
        words = style.get("paint-order", "normal").lower().split()
        if set(words) - {"normal", *_USUAL}:
            self._report(element, f"has paint-order: {style['paint-order'][:40]}; draw the parts in their order")
        return tuple(sorted(_USUAL, key=lambda part: words.index(part) if part in words else len(_USUAL)))

    def _tiled(self, element: Element, tiles: "_Tiles", area: Clip) -> list[Item]:
        """Return the tiles of a pattern as they lie side by side: as a pattern of PDF not every reader draws them without gaps."""
        x, y, width, height = tiles.box
        box = geometry.bounds(area.path) or (0, 0, 0, 0)
        left, top, across, down = geometry.around(box, geometry.inverse(tiles.matrix))
        columns = range(floor((left - x) / width), ceil((left + across - x) / width))
        rows = range(floor((top - y) / height), ceil((top + down - y) / height))
        if len(columns) * len(rows) > MOST_TILES:
            self._report(element, f"is filled with more than {MOST_TILES:,} tiles of a <pattern>; make the tile larger")
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

    # Geometry

    def _path(self, element: Element, style: Style, size: Size) -> Path:
        tag = tree.name(element)
        key = "d" if tag == "path" else "points"
        try:
            if tag == "path":
                return geometry.path(element.get("d", "")) if element.get("d", "none") != "none" else ()
            if tag in ("polyline", "polygon"):
                return geometry.polygon(geometry.numbers(element.get("points", "")), closed=tag == "polygon")
        except NotUnderstoodError as error:
            self._report(element, f"has data in {key} that break at “{error}”; save it again")
            return ()
        if tag == "line":
            ends = [self._length(element, style, key, 0.0, size) for key in ("x1", "y1", "x2", "y2")]
            return geometry.polygon(ends, closed=False)
        if tag == "rect":
            return self._rectangle(element, style, size)
        cx, cy = (self._length(element, style, key, 0.0, size) for key in ("cx", "cy"))
        if tag == "circle":
            r = self._length(element, style, "r", 0.0, size)
            return geometry.ellipse(cx, cy, r, r) if r > 0 else ()
        rx, ry = self._radii(element, style, size)
        return geometry.ellipse(cx, cy, rx, ry) if rx > 0 and ry > 0 else ()

    def _rectangle(self, element: Element, style: Style, size: Size) -> Path:
        x, y, width, height = (self._length(element, style, key, 0.0, size) for key in ("x", "y", "width", "height"))
        rx, ry = self._radii(element, style, size)
        return geometry.rectangle(x, y, width, height, max(0.0, rx), max(0.0, ry)) if width > 0 and height > 0 else ()

    def _radii(self, element: Element, style: Style, size: Size) -> tuple[float, float]:
        """Return rx and ry; each is the other where it is not said."""
        rx, ry = (self._length(element, style, key, -1.0, size) for key in ("rx", "ry"))
        return (rx if rx >= 0 else ry), (ry if ry >= 0 else rx)

    def _pen(self, element: Element, style: Style, size: Size) -> Pen:
        dashes = self._dashes(element, style, size)
        if dashes and element.get("pathLength"):
            self._report(
                element,
                f"has pathLength at a dashed <{tree.name(element)}>; write the dashes in the units of the drawing",
            )
        join, cap = style.get("stroke-linejoin", "miter"), style.get("stroke-linecap", "butt")
        for key, value, known in (("stroke-linejoin", join, _JOINS), ("stroke-linecap", cap, _CAPS)):
            if value not in known:
                self._report(element, f"has {key}: {value[:40]}; use one of: {', '.join(known)}")
        return Pen(
            self._number(element, "stroke-width", style.get("stroke-width", "1"), size.diagonal),
            _CAPS.get(cap, 0),
            _JOINS.get(join, 0),
            self._number(element, "stroke-miterlimit", style.get("stroke-miterlimit", "4"), 1.0),
            dashes,
            self._number(element, "stroke-dashoffset", style.get("stroke-dashoffset", "0"), size.diagonal),
        )

    def _dashes(self, element: Element, style: Style, size: Size) -> tuple[float, ...]:
        text = style.get("stroke-dasharray", "none")
        if text == "none":
            return ()
        words = [word for word in re.split(r"[\s,]+", text) if word]
        dashes = tuple(self._number(element, "stroke-dasharray", word, size.diagonal) for word in words)
        return dashes if all(dash >= 0 for dash in dashes) and any(dashes) else ()

    def _transform(self, element: Element, style: Style, key: str = "transform") -> Matrix:
        text = style.get(key) or element.get(key) or ""
        if text in ("", "none"):
            return IDENTITY
        try:
            return geometry.transform(text)
        except NotUnderstoodError as error:
            self._report(element, f"has a {key} that breaks at “{error}”; write it in plain numbers")
            return IDENTITY

    def _length(self, element: Element, style: Style, key: str, default: float, size: Size) -> float:
        text = (style.get(key) if key in _SIZES else None) or element.get(key) or ""
        if text.strip() in ("", "auto"):
            return default
        whole = size.width if key in _ACROSS else size.height if key in _DOWN else size.diagonal
        return self._number(element, key, text, whole)

    def _number(self, element: Element, key: str, text: str, whole: float) -> float:
        match = _LENGTH.fullmatch(text.strip())
        if match and abs(float(match[1])) > geometry.LARGEST:
            match = None
        if match and match[2] == "%":
            return float(match[1]) * whole / 100
        if match and match[2].lower() in _UNITS:
            return float(match[1]) * _UNITS[match[2].lower()]
        self._report(element, f"has {key}: {text[:40]}, which is not a length here; write it as a number")
        return 0.0

    def _view(self, element: Element) -> Box | None:
        if not element.get("viewBox", "").strip():
            return None
        try:
            x, y, width, height = geometry.numbers(element.get("viewBox", ""))
        except ValueError:
            width = height = 0.0
        if width <= 0 or height <= 0:
            self._report(
                element,
                f"has viewBox=“{element.get('viewBox', '')[:40]}”; give it four numbers: left, top, width, height",
            )
            return None
        return x, y, width, height

    def _fit(self, element: Element) -> str:
        text = element.get("preserveAspectRatio", "xMidYMid").strip()
        if _FIT.fullmatch(text) is None:
            self._report(element, f"has preserveAspectRatio=“{text[:40]}”, which is not known here; remove it")
            return "xMidYMid"
        return text

    # Opacity, clips, masks

    def _wrapped(
        self, element: Element, style: Style, items: list[Item], matrix: Matrix, around: _Around
    ) -> list[Item]:
        """Return the items of an element with its transform, its opacity, its clip and its mask."""
        if not items or not geometry.determinant(matrix):
            return []
        opacity = self._share(element, "opacity", style.get("opacity", "1"))
        clips = self._clips(element, style, items, around)
        mask = self._mask(element, style, items, around)
        if clips is None or not opacity:
            return []
        if opacity < 1 and len(items) == 1 and isinstance(items[0], Shape) and not mask:
            faded = _faded(items[0], opacity)
            items, opacity = (list[Item]([faded]), 1.0) if faded else (items, opacity)
        if matrix == IDENTITY and opacity == 1 and not clips and not mask:
            return items
        return [Group(tuple(items), matrix, opacity, clips, mask)]

    def _share(self, element: Element, key: str, text: str) -> float:
        return min(1.0, max(0.0, self._number(element, key, text, 1.0)))

    def _referred(self, element: Element, style: Style, key: str, tag: str) -> Element | None:
        """Return the element that a clip-path, a mask or a marker refers to."""
        text = style.get(key, "none")
        match = _REFERENCE.fullmatch(text)
        if match is None or match[3]:
            if text != "none":
                self._report(element, f"has {key}: {text[:40]}; refer to a <{tag}> of the drawing")
            return None
        found = self._target(match[2])
        return found if found is not None and tree.name(found) == tag else None

    def _clips(self, element: Element, style: Style, items: Sequence[Item], around: _Around) -> tuple[Clip, ...] | None:
        """Return what cuts an element; None where nothing is left of it."""
        target = self._referred(element, style, "clip-path", "clipPath")
        if target is None:
            return ()
        if around.depth > MOST_USED:
            self._report(element, "clips itself; remove the reference")
            return ()
        own = self._sheet.style(target, self._inherited(target))
        base = self._transform(target, own)
        box = box_of(items)
        if target.get("clipPathUnits") == _BOX_UNITS:
            if box is None or not box[2] or not box[3]:
                return None
            base = times(base, (box[2], 0, 0, box[3], box[0], box[1]))
        inside = _Around(
            own, Size(1, 1) if target.get("clipPathUnits") == _BOX_UNITS else around.size, depth=around.depth + 1
        )
        outlines = [outline for child in target for outline in self._outlines(child, inside, base)]
        if not outlines:
            return None
        further = self._clips(target, own, items, replace(around, depth=around.depth + 1))
        return None if further is None else (self._united(target, outlines), *further)

    def _united(self, target: Element, outlines: Sequence[Clip]) -> Clip:
        boxes = [box for outline in outlines if (box := geometry.bounds(outline.path))]
        apart = not any(_meet(one, two) for at, one in enumerate(boxes) for two in boxes[:at])
        if len(outlines) > 1 and (not apart or len({outline.even_odd for outline in outlines}) > 1):
            self._report(target, "has a <clipPath> of several shapes over each other; unite them into one path")
        return Clip(tuple(segment for outline in outlines for segment in outline.path), outlines[0].even_odd)

    def _outlines(self, element: Element, around: _Around, matrix: Matrix) -> Iterator[Clip]:
        tag, style = tree.name(element), self._sheet.style(element, around.style)
        if style.get("display") == "none" or style.get("visibility", "visible") != "visible":
            return
        if style.get("clip-path", "none") != "none":
            self._report(element, f"has a clip-path at a <{tag}> inside a <clipPath>; cut the path itself")
        matrix = times(self._transform(element, style), matrix)
        target = self._target(tree.href(element)) if tag == "use" else None
        if tag in _SHAPES:
            path = geometry.transformed(self._path(element, style, around.size), matrix)
            if path:
                yield Clip(path, style.get("clip-rule") == "evenodd")
        elif target is not None and tree.name(target) in _SHAPES:
            x, y = (self._length(element, style, key, 0.0, around.size) for key in "xy")
            yield from self._outlines(target, replace(around, style=style), times((1, 0, 0, 1, x, y), matrix))
        elif tag != "use" or target is not None:
            self._report(element, f"contains <{tag}> in a <clipPath>; put paths in there")

    def _mask(self, element: Element, style: Style, items: Sequence[Item], around: _Around) -> Mask | None:
        target = self._referred(element, style, "mask", "mask")
        if target is None:
            return None
        own = self._sheet.style(target, self._inherited(target))
        if own.get("mask", "none") != "none" or own.get("clip-path", "none") != "none" or around.depth > MOST_USED:
            self._report(target, "has a mask or a clip at a <mask>; put it on what is inside")
            return None
        bounding = box_of(items) or (0, 0, 0, 0)
        place = self._region(target, own, bounding, around.size, "maskUnits", _BOX_UNITS, (-0.1, -0.1, 1.2, 1.2))
        fitting = (
            (bounding[2], 0, 0, bounding[3], *bounding[:2])
            if target.get("maskContentUnits") == _BOX_UNITS
            else IDENTITY
        )
        inside = _Around(own, around.size if fitting == IDENTITY else Size(1, 1), depth=around.depth + 1)
        content = Group(tuple(self._children(target, inside)), fitting)
        return Mask(content, place, own.get("mask-type") == "alpha")

    def _region(self, target: Element, style: Style, box: Box, size: Size, key: str, default: str, given: Box) -> Box:
        """Return the part of the space that a mask or a tile takes."""
        if target.get(key, default) == _BOX_UNITS:
            values = [
                self._length(target, {}, name, whole, Size(1, 1)) for name, whole in zip(_PLACE, given, strict=True)
            ]
            return box[0] + values[0] * box[2], box[1] + values[1] * box[3], values[2] * box[2], values[3] * box[3]
        scale = (size.width, size.height) * 2
        x, y, width, height = (
            self._length(target, {}, name, part * whole, size)
            for name, part, whole in zip(_PLACE, given, scale, strict=True)
        )
        return x, y, width, height

    # Paint

    def _paint(self, element: Element, style: Style, key: str, path: Path, around: _Around) -> "_Server | None":
        text = style.get(key, "black" if key == "fill" else "none")
        opacity = self._share(element, f"{key}-opacity", style.get(f"{key}-opacity", "1"))
        match = _REFERENCE.fullmatch(text)
        if match:
            target = self._target(match[2])
            if target is not None and tree.name(target) in _SERVERS:
                return self._served(element, target, path, around, opacity)
            text = match[3] or "none"
        if text in ("context-fill", "context-stroke"):
            return self._context_paint(element, text, around, opacity)
        return self._colour(element, key, text, style, opacity) if text != "none" and opacity else None

    def _colour(self, element: Element, key: str, text: str, style: Style, opacity: float) -> Colour | None:
        if text.lower() == "currentcolor":
            text = style.get("color", "black")
            text = "black" if text.lower() == "currentcolor" else text
        found = colour(text)
        if found is None:
            self._report(element, f"has {key}: {text[:40]}, which is not a colour here; write it as #rrggbb")
            return BLACK
        return replace(found, alpha=found.alpha * opacity) if found.alpha * opacity else None

    def _context_paint(self, element: Element, text: str, around: _Around, opacity: float) -> Paint | None:
        if around.context is None:
            return None
        paint = around.context[text == "context-stroke"]
        if paint is None or isinstance(paint, Colour):
            return replace(paint, alpha=paint.alpha * opacity) if paint else None
        self._report(
            element, f"has {text} of something that is not painted in one colour; give the marker its own colour"
        )
        return None

    def _served(
        self, element: Element, target: Element, path: Path, around: _Around, opacity: float
    ) -> "_Server | None":
        box = geometry.bounds(path)
        if box is None:
            return None
        line = self._inherited_from(target)
        if tree.name(target) == "pattern":
            return self._tiles(element, line, box, around, opacity)
        return self._gradient(line, box, around.size, opacity)

    def _inherited_from(self, target: Element) -> list[Element]:
        """Return a gradient or pattern and those that it refers to, the nearest first."""
        line = [target]
        while (further := self._target(tree.href(line[-1]))) is not None and further not in line:
            if tree.name(further) not in _SERVERS:
                break
            line.append(further)
        return line

    def _gradient(self, line: list[Element], box: Box, size: Size, opacity: float) -> Paint | None:
        kind, target = tree.name(line[0]), line[0]
        same = [element for element in line if tree.name(element) == kind]
        merged = _merged(line, ("gradientUnits", "gradientTransform", "spreadMethod"))
        merged |= _merged(same, ("x1", "y1", "x2", "y2", "cx", "cy", "r", "fx", "fy", "fr"))
        stops = self._stops(next((element for element in line if len(element)), target), opacity)
        if len({shade for _, shade in stops}) <= 1:
            return stops[0][1] if stops and stops[0][1].alpha else None
        if merged.get("spreadMethod", "pad") != "pad":
            self._report(
                target, f"has spreadMethod=“{merged['spreadMethod'][:20]}” at <{kind}>; draw the stripes as stops"
            )
        whole = merged.get("gradientUnits", _BOX_UNITS) == _BOX_UNITS
        matrix = self._transform(_element(target, merged), {}, "gradientTransform")
        if whole:
            if not box[2] or not box[3]:
                return None
            matrix = times(matrix, (box[2], 0, 0, box[3], box[0], box[1]))
        if not geometry.determinant(matrix):
            return None
        found = self._vector(_element(target, merged), kind, Size(1, 1) if whole else size)
        return Gradient(found, matrix, stops) if found else stops[-1][1]

    def _vector(self, element: Element, kind: str, size: Size) -> tuple[float, ...] | None:
        """Return the coordinates of a gradient; None where it has no length, and its last colour is everywhere."""
        names = ("x1", "y1", "x2", "y2") if kind == "linearGradient" else ("cx", "cy", "r", "fr")
        defaults = (
            (0.0, 0.0, size.width, 0.0)
            if kind == "linearGradient"
            else (size.width / 2, size.height / 2, size.diagonal / 2, 0.0)
        )
        one, two, three, four = (
            self._length(element, {}, key, value, size) for key, value in zip(names, defaults, strict=True)
        )
        if kind == "linearGradient":
            return (one, two, three, four) if (one, two) != (three, four) else None
        fx, fy = self._length(element, {}, "fx", one, size), self._length(element, {}, "fy", two, size)
        if hypot(fx - one, fy - two) + four >= three > 0:
            self._report(element, "has a <radialGradient> whose focus is not inside its circle; move fx and fy inside")
        return (fx, fy, four, one, two, three) if three > 0 else None

    def _stops(self, element: Element, opacity: float) -> tuple[tuple[float, Colour], ...]:
        found: list[tuple[float, Colour]] = []
        inherited = self._sheet.style(element, self._inherited(element))
        for stop in element:
            style = self._sheet.style(stop, inherited)
            offset = self._share(stop, "offset", stop.get("offset", "0"))
            alpha = opacity * self._share(stop, "stop-opacity", style.get("stop-opacity", "1"))
            shade = self._colour(stop, "stop-color", style.get("stop-color", "black"), style, 1.0) or replace(
                BLACK, alpha=0.0
            )
            found.append((max([offset, *(at for at, _ in found[-1:])]), replace(shade, alpha=shade.alpha * alpha)))
        return tuple(found)

    def _tiles(
        self, element: Element, line: list[Element], box: Box, around: _Around, opacity: float
    ) -> "_Tiles | None":
        merged = _element(line[0], _merged(line, _TILES))
        source = next((one for one in line if len(one)), line[0])
        place = self._region(merged, {}, box, around.size, "patternUnits", _BOX_UNITS, (0, 0, 0, 0))
        matrix = self._transform(merged, {}, "patternTransform")
        if place[2] <= 0 or place[3] <= 0 or not geometry.determinant(matrix) or not opacity:
            return None
        if around.depth > MOST_USED:
            self._report(element, "is filled with itself; remove the reference")
            return None
        view, size = self._view(merged), around.size
        inner: Matrix = (1, 0, 0, 1, place[0], place[1])
        if view:
            inner, size = times(fitted(view, place[2], place[3], self._fit(merged)), inner), Size(view[2], view[3])
        elif merged.get("patternContentUnits") == _BOX_UNITS:
            inner, size = times((box[2], 0, 0, box[3], 0, 0), inner), Size(1, 1)
        inside = _Around(self._sheet.style(source, self._inherited(source)), size, depth=around.depth + 1)
        return _Tiles(matrix, place, Group(tuple(self._children(source, inside)), inner), opacity)

    # Markers

    def _markers(self, element: Element, style: Style, path: Path, pen: Pen, around: _Around) -> list[Item]:
        if tree.name(element) not in _MARKED or all(style.get(f"marker-{end}", "none") == "none" for end in _ENDS):
            return []
        start, middle, end = (self._referred(element, style, f"marker-{end}", "marker") for end in _ENDS)
        points = geometry.vertices(path)
        found: list[Item] = []
        for at, vertex in enumerate(points):
            marker = start if not at else end if at == len(points) - 1 else middle
            if marker is not None:
                found += self._marker(marker, vertex, pen, around, first=not at)
            if len(points) == 1 and end is not None:
                found += self._marker(end, vertex, pen, around, first=False)
        return found

    def _marker(
        self, marker: Element, vertex: geometry.Vertex, pen: Pen, around: _Around, *, first: bool
    ) -> list[Item]:
        """Return what a marker draws at a vertex."""
        if around.depth > MOST_USED:
            self._report(marker, "marks itself; remove the reference")
            return []
        style = self._sheet.style(marker, self._inherited(marker))
        width, height = (
            self._number(marker, key, marker.get(key, "3"), 0.0) for key in ("markerWidth", "markerHeight")
        )
        scale = 1.0 if marker.get("markerUnits") == "userSpaceOnUse" else pen.width
        view = self._view(marker)
        if width <= 0 or height <= 0 or not scale or style.get("display") == "none":
            return []
        inner = fitted(view, width, height, self._fit(marker)) if view else IDENTITY
        reference = complex(*(self._number(marker, key, marker.get(key, "0"), 0.0) for key in ("refX", "refY")))
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
        return self._wrapped(marker, style, framed, IDENTITY, around)

    def _turn(self, marker: Element, vertex: geometry.Vertex, *, first: bool) -> float:
        orient = marker.get("orient", "0").strip()
        if orient in ("auto", "auto-start-reverse"):
            return vertex.angle + (180 if first and orient != "auto" else 0)
        try:
            return float(orient.removesuffix("deg"))
        except ValueError:
            self._report(marker, f"has orient=“{orient[:20]}”; use auto, auto-start-reverse or degrees")
            return 0.0

    # References

    def _target(self, address: str | None) -> Element | None:
        address = (address or "").strip()
        return self._ids.get(address[1:]) if address.startswith("#") and len(address) > 1 else None

    def _inherited(self, element: Element) -> Style:
        """Return the properties that an element inherits where it is defined."""
        style: Mapping[str, str] = {}
        for above in tree.chain(element, self._above):
            style = self._sheet.style(above, style)
        return style


_SHAPES: Final = ("path", "rect", "circle", "ellipse", "line", "polyline", "polygon")
_MARKED: Final = ("path", "line", "polyline", "polygon")
_SERVERS: Final = ("linearGradient", "radialGradient", "pattern")
_USUAL: Final = ("fill", "stroke", "markers")
_ENDS: Final = ("start", "mid", "end")
_PLACE: Final = ("x", "y", "width", "height")
_TILES: Final = (*_PLACE, "viewBox", "preserveAspectRatio", "patternUnits", "patternContentUnits", "patternTransform")
_SIZES: Final = frozenset(("x", "y", "width", "height", "cx", "cy", "r", "rx", "ry"))
_ACROSS: Final = frozenset(("x", "width", "cx", "rx", "fx", "x1", "x2"))
_DOWN: Final = frozenset(("y", "height", "cy", "ry", "fy", "y1", "y2"))
_CAPS: Final = {"butt": 0, "round": 1, "square": 2}
_JOINS: Final = {"miter": 0, "round": 1, "bevel": 2}


def _merged(line: Sequence[Element], keys: Sequence[str]) -> dict[str, str]:
    """Return the attributes of elements that refer to each other, each from the nearest that has it."""
    return {key: found[0] for key in keys if (found := [one.attrib[key] for one in line if key in one.attrib])}


def _element(like: Element, attributes: dict[str, str]) -> Element:
    """Return an element with other attributes, in the place of a known one."""
    made = _Placed(like.tag, attributes)
    made.place = tree.place(like)
    return made


class _Placed(Element):
    place = (0, 0)


def _faded(shape: Shape, opacity: float) -> Shape | None:
    """Return a shape that is painted once with its opacity in its colour; None where that is not the same."""
    if (shape.fill is None) == (shape.stroke is None):
        return None
    paint = shape.fill or shape.stroke
    if not isinstance(paint, Colour):
        return None
    paint = replace(paint, alpha=paint.alpha * opacity)
    return replace(shape, fill=paint if shape.fill else None, stroke=paint if shape.stroke else None)


def _meet(one: Box, other: Box) -> bool:
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )


def _image_size(width: float, height: float, across: float, down: float) -> tuple[float, float]:
    """Return the frame of an image of which width or height may not be said."""
    if width and height:
        return width, height
    if width:
        return width, width * down / across
    return (height * across / down, height) if height else (across, down)


def _decoded(parameters: str, text: str) -> bytes:
    data = unquote_to_bytes(text)
    if "base64" not in parameters.lower():
        return data
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""
