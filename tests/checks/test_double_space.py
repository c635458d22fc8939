"""Two spaces between words."""

import pytest

from tests.helpers.check_runner import said
from tests.helpers.tiny_library import TinyLibrary


def test_a_double_space_has_its_place(library: TinyLibrary) -> None:
    library.body("\nTo  ord. Og\u00a0 to.\n")
    assert said(library, "double-space") == [
        "content/first/da.md:6:3: warning: two spaces between words; remove one [double-space]",
        "content/first/da.md:6:12: warning: two spaces between words; remove one [double-space]",
    ]


def test_front_matter_is_read_too(library: TinyLibrary) -> None:
    library.replace("content/first/da.md", "En titel", "En  titel")
    (line,) = said(library, "double-space")
    assert line.startswith("content/first/da.md:2:10: ")


@pytest.mark.parametrize(
    "text",
    ["-   punkt", "1.  punkt", "- a\n    - b", "##  Titel", "| a    | b |\n|------|---|\n| c    | d |", "en  \nto"],
)
def test_spaces_that_an_author_lines_up_with(library: TinyLibrary, text: str) -> None:
    library.body(f"\n{text}\n")
    assert said(library, "double-space") == []
