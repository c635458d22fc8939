"""Boxes and matrices of PDF, in points from the lower left corner of a page (ISO 32000-1, 8.3)."""

from collections.abc import Iterable
from typing import Final, TypeAlias

POINTS_PER_MM: Final = 72 / 25.4

Box: TypeAlias = tuple[float, float, float, float]
"""Left, bottom, right, top."""

Matrix: TypeAlias = tuple[float, float, float, float, float, float]
IDENTITY: Final[Matrix] = (1, 0, 0, 1, 0, 0)


def normalize(box: Box) -> Box:
    """Return a box, of which any two opposite corners may be given, with its left bottom corner first."""
    x0, y0, x1, y1 = box
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def multiply(inner: Matrix, outer: Matrix) -> Matrix:
    """Return the matrix that applies `inner` first, then `outer`."""
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def transform_box(box: Box, matrix: Matrix) -> Box:
    """Return the bounding box of a transformed box."""
    a, b, c, d, e, f = matrix
    left, bottom, right, top = box
    if b == c == 0:
        return normalize((a * left + e, d * bottom + f, a * right + e, d * top + f))
    xs = [a * x + c * y + e for x in (left, right) for y in (bottom, top)]
    ys = [b * x + d * y + f for x in (left, right) for y in (bottom, top)]
    return min(xs), min(ys), max(xs), max(ys)


def intersect(one: Box, other: Box) -> Box:
    """Return the part that two boxes share; its right edge is left of its left edge where they share nothing."""
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def bounding_box(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around at least one box."""
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


def contains(outer: Box, inner: tuple[float, ...], tolerance: float = 0.0) -> bool:
    """Return whether a box is inside another, or extends beyond it by no more than a tolerance."""
    left, bottom, right, top = inner
    return (
        left >= outer[0] - tolerance
        and bottom >= outer[1] - tolerance
        and right <= outer[2] + tolerance
        and top <= outer[3] + tolerance
    )
