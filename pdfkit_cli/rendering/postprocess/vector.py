"""SVG drawn on the content streams of a PDF that is not yet written (WeasyPrint 70, pydyf 0.13).

It replaces WeasyPrint's own SVG, which draws markers, masks, clips, gradients and many other features differently from
browsers, or in ways that some PDF readers do not support.
"""

import base64
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any, Final
from urllib.parse import urljoin
from xml.etree import ElementTree

import pydyf

from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.pdf.geometry import IDENTITY, multiply
from pdfkit_cli.pdf.images import rasters
from pdfkit_cli.pdf.images.svg import frames, geometry, reader, tree
from pdfkit_cli.pdf.images.svg.document import SvgProblem
from pdfkit_cli.pdf.images.svg.geometry import Box, Path
from pdfkit_cli.pdf.images.svg.model import (
    Clip,
    Colour,
    Drawing,
    DrawingGroup,
    DrawingItem,
    Gradient,
    Mask,
    Paint,
    PathShape,
    RasterImage,
)
from pdfkit_cli.rendering import weasyprint_seams
from pdfkit_cli.system.caching import cache_texts

MAX_DRAWINGS: Final = 48
"""Drawings that are remembered, some 100 kB each: icons, logos, and the pictures of a few leaflets."""

MAX_PATHS: Final = 500
"""Paths of drawings that are remembered, a few kB each: icons are on most pages."""

_NEXT: Final = 1e-5
"""The least distance between two stops of a gradient; two at the same offset are a hard edge."""


class DrawingError(PdfkitError):
    """An SVG contains something that cannot be drawn."""


class VectorImage:
    """An SVG with the interface of WeasyPrint's own class.

    Unsupported content was refused when the library was loaded; nothing outside the drawing is read here (see
    `_DrawingPainter.photo`).
    """

    def __init__(self, root: ElementTree.Element, address: str, *_: Any) -> None:
        self._root, self._address = root, address

    @cached_property
    def _drawing(self) -> Drawing:
        drawing, problems = _read_drawing(_Source(ElementTree.tostring(self._root), self._root))
        if problems:
            raise DrawingError(f"{self._address[:200]} {problems[0].message}")
        return drawing

    def get_intrinsic_size(self, _: float) -> tuple[float | None, float | None]:
        return self._drawing.width, self._drawing.height

    def get_viewbox(self) -> Box:
        return self._drawing.view

    def draw(self, stream: Any, width: float, height: float, _: str, context: Any) -> None:
        drawing = self._drawing
        matrix = frames.viewport_transform(drawing.view, width, height, drawing.fit)
        frame = DrawingGroup(
            (replace(drawing.content, matrix=matrix),), clips=(Clip(geometry.rectangle(0, 0, width, height)),)
        )
        _DrawingPainter(context, self._address).group(stream, frame, (0, 0, width, height))


@dataclass(frozen=True, slots=True)
class _Source:
    """An SVG, known by its text; the text cannot always be parsed again, since HTML allows attributes that XML does not."""

    text: bytes
    root: ElementTree.Element = field(compare=False)


@cache_texts
@lru_cache(maxsize=MAX_DRAWINGS)
def _read_drawing(svg: _Source) -> tuple[Drawing, tuple[SvgProblem, ...]]:
    """Read a drawing, once for all leaflets and clinics that show it: each has other files, and WeasyPrint images of its own."""
    tree.remove_non_graphics(svg.root)
    return reader.read_drawing(svg.root)


