"""More than one warning in a leaflet."""

from tests.helpers.check_runner import said
from tests.helpers.tiny_library import TinyLibrary

WARNING = "::: warning Ring\na\n:::\n"


def test_every_warning_but_the_first_is_named(library: TinyLibrary) -> None:
    library.body(f"\n{WARNING}\n:::: step day\n{WARNING}::::\n\n{WARNING}")
    second, third = said(library, "several-warnings")
    assert second.startswith(
        "content/first/da.md:11:1: warning: the leaflet already has a warning, in line 6; keep “warning” for when to act now"
    )
    assert "write “::: important Title” for what else matters" in second
    assert third.startswith("content/first/da.md:16:1: ")


def test_one_warning_beside_other_boxes_is_as_it_should_be(library: TinyLibrary) -> None:
    library.body(f"\n{WARNING}\n::: important Husk\na\n:::\n\n::: call\n:::\n")
    assert said(library, "several-warnings") == []
