"""Draws a share of people: those it holds for are filled, the others outlined."""

from collections.abc import Iterator
from urllib.parse import quote

WIDTH, HEIGHT, GAP = 22, 44, 6
"""The size of a person, and the space between two, in units of the picture."""

MAX_IN_ROW = 5

_PERSON = (
    '<g transform="translate({x} {y})"><circle cx="11" cy="8" r="6.5"/><path d="M2 42V26a9 8 0 0 1 18 0v16Z"/></g>'
)


def people_picture(odds: tuple[int, int], colour: str, direction: str) -> str:
    """Return the picture as a data address of an SVG. More than five people are in two rows; the filled ones come first in reading direction."""
    some, total = odds
    in_row = total if total <= MAX_IN_ROW else (total + 1) // 2
    rows = -(-total // in_row)
    people = [
        _PERSON.format(
            x=(in_row - 1 - column if direction == "rtl" else column) * (WIDTH + GAP), y=row * (HEIGHT + GAP)
        )
        for row, column in (divmod(index, in_row) for index in range(total))
    ]
    size = f"0 0 {in_row * (WIDTH + GAP) - GAP} {rows * (HEIGHT + GAP) - GAP}"
    groups = "".join(_groups(people, some, colour))
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" stroke="{colour}" stroke-width="2.5" stroke-linejoin="round">{groups}</svg>'
    return "data:image/svg+xml," + quote(svg)


def _groups(people: list[str], some: int, colour: str) -> Iterator[str]:
    yield f'<g fill="{colour}">{"".join(people[:some])}</g>'
    yield f'<g fill="#fff">{"".join(people[some:])}</g>'
