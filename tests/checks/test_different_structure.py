"""A translation has the blocks of its source."""

import re

from tests.helpers.check_runner import said
from tests.helpers.tiny_library import TinyLibrary
from tests.helpers.translated_library import write


def test_the_first_difference_is_said_with_both_lines(library: TinyLibrary) -> None:
    write(library)
    assert said(library, "different-structure") == []
    library.replace("content/first/en.md", "- Bring clothes.\n- Take", "Bring clothes.\n\n- Take")
    (line,) = said(library, "different-structure")
    assert re.fullmatch(
        r"content/first/en.md:11:1: error: the blocks differ from those of the source: here is a paragraph, but a list "
        r"item is at content/first/da.md:10; use the same blocks in the same order \[different-structure\]",
        line,
    )


def test_a_date_that_is_a_list_in_one_of_them_says_how_to_write_it(library: TinyLibrary) -> None:
    write(library, "1. juni er lukket.", "We are closed on 1 June.")
    (line,) = said(library, "different-structure")
    assert line.startswith("content/first/en.md:6:1: error:")
    assert "use the same blocks in the same order, and write “1\\.” for a number that begins a sentence" in line
    library.replace("content/first/da.md", "1. juni", "1\\. juni")
    assert said(library, "different-structure") == []


def test_a_leaflet_that_nobody_may_hand_out_is_left_alone(library: TinyLibrary) -> None:
    write(library, english="One.\n")
    assert said(library, "different-structure")
    library.replace("content/first/leaflet.yaml", "draft", "withdrawn")
    assert said(library, "different-structure") == []
