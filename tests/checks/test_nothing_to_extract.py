"""A format that shows a part of a leaflet needs that part, in every language."""

from tests.helpers import check_runner
from tests.helpers.tiny_library import TEXT, TinyLibrary

YAML = "content/first/leaflet.yaml"
EXERCISE = "\n::: exercise 3 × 10\nStræk benet.\n:::\n"


def test_a_leaflet_without_exercises_has_no_sheet_of_them(library: TinyLibrary) -> None:
    library.replace(YAML, "[a4, a5]", "[a4, exercise-sheet]")
    library.write("content/first/en.md", TEXT)
    library.body(EXERCISE)
    (line,) = check_runner.said(library, "nothing-to-extract")
    assert line.startswith(
        f"{YAML}:8:15: error: the text in en has no ::: exercise, which exercise-sheet shows; add one"
    )


def test_one_that_has_them_does(library: TinyLibrary) -> None:
    library.replace(YAML, "[a4, a5]", "[a4, exercise-sheet]")
    library.body(EXERCISE)
    assert not check_runner.said(library, "nothing-to-extract")