class _DrawingPainter:
    """Paints items; `seen` is the visible part of an item's coordinate space."""

    def __init__(self, context: Any, address: str) -> None:
        self._context, self._address = context, address

    def item(self, stream: Any, item: DrawingItem, seen: Box) -> None:
        if isinstance(item, DrawingGroup):
            self.group(stream, item, seen)
        elif isinstance(item, PathShape):
            self.shape(stream, item, seen)
        else:
            self.photo(stream, item)

    def group(self, stream: Any, group: DrawingGroup, seen: Box) -> None:
        seen = geometry.transform_box(seen, geometry.inverse(group.matrix))
        with stream.stacked():
            if group.matrix != IDENTITY:
                stream.transform(*group.matrix)
            for clip in group.clips:
                _draw(stream, clip.path)
                stream.clip(clip.even_odd)
                stream.end()
            inner = stream.add_group(*seen) if group.mask or group.opacity < 1 else stream
            if group.mask:
                self._mask(stream, group.mask, seen)
            for item in group.items:
                self.item(inner, item, seen)
            if inner is not stream:
                stream.set_alpha(group.opacity, stroke=True, fill=True)
                stream.draw_x_object(inner.id)

    def _mask(self, stream: Any, mask: Mask, seen: Box) -> None:
        mask_stream = stream.set_alpha_state(*seen, mode="alpha" if mask.alpha else "luminosity")
        self.group(mask_stream, DrawingGroup((mask.content,), clips=(Clip(geometry.rectangle(*mask.box)),)), seen)

    def photo(self, stream: Any, photo: RasterImage) -> None:
        image = self._context.get_image_from_uri(url=self._source(photo), forced_mime_type="image/*")
        if image and photo.data:
            with stream.stacked():
                stream.transform(*photo.matrix)
                image.draw(stream, 1, 1, {"image_rendering": "crisp-edges"})

    def _source(self, photo: RasterImage) -> str:
        """Return the address of an image. One outside the drawing is requested too, so that the render is refused."""
        if photo.address:
            return urljoin(self._address, photo.address)
        data = base64.b64encode(rasters.normalize_image(photo.data, photo.kind)).decode()
        return f"data:image/{photo.kind.lower()};base64,{data}"

    def shape(self, stream: Any, shape: PathShape, seen: Box) -> None:
        apart = _is_translucent(shape.fill) or _is_translucent(shape.stroke) or _alpha(shape.stroke) < 1
        if shape.fill and shape.stroke and apart:  # the stroke is painted on the fill
            self.shape(stream, replace(shape, stroke=None), seen)
            self.shape(stream, replace(shape, fill=None), seen)
        elif _is_translucent(shape.fill or shape.stroke):
            with stream.stacked():
                _apply_opacity_mask(stream, shape.fill or shape.stroke, seen)
                self._painted(stream, shape)
        else:
            self._painted(stream, shape)

    def _painted(self, stream: Any, shape: PathShape) -> None:
        if shape.fill:
            self._set(stream, shape.fill, stroke=False)
        if shape.stroke:
            self._set(stream, shape.stroke, stroke=True)
            pen = shape.pen
            stream.set_line_width(pen.width)
            stream.set_line_cap(pen.cap)
            stream.set_line_join(pen.join)
            stream.set_miter_limit(max(1.0, pen.miter))
            stream.set_dash(pen.dashes, pen.phase % (2 * sum(pen.dashes)) if pen.dashes else 0)
        _draw(stream, shape.path)
        if shape.fill and shape.stroke:
            stream.fill_and_stroke(shape.even_odd)
        elif shape.fill:
            stream.fill(shape.even_odd)
        else:
            stream.stroke()

    def _set(self, stream: Any, paint: Paint, *, stroke: bool) -> None:
        if isinstance(paint, Colour):
            stream.set_alpha(paint.alpha, stroke)
            stream.set_color_rgb(paint.red, paint.green, paint.blue, stroke)
            return
        stream.set_alpha(1, stroke)
        stream.set_color_space("Pattern", stroke)
        stream.set_color_special(_shading_pattern(stream, paint), stroke)


def _alpha(paint: Paint | None) -> float:
    return paint.alpha if isinstance(paint, Colour) else 1.0


def _is_translucent(paint: Paint | None) -> bool:
    """Return whether a paint is a gradient that is not opaque everywhere."""
    return isinstance(paint, Gradient) and any(colour.alpha < 1 for _, colour in paint.stops)


