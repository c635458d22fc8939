"""Pictures whose callouts are not those of their legends."""

from io import BytesIO

import pytest
from PIL import Image

from tests.helpers.check_runner import said
from tests.helpers.tiny_library import TinyLibrary


def drawing(*callouts: int) -> str:
    groups = "".join(f'<g id="callout-{number}"><circle cx="9" cy="9" r="5"/></g>' for number in callouts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><path id="callout" d="M0 0h4v4Z"/>{groups}</svg>'
    )


def diagram(items: int, name: str = "ryg.svg") -> str:
    legend = "".join(f"{number}. del {number}\n" for number in range(1, items + 1))
    return f"\n:::: step day\n::: diagram\n![Ryggen](images/{name})\n\nSet fra siden.\n\n{legend}:::\n::::\n"


@pytest.mark.parametrize("callouts", [(1, 2, 3), (3, 1, 2), (1, 2, 3, 3)])
def test_each_callout_has_an_item(library: TinyLibrary, callouts: tuple[int, ...]) -> None:
    library.write("content/first/images/ryg.svg", drawing(*callouts))
    library.body(diagram(3))
    assert said(library, "different-callouts") == []


def test_an_item_without_a_callout_is_named_at_its_line(library: TinyLibrary) -> None:
    library.write("content/first/images/ryg.svg", drawing(1, 3))
    library.body(diagram(3))
    (line,) = said(library, "different-callouts")
    assert line.startswith("content/first/da.md:13:1: error: ")
    assert "content/first/images/ryg.svg has no callout 2; remove this item" in line
    assert "the id “callout-2”" in line


def test_a_callout_that_nothing_explains_is_named_at_the_picture(library: TinyLibrary) -> None:
    library.write("content/first/images/ryg.svg", drawing(1, 2, 3))
    library.body(diagram(2))
    (line,) = said(library, "different-callouts")
    assert line.startswith("content/first/da.md:8:1: error: ")
    assert "has the callout 3, but the legend has 2 items; explain it, or remove “callout-3” from the drawing" in line


def test_a_photograph_is_not_looked_into(library: TinyLibrary) -> None:
    file = BytesIO()
    Image.new("RGB", (1800, 1200), "white").save(file, "PNG")
    library.write("content/first/images/ryg.png", file.getvalue())
    library.body(diagram(2, "ryg.png"))
    assert said(library, "different-callouts") == []
