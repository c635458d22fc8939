"""Ranges that lost their dash."""

import pytest

from tests.helpers.check_runner import said
from tests.helpers.tiny_library import TinyLibrary


def found(library: TinyLibrary, text: str) -> list[str]:
    library.body(f"\n{text}\n")
    return said(library, "lost-dash")


def test_two_numbers_before_a_unit(library: TinyLibrary) -> None:
    assert found(library, "Det ses hos 27 40 % af dem.") == [
        "content/first/da.md:6:13: warning: “27 40”: if this is a range, its dash is missing; write 27–40 [lost-dash]"
    ]


@pytest.mark.parametrize("text", ["om 2 4 uger", "1,5 2 timer", "5 10 mg", "2\u00a03 gange", "20 45 minutter,"])
def test_more_of_them(library: TinyLibrary, text: str) -> None:
    assert len(found(library, text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "27–40 %",
        "1 000 mg",
        "10 000 patienter",
        "kl. 10 12. maj",
        "40 27 %",
        "20 4 uger",
        "nr. 2 4 blade",
        "2 × 3 10 gange",
        "3 4 ugerne er ord",
        "om 2, 4 uger",
        "12/3 4 dage",
        "1 2 3 dage",
    ],
)
def test_what_is_no_range(library: TinyLibrary, text: str) -> None:
    assert found(library, text) == []
