"""Pages on sheets that are folded follow each other in the hand."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdfkit_cli.pdf.folding import Folding, sheet_sides

PAGES = st.integers(1, 200)
FOLDINGS = st.sampled_from(["saddle-stitch", "letter-fold"])


@given(PAGES, FOLDINGS, st.booleans())
def test_every_page_is_printed_once(pages: int, folding: Folding, right_to_left: bool) -> None:
    printed = Counter(number for side in sheet_sides(folding, pages, right_to_left=right_to_left) for number in side)
    per_sheet = 6 if folding == "letter-fold" else 4
    blank = printed.pop(0, 0)
    assert printed == Counter(range(1, pages + 1))
    assert blank < per_sheet
    assert (pages + blank) % per_sheet == 0


@given(PAGES)
def test_the_folded_booklet_reads_in_order(pages: int) -> None:
    """Lay the sheets on each other, the first one outside, and fold: every leaf has two pages that follow each other."""
    sides = sheet_sides("saddle-stitch", pages)
    fronts, backs = sides[::2], sides[1::2]
    # From the first leaf to the last: the right half of each front, then the left halves, from the innermost out.
    leaves = [(front[1], back[0]) for front, back in zip(fronts, backs, strict=True)]
    leaves += [(back[1], front[0]) for front, back in zip(reversed(fronts), reversed(backs), strict=True)]
    read = [page for leaf in leaves for page in leaf]
    assert read == [*range(1, pages + 1), *[0] * (len(read) - pages)]


@given(PAGES, FOLDINGS)
def test_what_is_read_from_right_to_left_is_its_mirror(pages: int, folding: Folding) -> None:
    mirrored = [side[::-1] for side in sheet_sides(folding, pages)]
    assert sheet_sides(folding, pages, right_to_left=True) == mirrored


def test_one_sheet_folded_once() -> None:
    assert sheet_sides("saddle-stitch", 4) == [(4, 1), (2, 3)]
    assert sheet_sides("saddle-stitch", 1) == [(0, 1), (0, 0)]
    assert sheet_sides("saddle-stitch", 4, right_to_left=True) == [(1, 4), (3, 2)]


@pytest.mark.parametrize("right_to_left", [False, True])
def test_one_sheet_folded_twice(right_to_left: bool) -> None:
    outside, inside = sheet_sides("letter-fold", 6, right_to_left=right_to_left)
    assert (outside, inside) == (((1, 6, 5), (4, 3, 2)) if right_to_left else ((5, 6, 1), (2, 3, 4)))
    # Turned over the short edge: behind the front is where the text begins, behind what is folded in is where it goes on.
    assert set(zip(outside, reversed(inside), strict=True)) == {(1, 2), (6, 3), (5, 4)}
