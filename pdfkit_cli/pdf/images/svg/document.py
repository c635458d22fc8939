"""An SVG file: the references between its elements, the values of their attributes, and the problems in these."""

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element

from pdfkit_cli.pdf.geometry import IDENTITY, Matrix
from pdfkit_cli.pdf.images.svg import allowed, geometry, tree
from pdfkit_cli.pdf.images.svg.frames import FIT, DrawingContext, FrameSize
from pdfkit_cli.pdf.images.svg.geometry import Box, InvalidValueError
from pdfkit_cli.pdf.images.svg.style import Style, StyleResolver

MAX_REFERENCE_DEPTH = 30
"""Greatest depth of references."""

BOX_UNITS: Final = "objectBoundingBox"
BOX_ATTRIBUTES: Final = ("x", "y", "width", "height")
REFERENCE: Final = re.compile(r"url\(\s*(['\"]?)([^'\")]*)\1\s*\)\s*(.*)", re.S)
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
_SIZES: Final = frozenset(("x", "y", "width", "height", "cx", "cy", "r", "rx", "ry"))
_ACROSS: Final = frozenset(("x", "width", "cx", "rx", "fx", "x1", "x2"))
_DOWN: Final = frozenset(("y", "height", "cy", "ry", "fy", "y1", "y2"))


class SvgProblem(NamedTuple):
    """Something that cannot be drawn, and its position in the file."""

    line: int
    column: int
    message: str


class SvgDocument:
    """The elements of a file by their ids, with their CSS, and the problems that were found so far."""

    def __init__(self, root: Element) -> None:
        self.problems: list[SvgProblem] = []
        for element, message in allowed.unsupported_features(root):
            self.report(element, message)
        self.sheet = StyleResolver(root, self.report)
        self._above = tree.parent_map(root)
        self._ids: dict[str, Element] = {}
        for element in root.iter():
            self._ids.setdefault(element.get("id", ""), element)

    def report(self, element: Element, message: str) -> None:
        """Add a problem: something that cannot be drawn as a browser draws it."""
        self.problems.append(SvgProblem(*tree.position(element), message))

    # References

    def target(self, address: str | None) -> Element | None:
        """Return the element of an address such as `#name`; None where there is none."""
        address = (address or "").strip()
        return self._ids.get(address[1:]) if address.startswith("#") and len(address) > 1 else None

    def inherited(self, element: Element) -> Style:
        """Return the properties that an element inherits where it is defined."""
        style: Mapping[str, str] = {}
        for above in tree.ancestors(element, self._above):
            style = self.sheet.style(above, style)
        return style

    def referred(self, element: Element, style: Style, key: str, tag: str) -> Element | None:
        """Return the element that a clip-path, a mask or a marker refers to."""
        text = style.get(key, "none")
        match = REFERENCE.fullmatch(text)
        if match is None or match[3]:
            if text != "none":
                self.report(element, f"has {key}: {text[:40]}; refer to a <{tag}> of the drawing")
            return None
        found = self.target(match[2])
        return found if found is not None and tree.local_name(found) == tag else None

    # Values

    def transform(self, element: Element, style: Style, key: str = "transform") -> Matrix:
        """Return the matrix of a transform."""
        text = style.get(key) or element.get(key) or ""
        if text in ("", "none"):
            return IDENTITY
        try:
            return geometry.parse_transform(text)
        except InvalidValueError as error:
            self.report(element, f"has a {key} that breaks at “{error}”; write it in plain numbers")
            return IDENTITY

    def length(self, element: Element, style: Style, key: str, default: float, size: FrameSize) -> float:
        """Return an attribute, or a property that CSS may give, in the units of the space."""
        text = (style.get(key) if key in _SIZES else None) or element.get(key) or ""
        if text.strip() in ("", "auto"):
            return default
        whole = size.width if key in _ACROSS else size.height if key in _DOWN else size.diagonal
        return self.number(element, key, text, whole)

    def number(self, element: Element, key: str, text: str, whole: float) -> float:
        """Return a number, a length or a percentage of `whole`; 0 for anything else, which is a problem."""
        match = _LENGTH.fullmatch(text.strip())
        if match and abs(float(match[1])) > geometry.MAX_COORDINATE:
            match = None
        if match and match[2] == "%":
            return float(match[1]) * whole / 100
        if match and match[2].lower() in _UNITS:
            return float(match[1]) * _UNITS[match[2].lower()]
        self.report(element, f"has {key}: {text[:40]}, which is not a length here; write it as a number")
        return 0.0

    def share(self, element: Element, key: str, text: str) -> float:
        """Return a number or a percentage, limited to the range from 0 to 1."""
        return min(1.0, max(0.0, self.number(element, key, text, 1.0)))

    def own_size(self, root: Element, style: Style, key: str) -> float | None:
        """Return the width or height that a drawing declares; None if it declares none."""
        text = style.get(key, root.get(key, "")).strip()
        if not text or text == "auto" or text.endswith("%"):
            return None
        value = self.number(root, key, text, 0.0)
        return value if value > 0 else None

    def view(self, element: Element) -> Box | None:
        """Return the viewBox of an element; None where it has none."""
        if not element.get("viewBox", "").strip():
            return None
        try:
            x, y, width, height = geometry.parse_numbers(element.get("viewBox", ""))
        except ValueError:
            width = height = 0.0
        if width <= 0 or height <= 0:
            self.report(
                element,
                f"has viewBox=“{element.get('viewBox', '')[:40]}”; give it four numbers: left, top, width, height",
            )
            return None
        return x, y, width, height

    def fit(self, element: Element) -> str:
        """Return the preserveAspectRatio of an element."""
        text = element.get("preserveAspectRatio", "xMidYMid").strip()
        if FIT.fullmatch(text) is None:
            self.report(element, f"has preserveAspectRatio=“{text[:40]}”, which is not known here; remove it")
            return "xMidYMid"
        return text

    def region(
        self, target: Element, style: Style, box: Box, size: FrameSize, key: str, default: str, given: Box
    ) -> Box:
        """Return the box of a mask or a tile."""
        if target.get(key, default) == BOX_UNITS:
            values = [
                self.length(target, {}, name, whole, FrameSize(1, 1))
                for name, whole in zip(BOX_ATTRIBUTES, given, strict=True)
            ]
            return box[0] + values[0] * box[2], box[1] + values[1] * box[3], values[2] * box[2], values[3] * box[3]
        scale = (size.width, size.height) * 2
        x, y, width, height = (
            self.length(target, {}, name, part * whole, size)
            for name, part, whole in zip(BOX_ATTRIBUTES, given, scale, strict=True)
        )
        return x, y, width, height

    def place(self, element: Element, style: Style, around: DrawingContext) -> Box:
        """Return x, y, width and height of a nested `svg`, a `symbol` or an `image`."""
        x, y = (self.length(element, style, key, 0.0, around.size) for key in "xy")
        width = self.length(element, style, "width", around.size.width, around.size)
        height = self.length(element, style, "height", around.size.height, around.size)
        return x, y, width, height


def merge_attributes(line: Sequence[Element], keys: Sequence[str]) -> dict[str, str]:
    """Return the attributes of elements that refer to each other, each from the first element that has it."""
    return {key: found[0] for key in keys if (found := [one.attrib[key] for one in line if key in one.attrib])}


def element_at(like: Element, attributes: dict[str, str]) -> Element:
    """Return an element with other attributes, at the position of a given one."""
    made = _PositionedElement(like.tag, attributes)
    made.place = tree.position(like)
    return made


class _PositionedElement(Element):
    place = (0, 0)
