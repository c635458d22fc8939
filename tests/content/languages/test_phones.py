"""Phone numbers are printed as a country writes them and dialled as it dials them, the short ones too."""

import pytest

from pdfkit_cli.content.languages import phones

SHORT = [
    ("116117", "NO"), ("113", "NO"), ("112", "NO"), ("1177", "SE"), ("112", "SE"), ("114 14", "SE"), ("1813", "DK"), ("112", "DK"), ("114", "DK"),
    ("116117", "DE"), ("116 117", "DE"), ("112", "DE"), ("116117", "FI"), ("112", "FI"), ("111", "GB"), ("999", "GB"), ("112", "GB"),
    ("15", "FR"), ("061", "ES"), ("144", "AT"), ("1450", "AT"), ("144", "CH"), ("1700", "IS"), ("911", "US"), ("112", "FO"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "country"), SHORT)
def test_a_short_number_of_the_country_is_dialled_as_it_is(typed: str, country: str) -> None:
    assert phones.phone_problem(typed, country) == ""
    assert phones.format_phone(typed, country) == (typed, f"tel:{typed.replace(' ', '')}")


@pytest.mark.parametrize(
    ("typed", "country", "printed", "address"),
    [
        ("76361400", "DK", "76 36 14 00", "tel:+4576361400"),
        ("+46 31 81 80 83", "DK", "+46 31 81 80 83", "tel:+4631818083"),
        ("031818083", "SE", "031-81 80 83", "tel:+4631818083"),
        ("02079460018", "GB", "020 7946 0018", "tel:+442079460018"),
        ("02800", "NO", "02800", "tel:+4702800"),
    ],
)
def test_other_numbers_are_dialled_with_the_country_code(typed: str, country: str, printed: str, address: str) -> None:
    assert phones.phone_problem(typed, country) == ""
    assert phones.format_phone(typed, country) == (printed, address)


@pytest.mark.parametrize(
    ("typed", "country", "said"),
    [
        ("1177", "DK", "has too few or too many digits for DK (Denmark)"),
        ("1813", "SE", "has too few or too many digits for SE (Sweden)"),
        ("113", "DK", "has too few or too many digits for DK (Denmark)"),
        ("1234567", "DK", "has too few or too many digits for DK (Denmark)"),
        ("+47 116117", "NO", "cannot be dialled with a country code; write 116117"),
        ("+46 1177", "SE", "cannot be dialled with a country code; write 1177"),
        ("0045 1813", "DK", "cannot be dialled with a country code; write 1813"),
        ("ring os", "DK", "is not a phone number; write digits and spaces"),
        ("11 17 7a", "SE", "has too few or too many digits for SE (Sweden)"),
    ],
)
def test_what_nobody_can_dial_is_said(typed: str, country: str, said: str) -> None:
    assert phones.phone_problem(typed, country) == said
