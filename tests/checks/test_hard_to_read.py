"""Texts and sections over the LIX of their readers."""

import pytest

from tests.helpers.check_runner import said
from tests.helpers.tiny_library import TinyLibrary

EASY = "Du kan tage hjem i dag. Spis og drik som du plejer. " * 5
HARD = "Behandlingsansvarlige sundhedspersoner informerer hospitalsindlagte patienter angående bivirkninger. " * 6


def hard(library: TinyLibrary) -> list[str]:
    return said(library, "hard-to-read")


def test_a_hard_section_is_named_with_its_longest_sentence(library: TinyLibrary) -> None:
    library.body(f"\n## Let\n\n{EASY}\n\n## Svær\n\n{HARD}\n\n## Let igen\n\n{EASY}\n")
    (line,) = hard(library)
    assert line.startswith("content/first/da.md:10:4: warning: this section has a LIX of 10")
    assert "(very hard); for a patient it should be 40 or less" in line
    assert "The longest sentence: “Behandlingsansvarlige sundhedspersoner informerer" in line


def test_easy_words_are_fine(library: TinyLibrary) -> None:
    library.body(f"\n## Let\n\n{EASY}\n")
    assert hard(library) == []


def test_a_few_words_say_nothing(library: TinyLibrary) -> None:
    library.body(f"\n## Svær\n\n{HARD[:200]}\n")
    assert hard(library) == []


def test_short_sections_count_together(library: TinyLibrary) -> None:
    library.body("".join(f"\n## Svær\n\n{HARD[:200]}\n" for _ in range(4)))
    (line,) = hard(library)
    assert ": warning: the text has a LIX of " in line


@pytest.mark.parametrize(("setting", "count"), [("patient: 110", 0), ("patient: 30", 1), ("clinician: 20", 1)])
def test_the_library_sets_the_limit_of_an_audience(library: TinyLibrary, setting: str, count: int) -> None:
    library.body(f"\n## Svær\n\n{HARD}\n")
    library.replace("library.yaml", "languages:", f"checks: {{lix: {{{setting}}}}}\nlanguages:")
    assert len(hard(library)) == count


def test_those_who_read_for_a_living_may_be_asked_more(library: TinyLibrary) -> None:
    text = "Lægen vurderer patientens tilstand og planlægger behandlingen i afdelingen sammen med dig. " * 5
    library.body(f"\n## Svær\n\n{text}\n")
    assert len(hard(library)) == 1
    library.replace("content/first/leaflet.yaml", "audience: patient", "audience: clinician")
    assert hard(library) == []


def test_a_language_without_bands_is_not_measured(library: TinyLibrary) -> None:
    matter = "---\ntitle: T\nsummary: S.\n---\n"
    library.write("content/first/en.md", f"{matter}\n## Hard\n\n{HARD}\n")
    library.write("content/first/sv.md", f"{matter}\n## Hard\n\n{HARD}\n")
    assert [line.split(":")[0] for line in hard(library)] == ["content/first/sv.md"]


def test_the_alternative_text_of_a_picture_is_not_read_with_the_section(library: TinyLibrary) -> None:
    library.write("content/first/a.svg", library.read("brands/plain/logo.svg"))
    library.body(f"\n## Let\n\n{EASY}\n\n![{HARD[:380].strip()}](a.svg)\n")
    assert hard(library) == []


def test_the_wording_of_a_clinic_is_measured_too(library: TinyLibrary) -> None:
    library.replace("content/first/leaflet.yaml", "owner", "slots: [parking]\nowner")
    library.body("\n::: slot parking\n:::\n")
    library.write("clinics/north/first/parking.da.md", f"{HARD}\n")
    (line,) = hard(library)
    assert line.startswith("clinics/north/first/parking.da.md:1:1: warning")
