"""The picture of a share of people."""

import re
from urllib.parse import unquote

import pytest

from pdfkit_cli.content.pictures import _inspect_svg
from pdfkit_cli.rendering.people_picture import people_picture
from tests.helpers.block_examples import draw
from tests.helpers.tiny_library import BRAND, LOGO, TinyLibrary


def places(odds: tuple[int, int], direction: str = "ltr") -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Column and row of each filled person, then of each outlined one."""
    svg = unquote(people_picture(odds, "#123456", direction).removeprefix("data:image/svg+xml,"))
    assert not _inspect_svg(svg.encode()).problems
    groups = re.findall(r'<g fill="(#\w+)">(.*?)</g>(?=<g fill|</svg>)', svg)
    assert [colour for colour, _ in groups] == ["#123456", "#fff"]
    filled, outlined = (re.findall(r"translate\((\d+) (\d+)\)", people) for _, people in groups)
    return [(int(x) // 28, int(y) // 50) for x, y in filled], [(int(x) // 28, int(y) // 50) for x, y in outlined]


def test_up_to_five_people_are_in_a_row() -> None:
    assert places((2, 3)) == ([(0, 0), (1, 0)], [(2, 0)])
    assert places((5, 5)) == ([(0, 0), (1, 0), (2, 0), (3, 0), (4, 0)], [])


def test_more_people_are_in_two_rows() -> None:
    filled, outlined = places((5, 7))
    assert filled == [(0, 0), (1, 0), (2, 0), (3, 0), (0, 1)]
    assert outlined == [(1, 1), (2, 1)]


def test_the_filled_ones_come_first_in_reading_direction() -> None:
    assert places((2, 3), "rtl") == ([(2, 0), (1, 0)], [(0, 0)])


@pytest.mark.parametrize("total", range(2, 11))
def test_everybody_has_a_place_of_his_own(total: int) -> None:
    filled, outlined = places((1, total))
    assert len({*filled, *outlined}) == total


def test_each_clinic_has_the_colour_of_its_own_brand(library: TinyLibrary) -> None:
    library.write("brands/green/brand.yaml", BRAND.replace("#24506b", "#0b5d3b"))
    library.write("brands/green/logo.svg", LOGO)
    library.replace("clinics/south.yaml", "brand: plain", "brand: green")
    library.body("\n::: odds 2 of 3\na\n:::\n")
    colours = [set(re.findall(r"%23(\w{6})", draw(library, clinic))) for clinic in ("north", "south")]
    assert colours == [{"24506b"}, {"0b5d3b"}]
