"""The order of pages in a saddle-stitched booklet: two are next to each other on each side of a sheet."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SheetSide:
    """One side of a sheet: the page numbers, from 1, of its left and right half; 0 is an empty half."""

    left: int
    right: int


def saddle_stitch_sides(pages: int, *, right_to_left: bool = False) -> list[SheetSide]:
    """Return the sides in printing order, front and back of each sheet, for a saddle-stitched booklet.

    The number of pages is padded to a multiple of four with empty halves at the end. A booklet that is read from right
    to left is bound on the right.
    """
    padded = -(-pages // 4) * 4
    result = []
    for sheet in range(padded // 4):
        for low, high in ((2 * sheet + 1, padded - 2 * sheet), (padded - 2 * sheet - 1, 2 * sheet + 2)):
            left, right = (low, high) if right_to_left else (high, low)
            result.append(SheetSide(left if left <= pages else 0, right if right <= pages else 0))
    return result
