"""A logo that would print too small to be seen, or run into the name beside it."""

import re
from collections.abc import Iterator

from defusedxml.ElementTree import fromstring

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.errors import Severity, SourceLocation

NARROWEST, WIDEST = 0.8, 1.2
"""Width over height. The masthead has a square of 9 to 16 mm for the logo, and 4 mm to the name."""


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each logo whose shape does not fit the masthead."""
    for brand in context.library.brands.values():
        if problem := _problem(brand.drawing):
            yield SourceLocation(brand.logo.name), problem


def _problem(drawing: bytes) -> str:
    size = _size(drawing)
    if size is None:
        return "the logo has no size; give its <svg> a viewBox, such as viewBox=“0 0 48 48”"
    ratio = size[0] / size[1]
    if ratio < NARROWEST:
        return f"the logo is only {ratio:.2g} times as wide as high, so it prints too small; save a version that is about square"
    if ratio > WIDEST:
        return f"the logo is {ratio:.2g} times as wide as high and would run into the name; save a version that is about square"
    return ""


def _size(svg: bytes) -> tuple[float, float] | None:
    """Return width and height of a drawing, in its own units."""
    root = fromstring(svg)
    numbers = [float(number) for number in re.findall(r"-?[\d.]+(?:e-?\d+)?", root.get("viewBox", ""))]
    width, height = numbers[2:] if len(numbers) == 4 else (0.0, 0.0)
    return (width, height) if width > 0 and height > 0 else None


RULE = Rule("logo-shape", "A logo that does not fit the masthead", Severity.WARNING, check)
