"""Numbers, fields and call panels of a translation are those of its source."""

import re

import pytest

from pdfkit_cli import checks
from tests.helpers.check_runner import found, said
from tests.helpers.tiny_library import TinyLibrary
from tests.helpers.translated_library import write

EN = "content/first/en.md"


@pytest.mark.parametrize(
    ("danish", "english"),
    [
        ("Tag 1,5 mg.", "Take 1.5 mg."),
        ("Efter 1–2 dage.", "After 1–2 days."),
        ("Kl. 14.30.", "At 2:30 pm."),
        ("Hos 27–40 %.", "In 27–40%."),
        ("Ring {{ clinic.phone }}.", "Call {{ clinic.phone }}."),
        ("Den 21. november 2026.", "On November 21, 2026."),
        ("To gange.", "Twice."),
        ("Tag 2 piller.", "Take two pills."),
        ("Ved ≥ 38 °C.", "At 38 °C or more."),
        ("Hos 27–40 %.", "In 27% to 40%."),
        ("Vent to timer.", "Wait for two hours."),
    ],
)
def test_the_same_numbers(library: TinyLibrary, danish: str, english: str) -> None:
    write(library, danish, english)
    assert said(library, "different-numbers") == []


@pytest.mark.parametrize(
    ("danish", "english", "message"),
    [
        ("Tag 5 mg.", "Take 50 mg.", "“5” in the source is missing here, and “50” is not in the source"),
        ("Tag 1,5 mg.", "Take 15 mg.", "“1.5” in the source is missing here, and “15” is not in the source"),
        ("Tag 5 mg.", "Take 5 g.", "“mg” in the source is missing here, and “g” is not in the source"),
        ("Faste i 6 timer.", "Fast for hours.", "“6” in the source is missing here;"),
        ("Faste.", "Fast for 6 hours.", "“6” is not in the source;"),
        ("Tag 2 og 2.", "Take 2.", "“2” in the source is missing here;"),
        ("Ved ≥ 38 °C.", "At ≤ 38 °C.", "“≥38” in the source is missing here, and “≤38” is not in the source"),
        ("Ved −18 °C.", "At 18 °C.", "“−18” in the source is missing here, and “18” is not in the source"),
        ("Tag 2 piller.", "Take three pills.", "“2” in the source is missing here;"),
        ("Faste i 6 timer.", "Fast for 6 days.", "“6 h” in the source is missing here, and “6 d” is not in the source"),
        (
            "Ved mindst 38 °C.",
            "At 38 °C or less.",
            "“≥38” in the source is missing here, and “≤38” is not in the source",
        ),
        ("Tag to piller.", "Take three pills.", "“2” in the source is missing here, and “3” is not in the source"),
        ("Hos 5 %.", "In 5.", "“%” in the source is missing here;"),
        ("Ring {{ clinic.phone }}.", "Call us.", "“{{ clinic.phone }}” in the source is missing here;"),
        (
            "Ring {{ clinic.phone }}.",
            "Call {{ clinic.name }}.",
            "“{{ clinic.phone }}” in the source is missing here, and",
        ),
        (
            "::: exercise 3 × 10\nx\n:::\n",
            "::: exercise 3 × 20\nx\n:::\n",
            "“10” in the source is missing here, and “20”",
        ),
    ],
)
def test_other_numbers(library: TinyLibrary, danish: str, english: str, message: str) -> None:
    write(library, danish, english)
    (line,) = said(library, "different-numbers")
    assert line.startswith(f"{EN}:6:1: error: the numbers differ from ")
    assert "content/first/da.md:5: " + message in line


def test_it_blocks_the_edition_and_cannot_be_allowed(library: TinyLibrary) -> None:
    write(library, "Tag 5 mg.", "Take 50 mg.")
    (finding,) = found(library, "different-numbers")
    assert checks.blocks_rendering(finding)
    assert checks.all_rules()[finding.code].safety


def test_arabic_digits_are_the_same(library: TinyLibrary) -> None:
    write(library, "Faste i 6 timer.\n", "صم ٦ ساعات.\n", "ar")
    assert said(library, "different-numbers") == []
    library.replace("content/first/ar.md", "٦", "٧")
    assert len(said(library, "different-numbers")) == 1


def test_the_title_counts(library: TinyLibrary) -> None:
    write(library)
    library.replace(EN, "A title", "A title in 2 parts")
    assert said(library, "different-numbers")[0].startswith(f"{EN}:2:1: ")


@pytest.mark.parametrize(
    ("danish", "english", "message"),
    [
        ("Et.\n\nTag 5 mg.\n", "Take 5 mg.\n", ""),
        ("Et.\n\nTag 5 mg.\n", "Take 6 mg.\n", "“5” in the source is missing here, and “6”"),
        ("Et.\n\n::: call\n:::\n", "Et.\n\nTo.\n", "“::: call” in the source is missing here;"),
    ],
)
def test_where_the_blocks_differ_all_numbers_are_compared(
    library: TinyLibrary, danish: str, english: str, message: str
) -> None:
    write(library, danish, english)
    assert said(library, "different-structure")
    lines = said(library, "different-numbers")
    assert len(lines) == bool(message)
    assert all(re.match(rf"{EN}:1:1: error: the numbers differ from \S+da.md: {message}", line) for line in lines)


def test_two_doses_that_changed_places(library: TinyLibrary) -> None:
    write(library, "Tag 3 piller 2 gange.\n", "Take 2 pills 3 times.\n")
    assert said(library, "different-numbers") == []
    (line,) = said(library, "swapped-numbers")
    assert line.startswith(f"{EN}:6:1: warning: the numbers are in another order than at ")
    assert "da.md:5: 2, 3 and not 3, 2; check" in line
    library.replace(EN, "2 pills 3", "3 pills 2")
    assert said(library, "swapped-numbers") == []
