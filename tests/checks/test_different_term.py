"""Terms that are not translated as the glossary says."""

import pytest

from tests.helpers.check_runner import said
from tests.helpers.tiny_library import TinyLibrary
from tests.helpers.translated_library import DANISH, ENGLISH, write


@pytest.fixture(autouse=True)
def _texts(library: TinyLibrary) -> None:
    library.write("library.yaml", "name: Tiny\nlanguages: [da, en, sv]\n")
    write(library, DANISH.replace("Tag tøj med.", "Insulinen tages med."), ENGLISH)


def test_a_term_that_is_translated_otherwise_is_named(library: TinyLibrary) -> None:
    library.write("glossary/en.yaml", "da:\n  feber: [temperature, pyrexia]\n  over: more than\n")
    assert said(library, "different-term") == [
        "content/first/en.md:14:1: warning: “feber” is “temperature” or “pyrexia” in glossary/en.yaml:2, but not here; "
        "use it, or add there what fits as well [different-term]"
    ]


def test_any_of_the_translations_will_do(library: TinyLibrary) -> None:
    library.write("glossary/en.yaml", "da:\n  insulin*: [hormone, insulin]\n  feber: fever\n")
    (line,) = said(library, "different-term")
    assert line.startswith("content/first/en.md:11:1: warning: “insulin” is “hormone” or “insulin”")


@pytest.mark.parametrize("name", ["en.yaml", "sv.yaml"])
def test_only_the_glossary_of_the_two_languages_counts(library: TinyLibrary, name: str) -> None:
    library.write(f"glossary/{name}", "da:\n  feber: temperature\nsv:\n  feber: heat\n")
    assert len(said(library, "different-term")) == (name == "en.yaml")


def test_other_blocks_are_not_compared(library: TinyLibrary) -> None:
    library.write("glossary/en.yaml", "da:\n  feber: temperature\n")
    library.replace("content/first/en.md", "- Bring clothes.\n", "")
    assert said(library, "different-term") == []
    assert said(library, "different-structure")