def _apply_opacity_mask(stream: Any, gradient: Any, seen: Box) -> None:
    """Mask the next painting operation with the opacity of a gradient's stops."""
    mask_stream = stream.set_alpha_state(*seen)
    mask_stream.transform(*gradient.matrix)
    function = _function([(at, (colour.alpha,)) for at, colour in gradient.stops])
    kind = _kind(gradient)
    shading = mask_stream.add_shading(kind, (0, 1), gradient.coordinates, True, function, "DeviceGray")
    mask_stream.paint_shading(shading.id)


def link_shading_patterns(pdf: pydyf.PDF) -> None:
    """Refer from each gradient's pattern to its shading, which has a number now."""
    for item in pdf.objects:
        if isinstance(item, pydyf.Dictionary) and item.get("PatternType") == 2:
            item["Shading"] = item["Shading"].reference


def _shading_pattern(stream: Any, gradient: Gradient) -> str:
    """Add a gradient as a shading pattern, and return its name: not every reader paints a tiling pattern with a gradient in it."""
    function = _function([(at, (colour.red, colour.green, colour.blue)) for at, colour in gradient.stops])
    shading = stream.add_shading(_kind(gradient), (0, 1), gradient.coordinates, True, function)
    pattern = pydyf.Dictionary({
        "Type": "/Pattern",
        "PatternType": 2,
        "Matrix": pydyf.Array(multiply(gradient.matrix, weasyprint_seams.current_matrix(stream))),
        "Shading": shading,
    })  # fmt: skip
    return weasyprint_seams.add_pattern(stream, pattern)


def _kind(gradient: Gradient) -> int:
    """Return the PDF shading type: axial or radial."""
    return 2 if len(gradient.coordinates) == 4 else 3


def _function(stops: list[tuple[float, tuple[float, ...]]]) -> pydyf.Dictionary:
    """Return the function from 0 to 1 through the values at the stops."""
    if stops[0][0] > 0:
        stops = [(0.0, stops[0][1]), *stops]
    if stops[-1][0] < 1:
        stops = [*stops, (1.0, stops[-1][1])]
    places = [at for at, _ in stops]
    values = [value for _, value in stops]
    for at in range(1, len(places)):
        places[at] = max(places[at], places[at - 1] + _NEXT)
    pieces = [
        pydyf.Dictionary({
            "FunctionType": 2, "Domain": pydyf.Array((0, 1)), "C0": pydyf.Array(one), "C1": pydyf.Array(two), "N": 1,
        })
        for one, two in pairwise(values)
    ]  # fmt: skip
    return pydyf.Dictionary({
        "FunctionType": 3,
        "Domain": pydyf.Array((0, 1)),
        "Encode": pydyf.Array((0, 1) * len(pieces)),
        "Bounds": pydyf.Array(_inside(places)),
        "Functions": pydyf.Array(pieces),
    })  # fmt: skip


def _inside(places: list[float]) -> list[float]:
    """Return the bounds between pieces, ascending and between 0 and 1."""
    count = len(places) - 2
    return [min(place, 1 - _NEXT * (count - at)) for at, place in enumerate(places[1:-1])]


def _draw(stream: Any, path: Path) -> None:
    stream.stream += _operators(path)


@cache_texts
@lru_cache(maxsize=MAX_PATHS)
def _operators(path: Path) -> tuple[bytes, ...]:
    """Return the operators that construct a path."""
    stream = pydyf.Stream()
    if rectangle := _as_rectangle(path):
        stream.rectangle(*rectangle)
        return tuple(stream.stream)
    for kind, points in path:
        values = [part for point in points for part in (point.real, point.imag)]
        if kind in "Mm":
            stream.move_to(*values)
        elif kind == "L":
            stream.line_to(*values)
        elif kind in "Cc":
            stream.curve_to(*values)
        else:
            stream.close()
    return tuple(stream.stream)


def _as_rectangle(path: Path) -> Box | None:
    """Return a path as an upright rectangle, if it is one; `pdf.reader` relies on such a shape filling its box."""
    if "".join(kind for kind, _ in path) != "MLLLZ":
        return None
    one, two, three, four = (points[0] for _, points in path[:4])
    upright = one.imag == two.imag and two.real == three.real and three.imag == four.imag and four.real == one.real
    return (one.real, one.imag, three.real - one.real, three.imag - one.imag) if upright else None
