"""Applies the transform, the opacity, the clip and the mask of an element to its items."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element

from pdfkit_cli.pdf.geometry import IDENTITY, Matrix, multiply
from pdfkit_cli.pdf.images.svg import geometry, tree
from pdfkit_cli.pdf.images.svg.document import BOX_UNITS, MAX_REFERENCE_DEPTH, SvgDocument
from pdfkit_cli.pdf.images.svg.frames import ChildReader, DrawingContext, FrameSize, items_bounds
from pdfkit_cli.pdf.images.svg.geometry import Box
from pdfkit_cli.pdf.images.svg.model import Clip, Colour, DrawingGroup, DrawingItem, Mask, PathShape
from pdfkit_cli.pdf.images.svg.outlines import SHAPE_TAGS, ShapeReader
from pdfkit_cli.pdf.images.svg.style import Style


class Compositor:
    """Reads the opacity, the clips and the masks of a document; `children` draws the content of a mask."""

    def __init__(self, document: SvgDocument, shapes: ShapeReader, children: ChildReader) -> None:
        self._document, self._shapes, self._children = document, shapes, children

    def wrapped(
        self, element: Element, style: Style, items: list[DrawingItem], matrix: Matrix, around: DrawingContext
    ) -> list[DrawingItem]:
        """Return the items of an element with its transform, its opacity, its clip and its mask."""
        if not items or not geometry.determinant(matrix):
            return []
        opacity = self._document.share(element, "opacity", style.get("opacity", "1"))
        clips = self._clips(element, style, items, around)
        mask = self._mask(element, style, items, around)
        if clips is None or not opacity:
            return []
        if opacity < 1 and len(items) == 1 and isinstance(items[0], PathShape) and not mask:
            faded = _fold_opacity(items[0], opacity)
            items, opacity = (list[DrawingItem]([faded]), 1.0) if faded else (items, opacity)
        if matrix == IDENTITY and opacity == 1 and not clips and not mask:
            return items
        return [DrawingGroup(tuple(items), matrix, opacity, clips, mask)]

    def _clips(
        self, element: Element, style: Style, items: Sequence[DrawingItem], around: DrawingContext
    ) -> tuple[Clip, ...] | None:
        """Return the clips of an element; None if nothing of it is visible."""
        target = self._document.referred(element, style, "clip-path", "clipPath")
        if target is None:
            return ()
        if around.depth > MAX_REFERENCE_DEPTH:
            self._document.report(element, "clips itself; remove the reference")
            return ()
        own = self._document.sheet.style(target, self._document.inherited(target))
        base = self._document.transform(target, own)
        box = items_bounds(items)
        if target.get("clipPathUnits") == BOX_UNITS:
            if box is None or not box[2] or not box[3]:
                return None
            base = multiply(base, (box[2], 0, 0, box[3], box[0], box[1]))
        inside = DrawingContext(
            own, FrameSize(1, 1) if target.get("clipPathUnits") == BOX_UNITS else around.size, depth=around.depth + 1
        )
        outlines = [outline for child in target for outline in self._clip_outlines(child, inside, base)]
        if not outlines:
            return None
        further = self._clips(target, own, items, replace(around, depth=around.depth + 1))
        return None if further is None else (self._united_clip(target, outlines), *further)

    def _united_clip(self, target: Element, outlines: Sequence[Clip]) -> Clip:
        boxes = [box for outline in outlines if (box := geometry.path_bounds(outline.path))]
        apart = not any(_overlap(one, two) for at, one in enumerate(boxes) for two in boxes[:at])
        if len(outlines) > 1 and (not apart or len({outline.even_odd for outline in outlines}) > 1):
            self._document.report(
                target, "has a <clipPath> of several shapes over each other; unite them into one path"
            )
        return Clip(tuple(segment for outline in outlines for segment in outline.path), outlines[0].even_odd)

    def _clip_outlines(self, element: Element, around: DrawingContext, matrix: Matrix) -> Iterator[Clip]:
        tag, style = tree.local_name(element), self._document.sheet.style(element, around.style)
        if style.get("display") == "none" or style.get("visibility", "visible") != "visible":
            return
        if style.get("clip-path", "none") != "none":
            self._document.report(element, f"has a clip-path at a <{tag}> inside a <clipPath>; cut the path itself")
        matrix = multiply(self._document.transform(element, style), matrix)
        target = self._document.target(tree.href(element)) if tag == "use" else None
        if tag in SHAPE_TAGS:
            path = geometry.transform_path(self._shapes.path(element, style, around.size), matrix)
            if path:
                yield Clip(path, style.get("clip-rule") == "evenodd")
        elif target is not None and tree.local_name(target) in SHAPE_TAGS:
            x, y = (self._document.length(element, style, key, 0.0, around.size) for key in "xy")
            yield from self._clip_outlines(target, replace(around, style=style), multiply((1, 0, 0, 1, x, y), matrix))
        elif tag != "use" or target is not None:
            self._document.report(element, f"contains <{tag}> in a <clipPath>; put paths in there")

    def _mask(
        self, element: Element, style: Style, items: Sequence[DrawingItem], around: DrawingContext
    ) -> Mask | None:
        target = self._document.referred(element, style, "mask", "mask")
        if target is None:
            return None
        own = self._document.sheet.style(target, self._document.inherited(target))
        if (
            own.get("mask", "none") != "none"
            or own.get("clip-path", "none") != "none"
            or around.depth > MAX_REFERENCE_DEPTH
        ):
            self._document.report(target, "has a mask or a clip at a <mask>; put it on what is inside")
            return None
        bounding = items_bounds(items) or (0, 0, 0, 0)
        place = self._document.region(
            target, own, bounding, around.size, "maskUnits", BOX_UNITS, (-0.1, -0.1, 1.2, 1.2)
        )
        fitting = (
            (bounding[2], 0, 0, bounding[3], *bounding[:2]) if target.get("maskContentUnits") == BOX_UNITS else IDENTITY
        )
        inside = DrawingContext(own, around.size if fitting == IDENTITY else FrameSize(1, 1), depth=around.depth + 1)
        content = DrawingGroup(tuple(self._children(target, inside)), fitting)
        return Mask(content, place, own.get("mask-type") == "alpha")


def _fold_opacity(shape: PathShape, opacity: float) -> PathShape | None:
    """Return a shape with its opacity in its colour; None if that looks different, as with both a fill and a stroke."""
    if (shape.fill is None) == (shape.stroke is None):
        return None
    paint = shape.fill or shape.stroke
    if not isinstance(paint, Colour):
        return None
    paint = replace(paint, alpha=paint.alpha * opacity)
    return replace(shape, fill=paint if shape.fill else None, stroke=paint if shape.stroke else None)


def _overlap(one: Box, other: Box) -> bool:
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )
