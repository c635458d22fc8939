"""Spaces before marks."""

import pytest

from tests.helpers.check_runner import said
from tests.helpers.tiny_library import TinyLibrary


@pytest.mark.parametrize(("text", "column"), [("Kom , og gå.", 4), ("Er det godt ?", 12), ("Om 3 .", 5)])
def test_a_space_before_a_mark(library: TinyLibrary, text: str, column: int) -> None:
    library.body(f"\n{text}\n")
    (line,) = said(library, "space-before-mark")
    assert line.startswith(f"content/first/da.md:6:{column}: warning: there is a space before “")


@pytest.mark.parametrize(
    "text", ["Kom, og gå.", "Ring til {{ clinic.name }}.", "Tag .5 mg", "Kom :-)", "Ord [mere]{.full}. Og."]
)
def test_marks_that_stand_right(library: TinyLibrary, text: str) -> None:
    library.body(f"\n{text}\n")
    assert said(library, "space-before-mark") == []


def test_french_sets_a_space_there(library: TinyLibrary) -> None:
    library.replace("library.yaml", "[da,", "[fr, da,")
    library.write("content/first/fr.md", "---\ntitle: T\nsummary: Un mot !\n---\n\nUn mot ?\n")
    assert said(library, "space-before-mark") == []
