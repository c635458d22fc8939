"""The order of pages on sheets that are folded: side by side on each side of a sheet, so that they follow each other in the hand."""

from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias

Folding: TypeAlias = Literal["saddle-stitch", "letter-fold"]
"""Sheets folded in the middle, one inside the other; or one sheet folded twice, with the last third folded in."""

SheetSide: TypeAlias = tuple[int, ...]
"""One side of a sheet: the page numbers, from 1, of its parts from left to right; 0 is an empty part."""


FORM_NAMES: Final[Mapping[Folding, str]] = {"saddle-stitch": "/P", "letter-fold": "/F"}
"""What the names of the forms that are pages on a sheet begin with: a number follows."""


def sheet_sides(folding: Folding, pages: int, *, right_to_left: bool = False) -> list[SheetSide]:
    """Return the sides in printing order, front and back of each sheet.

    The number of pages is padded with empty parts at the end. What is read from right to left opens from the other side:
    each of its sides is mirrored.
    """
    per_sheet, order = _FOLDINGS[folding]
    padded = -(-pages // per_sheet) * per_sheet
    sides = [tuple(number if number <= pages else 0 for number in side) for side in order(padded)]
    return [side[::-1] for side in sides] if right_to_left else sides


def _saddle_stitch(pages: int) -> list[SheetSide]:
    """Return the sides of sheets that are laid in each other and folded through the middle."""
    fronts = range(1, pages // 2, 2)
    return [side for low in fronts for side in ((pages + 1 - low, low), (low + 1, pages - low))]


def _letter_fold(pages: int) -> list[SheetSide]:
    """Return the sides of sheets that are folded twice.

    Outside are the part that is folded in, the back and the front; inside are three parts that are read in a row.
    """
    return [
        side
        for first in range(1, pages, 6)
        for side in ((first + 4, first + 5, first), (first + 1, first + 2, first + 3))
    ]


_FOLDINGS: Final[Mapping[Folding, tuple[int, Callable[[int], list[SheetSide]]]]] = {
    "saddle-stitch": (4, _saddle_stitch),
    "letter-fold": (6, _letter_fold),
}
"""The pages on each sheet, and the order of all."""
