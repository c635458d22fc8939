"""Country codes (ISO 3166-1 alpha-2), and suggestions for text that is not a country code."""

from collections.abc import Iterator
from functools import cache
from typing import Final

import phonenumbers
from babel import Locale, UnknownLocaleError
from babel.core import get_global

from pdfkit_cli.content.languages.locales import parse_locale
from pdfkit_cli.content.packaged import packaged_languages

COUNTRY_CODES: Final = frozenset(phonenumbers.SUPPORTED_REGIONS)
"""Countries with phone numbers."""

_COUNTRY_PARTS: Final = {
    "England": "GB",
    "Scotland": "GB",
    "Wales": "GB",
    "Northern Ireland": "GB",
    "Great Britain": "GB",
}
_MAX_SUGGESTIONS: Final = 3
"""The most suggestions; if the beginning of a name fits more countries, there are none."""


def suggest_codes(text: str) -> tuple[str, ...]:
    """Return the codes that may be meant by a lower-case or three-letter code, a name, or the beginning of a name."""
    upper = text.strip().upper()
    if upper in COUNTRY_CODES:
        return (upper,)
    if codes := [code for code in get_global("territory_aliases").get(upper, ()) if code in COUNTRY_CODES]:
        return (codes[0],)
    wanted = text.strip().casefold()
    for names, beginnings in ((_english_names(), True), (_own_names(), True), (_other_names(), False)):
        exact = {code for name, code in names if name == wanted}
        begun = {code for name, code in names if beginnings and len(wanted) > 1 and name.startswith(wanted)}
        if found := exact or begun:
            return tuple(sorted(found)) if len(found) <= _MAX_SUGGESTIONS else ()
    return ()


def country_name(code: str) -> str:
    """Return a country's name in English, or its code if there is no name."""
    return str(Locale("en").territories.get(code, code))


@cache
def _english_names() -> frozenset[tuple[str, str]]:
    return frozenset(
        (name.casefold(), code) for name, code in (*_COUNTRY_PARTS.items(), *_territory_names(Locale("en")))
    )


@cache
def _own_names() -> frozenset[tuple[str, str]]:
    """Return the names of countries in the languages that are spoken there."""
    names = (pair for code in COUNTRY_CODES for pair in _territory_names(_own_locale(code)) if pair[1] == code)
    return frozenset((name.casefold(), code) for name, code in names)


@cache
def _other_names() -> frozenset[tuple[str, str]]:
    names = (pair for language in packaged_languages() for pair in _territory_names(parse_locale(language)))
    return frozenset((name.casefold(), code) for name, code in names)


def _territory_names(locale: Locale | None) -> Iterator[tuple[str, str]]:
    if locale:
        yield from ((name, code) for code, name in locale.territories.items() if code in COUNTRY_CODES)


def _own_locale(code: str) -> Locale | None:
    try:
        return Locale.parse(f"und_{code}")
    except (UnknownLocaleError, ValueError):
        return None
