"""Path data, transforms and basic shapes of SVG 2; points are complex numbers, and y increases downwards."""

import re
from cmath import phase
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, degrees, pi, radians, sin, tan
from typing import Any, Final, TypeAlias

from fontTools.misc.bezierTools import calcCubicBounds

from pdfkit_cli.pdf.geometry import IDENTITY, Matrix, multiply

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, width, height."""

PathSegment: TypeAlias = tuple[str, tuple[complex, ...]]
"""M and L with a point, C with two control points and a point, Z with none; all absolute.

The letter is small where the end is not a vertex.
"""

Path: TypeAlias = tuple[PathSegment, ...]

MAX_COORDINATE: Final = 1e7
"""Limit of a number in a drawing: PDF viewers calculate with about seven digits."""

_KAPPA: Final = 4 * (2**0.5 - 1) / 3
"""Distance of the control points of a quarter circle from its ends, for a radius of 1."""

_ROUND: Final = 1 / pi**0.5
"""The same for circles and ellipses, as in WeasyPrint: the difference, 0.6 % of the radius, is invisible."""

_BLANK = r"[ \t\r\n\f]*"
_NUMBER = r"[+-]?(?:\d*\.\d+|\d+)(?:[eE][+-]?\d+)?"
_FIRST = {"n": re.compile(f"{_BLANK}({_NUMBER})"), "f": re.compile(f"{_BLANK}([01])")}
_NEXT = {"n": re.compile(f"{_BLANK}(?:,{_BLANK})?({_NUMBER})"), "f": re.compile(f"{_BLANK}(?:,{_BLANK})?([01])")}
_SPACE = re.compile(_BLANK)
_ARGUMENTS: Final = {
    "M": "nn", "L": "nn", "H": "n", "V": "n", "C": "nnnnnn", "S": "nnnn", "Q": "nnnn", "T": "nn", "A": "nnnffnn", "Z": "",
}  # fmt: skip


class InvalidValueError(ValueError):
    """A value is invalid in SVG; browsers would draw a part of it, or nothing."""


def transform_point(point: complex, matrix: Matrix) -> complex:
    """Return a transformed point."""
    a, b, c, d, e, f = matrix
    return complex(a * point.real + c * point.imag + e, b * point.real + d * point.imag + f)


def determinant(matrix: Matrix) -> float:
    """Return the factor by which a matrix scales areas."""
    return matrix[0] * matrix[3] - matrix[1] * matrix[2]


def inverse(matrix: Matrix) -> Matrix:
    """Return the inverse of a matrix whose determinant is not 0."""
    a, b, c, d, e, f = matrix
    by = determinant(matrix)
    return d / by, -b / by, -c / by, a / by, (c * f - d * e) / by, (b * e - a * f) / by


def transform_path(path: Path, matrix: Matrix) -> Path:
    """Return a transformed path."""
    return tuple((kind, tuple(transform_point(point, matrix) for point in points)) for kind, points in path)


def path_bounds(path: Path) -> Box | None:
    """Return the smallest box around a path, without its stroke; None where it has no segment."""
    found: list[tuple[float, ...]] = []
    here = 0j
    for kind, points in path:
        if kind in "Cc":
            found.append(calcCubicBounds(*((point.real, point.imag) for point in (here, *points))))
        elif kind == "L":
            found += [(point.real, point.imag, point.real, point.imag) for point in (here, *points)]
        here = points[-1] if points else here
    return _bounding_box(found) if found else None


def union(boxes: Sequence[Box]) -> Box | None:
    """Return the smallest box around boxes."""
    return _bounding_box([(x, y, x + width, y + height) for x, y, width, height in boxes]) if boxes else None


def _bounding_box(corners: Sequence[tuple[float, ...]]) -> Box:
    lefts, tops, rights, bottoms = zip(*corners, strict=True)
    return min(lefts), min(tops), max(rights) - min(lefts), max(bottoms) - min(tops)


def transform_box(box: Box, matrix: Matrix) -> Box:
    """Return the bounding box of a transformed box."""
    x, y, width, height = box
    corners = [
        transform_point(complex(*at), matrix)
        for at in ((x, y), (x + width, y), (x, y + height), (x + width, y + height))
    ]
    return _bounding_box([(corner.real, corner.imag) * 2 for corner in corners])


def parse_numbers(text: str) -> list[float]:
    """Return the numbers of a list, as in `viewBox` and `points`. Raises InvalidValueError."""
    found: list[float] = []
    at = 0
    while _SPACE.fullmatch(text, at) is None:
        match = (_NEXT if found else _FIRST)["n"].match(text, at)
        if match is None:
            raise InvalidValueError(text[at : at + 20].strip())
        found.append(_finite_number(match[1]))
        at = match.end()
    return found


def _finite_number(text: str) -> float:
    """Return a number that a PDF can contain."""
    if abs(value := float(text)) > MAX_COORDINATE:
        raise InvalidValueError(text[:20])
    return value


# Transforms


_FUNCTION = re.compile(rf"{_BLANK},?{_BLANK}([A-Za-z]+){_BLANK}\(([^()]*)\)")
_ANGLE: Final = {"": 1.0, "deg": 1.0, "grad": 0.9, "rad": degrees(1), "turn": 360.0}


def parse_transform(text: str) -> Matrix:
    """Return the matrix of a list of transforms, of an attribute or of CSS in px and degrees. Raises InvalidValueError."""
    matrix, at = IDENTITY, 0
    while _SPACE.fullmatch(text, at) is None:
        match = _FUNCTION.match(text, at)
        if match is None:
            raise InvalidValueError(text[at : at + 30])
        matrix = multiply(_one_transform(match[1], match[2]), matrix)
        at = match.end()
    return matrix


def _one_transform(name: str, text: str) -> Matrix:
    words = [word for word in re.split(r"[\s,]+", re.sub(r"(?<=[\d.])(?<![eE])(?=[+-])", " ", text)) if word]
    make = _TRANSFORMS.get((name, len(words)))
    if make is None:
        raise InvalidValueError(f"{name}({text})")
    turns = name == "rotate" or name.startswith("skew")
    values = [_value(word, _ANGLE if turns and not at else {"": 1.0, "px": 1.0}) for at, word in enumerate(words)]
    matrix: Matrix = make(*values)
    return matrix


def _value(word: str, units: dict[str, float]) -> float:
    match = re.fullmatch(rf"({_NUMBER})([a-z]*)", word)
    if match is None or match[2] not in units:
        raise InvalidValueError(word)
    return _finite_number(match[1]) * units[match[2]]


def rotation(angle: float, x: float = 0.0, y: float = 0.0) -> Matrix:
    """Return a rotation about a point, in degrees."""
    cosine, sine = cos(radians(angle)), sin(radians(angle))
    return cosine, sine, -sine, cosine, x - cosine * x + sine * y, y - sine * x - cosine * y


_TRANSFORMS: Final[dict[tuple[str, int], Any]] = {
    ("matrix", 6): lambda *values: values,
    ("translate", 1): lambda x: (1, 0, 0, 1, x, 0),
    ("translate", 2): lambda x, y: (1, 0, 0, 1, x, y),
    ("translateX", 1): lambda x: (1, 0, 0, 1, x, 0),
    ("translateY", 1): lambda y: (1, 0, 0, 1, 0, y),
    ("scale", 1): lambda x: (x, 0, 0, x, 0, 0),
    ("scale", 2): lambda x, y: (x, 0, 0, y, 0, 0),
    ("scaleX", 1): lambda x: (x, 0, 0, 1, 0, 0),
    ("scaleY", 1): lambda y: (1, 0, 0, y, 0, 0),
    ("rotate", 1): rotation,
    ("rotate", 3): rotation,
    ("skewX", 1): lambda angle: (1, 0, tan(radians(angle)), 1, 0, 0),
    ("skewY", 1): lambda angle: (1, tan(radians(angle)), 0, 1, 0, 0),
}


# Paths


def parse_path(data: str) -> Path:
    """Return the segments of path data.

    Raises InvalidValueError where they are invalid: a browser draws the segments before that.
    """
    builder = _PathBuilder()
    for command, values in _commands(data):
        builder.add(command, values)
    return tuple(builder.segments)


def _commands(data: str) -> Iterator[tuple[str, list[float]]]:
    at, command = 0, ""
    while _SPACE.fullmatch(data, at) is None:
        found = _SPACE.match(data, at)
        start = found.end() if found else at
        named = data[start].upper() in _ARGUMENTS
        if named:
            command, at = data[start], start + 1
        if not command or (not named and command in "zZ"):
            raise InvalidValueError(data[start : start + 20])
        values: list[float] = []
        for kind in _ARGUMENTS[command.upper()]:
            match = (_FIRST if named and not values else _NEXT)[kind].match(data, at)
            if match is None:
                raise InvalidValueError(data[start : start + 20])
            values.append(_finite_number(match[1]))
            at = match.end()
        yield command, values
        command = {"M": "L", "m": "l"}.get(command, command)


class _PathBuilder:
    def __init__(self) -> None:
        self.segments: list[PathSegment] = []
        self._start = self._here = self._control = 0j
        self._last = ""

    def add(self, command: str, values: list[float]) -> None:
        kind = command.upper()
        if not self.segments and kind != "M":
            raise InvalidValueError(f"“{command}” before the first M")
        if self._last == "Z" and kind not in "MZ":
            self.segments.append(("m", (self._start,)))
        origin = self._here if command.islower() else 0j
        if kind == "Z":
            self.segments.append(("Z", ()))
            self._here = self._start
        elif kind == "A":
            self._add_arc(values[:5], origin + complex(*values[5:]))
        elif kind in "HV":
            self._add_line(command, values[0])
        else:
            points = [origin + complex(*values[at : at + 2]) for at in range(0, len(values), 2)]
            self._add_segment(kind, points)
        self._last = kind

    def _add_line(self, command: str, value: float) -> None:
        x, y = self._here.real, self._here.imag
        ends = {"H": (value, y), "h": (x + value, y), "V": (x, value), "v": (x, y + value)}
        self._add_segment("L", [complex(*ends[command])])

    def _add_segment(self, kind: str, points: list[complex]) -> None:
        smooth = self._last in {"S": "CS", "T": "QT"}.get(kind, "") and bool(self._last)
        mirrored = 2 * self._here - self._control if smooth else self._here
        if kind in "ST":
            points = [mirrored, *points]
        if kind in "QT":
            control, end = points
            self._control = control
            points = [(self._here + 2 * control) / 3, (end + 2 * control) / 3, end]
        elif kind in "CS":
            self._control = points[1]
        if kind == "M":
            self._start = points[0]
        self.segments.append((kind if kind in "ML" else "C", tuple(points)))
        self._here = points[-1]

    def _add_arc(self, values: list[float], end: complex) -> None:
        from fontTools.svgLib.path.arc import EllipticalArc  # its package imports lxml, and few drawings have arcs

        rx, ry, angle, large, sweep = values
        arc = EllipticalArc(self._here, abs(rx), abs(ry), angle, bool(large), bool(sweep), end)
        curves = list(arc._decompose_to_cubic_curves())
        if curves:
            curves[-1] = (*curves[-1][:2], end)
        kinds = ["c"] * (len(curves) - 1) + ["C"]
        self.segments += (
            [(kind, tuple(curve)) for kind, curve in zip(kinds, curves, strict=True)] if curves else [("L", (end,))]
        )
        self._here = end


def polygon(points: Sequence[float], *, closed: bool) -> Path:
    """Return the lines between points. Raises InvalidValueError where one has no y."""
    if len(points) % 2:
        raise InvalidValueError("a point without its y")
    places = [complex(points[at], points[at + 1]) for at in range(0, len(points), 2)]
    lines = [("L" if at else "M", (place,)) for at, place in enumerate(places)]
    return (*lines, ("Z", ())) if lines and closed else tuple(lines)


def rectangle(x: float, y: float, width: float, height: float, rx: float = 0.0, ry: float = 0.0) -> Path:
    """Return a rectangle, its corners rounded to at most half its sides."""
    rx, ry = min(rx, width / 2), min(ry, height / 2)
    if not rx or not ry:
        return polygon([x, y, x + width, y, x + width, y + height, x, y + height], closed=True)
    right, bottom, dx, dy = x + width, y + height, rx * (1 - _KAPPA), ry * (1 - _KAPPA)
    values = (
        f"M{x + rx!r} {y!r}", f"H{right - rx!r}", f"C{right - dx!r} {y!r} {right!r} {y + dy!r} {right!r} {y + ry!r}",
        f"V{bottom - ry!r}", f"C{right!r} {bottom - dy!r} {right - dx!r} {bottom!r} {right - rx!r} {bottom!r}",
        f"H{x + rx!r}", f"C{x + dx!r} {bottom!r} {x!r} {bottom - dy!r} {x!r} {bottom - ry!r}",
        f"V{y + ry!r}", f"C{x!r} {y + dy!r} {x + dx!r} {y!r} {x + rx!r} {y!r}Z",
    )  # fmt: skip
    return parse_path("".join(values))


def ellipse(cx: float, cy: float, rx: float, ry: float) -> Path:
    """Return an ellipse of four curves, clockwise from its right end."""
    across, down = complex(rx), complex(0, ry)
    centre = complex(cx, cy)
    ends = (across, down, -across, -down, across)
    curves = [
        ("C", (centre + one + _ROUND * two, centre + two + _ROUND * one, centre + two)) for one, two in pairwise(ends)
    ]
    return (("M", (centre + across,)), *curves, ("Z", ()))


# Markers

_OPPOSITE: Final = 1e-6
"""Degrees by which two directions may differ from being opposite."""


@dataclass(slots=True)
class PathVertex:
    """A point of a path, and the directions in degrees of the segments that end and begin at it."""

    at: complex
    incoming: float | None = None
    outgoing: float | None = None

    @property
    def angle(self) -> float:
        """The direction of a marker that is rotated with the path."""
        if self.incoming is None or self.outgoing is None:
            return self.outgoing if self.incoming is None and self.outgoing is not None else self.incoming or 0.0
        apart = abs(self.incoming - self.outgoing) > 180 - _OPPOSITE
        return (self.incoming + self.outgoing) / 2 + (180 if apart else 0)


def vertices(path: Path) -> list[PathVertex]:
    """Return the vertices of a path with their directions (SVG 2, 13.7.4)."""
    found: list[PathVertex] = []
    first, turned = 0, ""
    for kind, points in path:
        last = found[-1] if found else PathVertex(0j)
        ends = points or (found[first].at,)
        if kind == "M":
            if turned == "M" and last.at != points[0]:
                last.outgoing = degrees(phase(points[0] - last.at))
            first = len(found)
            found.append(PathVertex(points[0]))
        elif kind != "m":
            steps = [one - two for one, two in zip(ends, (last.at, *ends), strict=False)]
            turns: list[float | None] = [degrees(phase(step)) for step in steps if step] or [last.incoming]
            if turned == "c":  # the pieces of one arc
                last.at, last.incoming = ends[-1], turns[-1]
            else:
                if any(steps) and turned != "m":  # the end of a closed path keeps its direction
                    last.outgoing = turns[0]
                found.append(PathVertex(ends[-1], turns[-1]))
        if kind == "Z":
            found[first].incoming, found[-1].outgoing = found[-1].incoming, found[first].outgoing
        turned = kind
    return found


# Painted parts of a path

_DOT: Final = 1e-3
"""Length that a line without a length gets, so that its ends are visible."""


def filled_parts(path: Path) -> Path:
    """Return the parts of a path that have an area: PDF viewers draw a hairline where one has none."""
    return tuple(segment for part in _parts(path) if _has_area(part) for segment in part)


def stroked_parts(path: Path, *, ends_show: bool) -> Path:
    """Return the parts of a path with a visible stroke: a line without a length has only its round or square ends."""
    found: list[PathSegment] = []
    for part in _parts(path):
        points = {point for _, points in part for point in points}
        if len(points) > 1:
            found += part
        elif ends_show and len(part) > 1:
            (point,) = points
            found += [("M", (point,)), ("L", (point + _DOT,))]
    return tuple(found)


def _parts(path: Path) -> list[list[PathSegment]]:
    parts: list[list[PathSegment]] = []
    for segment in path:
        if segment[0] in "Mm":
            parts.append([])
        parts[-1].append(segment)
    return parts


def _has_area(part: Sequence[PathSegment]) -> bool:
    points = [point for _, points in part for point in points]
    far = max(points, key=lambda point: abs(point - points[0]))
    along = far - points[0]
    size = abs(along)
    return any(abs(((point - points[0]) * along.conjugate()).imag) > 1e-9 * size * size for point in points)
