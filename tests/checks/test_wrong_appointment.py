"""An appointment names a clinic, leaflets that it hands out, and formats that they have."""

import pytest

from tests.helpers.check_runner import said
from tests.helpers.tiny_library import TinyLibrary


def codes(library: TinyLibrary, text: str) -> list[str]:
    library.write("appointments.yaml", text)
    return said(library, "wrong-appointment")


def test_a_library_without_appointments(library: TinyLibrary) -> None:
    assert said(library, "wrong-appointment") == []


@pytest.mark.parametrize("behind", ["{leaflets: [first, T-1]}", "{leaflets: [T-1], format: a5}"])
def test_right_ones(library: TinyLibrary, behind: str) -> None:
    assert codes(library, f"north:\n  0712: {behind}\n") == []


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("nord:\n  A: {leaflets: [first]}\n", "1:1", "there is no clinic “nord”; did you mean “north”?"),
        ("north:\n  A: {leaflets: [first, frist]}\n", "2:25", "there is no leaflet “frist”; did you mean “first”?"),
        ("north:\n  A: {leaflets: [T-2]}\n", "2:18", "there is no leaflet “T-2”; did you mean “T-1”?"),
        ("north:\n  A: {leaflets: [first], format: a6}\n", "2:18", "north hands out first in a4, a5, not in a6"),
        ("north:\n  A: {leaflet: [first]}\n", "2:7", "unknown key “leaflet”"),
        ("north:\n  A: {leaflets: []}\n", "2:7", "must not be empty"),
        ("north: [\n", "1:8", "broken YAML"),
    ],
)
def test_wrong_ones_have_a_place(library: TinyLibrary, text: str, place: str, words: str) -> None:
    lines = codes(library, text)
    assert any(line.startswith(f"appointments.yaml:{place}: error: ") and words in line for line in lines), lines


def test_what_the_clinic_does_not_hand_out(library: TinyLibrary) -> None:
    library.replace("clinics/north.yaml", "hands_out:\n  first: {languages: [da]}", "hands_out: {}")
    (line,) = codes(library, "north:\n  A: {leaflets: [first]}\n")
    assert "north does not hand out first; add it to “hands_out” in clinics/north.yaml" in line


def test_only_the_formats_that_the_clinic_hands_out(library: TinyLibrary) -> None:
    library.replace("clinics/north.yaml", "languages: [da]", "languages: [da], formats: [a4]")
    (line,) = codes(library, "north:\n  A: {leaflets: [first], format: a5}\n")
    assert "north hands out first in a4, not in a5" in line
