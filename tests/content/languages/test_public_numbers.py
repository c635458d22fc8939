"""Public numbers that pdfkit knows: they can be dialled, and have words in each of its languages."""

import pytest

from pdfkit_cli.content.languages import phones
from pdfkit_cli.content.languages.public_numbers import PublicNumber, find_public_number, public_numbers
from tests.helpers.tiny_library import ROOT

KNOWN = [(country, number) for country in ("DK", "SE") for number in public_numbers(country)]
LANGUAGES = {"ar", "da", "en", "sv"}


@pytest.mark.parametrize(("country", "number"), KNOWN, ids=lambda value: getattr(value, "name", value))
def test_a_public_number_can_be_dialled_and_has_words(country: str, number: PublicNumber) -> None:
    assert set(number.words) == LANGUAGES
    if number.phone:
        assert phones.phone_problem(number.phone, country) == ""
        assert phones.format_phone(number.phone, country)[0] == number.phone == number.name


def test_the_numbers_of_each_country() -> None:
    """They are facts: whoever changes this list has read a public source."""
    assert [number.name for number in public_numbers("DK")] == ["112", "1813", "70 11 07 07", "lægevagten"]
    assert [number.name for number in public_numbers("SE")] == ["112", "1177"]
    assert public_numbers("GB") == ()


def test_a_number_is_found_however_it_is_grouped() -> None:
    found = find_public_number("7011 0707", "DK")
    assert found
    assert found.phone == "70 11 07 07"
    assert find_public_number("1177", "DK") is None


def test_the_docs_list_them() -> None:
    page = (ROOT / "docs/adding-a-clinic.md").read_text("utf-8")
    for country, number in KNOWN:
        entry = f'"{number.phone}"' if number.phone else number.name
        assert f"| {country} | `{entry}` |" in page
