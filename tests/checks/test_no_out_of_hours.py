"""A warning that tells patients to call, where nobody says whom to call at night."""

import re

import pytest

from pdfkit_cli import checks
from tests.helpers.check_runner import found, said
from tests.helpers.tiny_library import TinyLibrary

CODE = "no-out-of-hours"
YAML, NORTH = "content/first/leaflet.yaml", "clinics/north.yaml"
URGENT = "\n:::: warning Ring\n- feber\n\n::: call\n:::\n::::\n"
SLOT = "\n::: slot own\n:::\n"


def both_have(library: TinyLibrary, value: str) -> None:
    for clinic in ("north", "south"):
        library.replace(f"clinics/{clinic}.yaml", "hands_out:", f"out_of_hours: {value}\nhands_out:")


@pytest.mark.parametrize(
    "body",
    [
        URGENT,
        f"\n::::: step after\n{URGENT.strip()}\n:::::\n",
        "\n::::: warning Ring\n- feber\n\n  ::: call\n  :::\n:::::\n",
    ],
)
def test_each_clinic_is_told(library: TinyLibrary, body: str) -> None:
    library.body(body)
    lines = said(library, CODE)
    assert [line.split(": ")[0] for line in lines] == [f"{NORTH}:7:3", "clinics/south.yaml:7:3"]
    assert re.search(
        "a warning in first tells patients to call, .* add “out_of_hours” .*"
        'knows in DK: "112", "1813", "70 11 07 07", "lægevagten"',
        lines[0],
    )
    assert all(map(checks.blocks_rendering, found(library, CODE)))


@pytest.mark.parametrize(
    "body",
    [
        "\n::: warning Ring\n- feber\n:::\n\n::: call\n:::\n",
        "\nRing på {{ clinic.phone }}.\n",
        "\n::: warning Ring\nRing på {{ clinic.phone }}.\n:::\n",
    ],
)
def test_a_call_elsewhere_needs_none(library: TinyLibrary, body: str) -> None:
    library.body(body)
    assert said(library, CODE) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("audience: patient", "audience: clinician"),
        ("status: draft", "status: withdrawn"),
    ],
)
def test_only_what_patients_get_counts(library: TinyLibrary, old: str, new: str) -> None:
    library.body(URGENT)
    library.replace(YAML, old, new)
    assert said(library, CODE) == []


def test_with_numbers_nothing_is_missing(library: TinyLibrary) -> None:
    library.body(URGENT)
    both_have(library, '["70 11 07 07", "112"]')
    assert said(library, CODE) == []


def test_a_clinic_that_does_not_hand_it_out_needs_none(library: TinyLibrary) -> None:
    library.body(URGENT)
    library.replace(NORTH, "  first: {languages: [da]}", "  {}")
    (line,) = said(library, CODE)
    assert line.startswith("clinics/south.yaml:7:3: error: ")


def test_words_are_needed_in_each_language(library: TinyLibrary) -> None:
    library.body(URGENT)
    library.write("content/first/en.md", library.read("content/first/da.md"))
    both_have(library, '["112", {phone: "70 11 31 31", words: {da: Lægevagten}}]')
    assert said(library, CODE) == []
    library.replace(NORTH, "[da]", "[da, en]")
    (line,) = said(library, CODE)
    assert line.startswith(f"{NORTH}:6:23: error: has no words in “en”, and a warning in first tells patients to call")


def test_the_own_wording_of_a_clinic_counts(library: TinyLibrary) -> None:
    library.write(YAML, library.read(YAML) + "slots: [own]\n")
    library.body(SLOT)
    library.write("clinics/south/first/own.da.md", URGENT)
    (line,) = said(library, CODE)
    assert line.startswith("clinics/south.yaml:7:3: error: ")
    library.body(f"\n:::: warning Ring\n- feber\n{SLOT}\n::::\n")
    library.write("clinics/south/first/own.da.md", "::: call\n:::\n")
    (line,) = said(library, CODE)
    assert line.startswith("clinics/south.yaml:7:3: error: ")


def test_own_wording_may_take_the_call_away(library: TinyLibrary) -> None:
    library.write(YAML, library.read(YAML) + "slots: [own]\n")
    library.body("\n::::: warning Ring\n- feber\n\n:::: slot own\n::: call\n:::\n::::\n:::::\n")
    library.write("clinics/south/first/own.da.md", "Kom ind til os.\n")
    (line,) = said(library, CODE)
    assert line.startswith(f"{NORTH}:7:3: error: ")
