"""Languages run from right to left where CLDR has it so."""

from itertools import product
from string import ascii_lowercase

import pytest
from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.localedata import locale_identifiers

from pdfkit_cli.pdf.reader import aloud
from tests.helpers.soak_sampling import sampled


def by_cldr(language: str) -> bool:
    try:
        code = get_global("language_aliases").get(language, language).replace("_", "-")
        return Locale.parse(code, sep="-").text_direction == "rtl"
    except (UnknownLocaleError, ValueError):
        return False


@pytest.mark.soak
def test_plain_codes_are_known_without_babel_and_as_in_babel() -> None:
    """Every code of two letters, and every longer one that Babel knows; of the thousands of which it knows only the script, some."""
    codes = {"".join(letters) for letters in product(ascii_lowercase, repeat=2)}
    codes |= {name.partition("_")[0] for name in (*locale_identifiers(), *get_global("language_aliases"))}
    scripts = {name for name in get_global("likely_subtags") if name.isalpha()}
    assert codes | scripts >= aloud._RIGHT_TO_LEFT
    codes |= {*sampled(sorted(scripts - codes), 500), *aloud._RIGHT_TO_LEFT}
    wrong = {code for code in codes if aloud.runs_right_to_left(code) != by_cldr(code)}
    assert wrong == set()


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ar-SA", True),
        ("pa-Arab", True),
        ("pa", False),
        ("az-Arab", True),
        ("da-DK", False),
        ("", False),
        ("x", False),
    ],
)
def test_codes_with_more_than_a_language(language: str, expected: bool) -> None:
    assert aloud.runs_right_to_left(language) is expected
    assert by_cldr(language) is expected
