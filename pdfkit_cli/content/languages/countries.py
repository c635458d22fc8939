"""Country codes (ISO 3166-1 alpha-2), and which one is meant by what is none."""

from collections.abc import Iterator
from functools import cache
from typing import Final

import phonenumbers
from babel import Locale, UnknownLocaleError
from babel.core import get_global

COUNTRY_CODES: Final = frozenset(phonenumbers.SUPPORTED_REGIONS)
"""Countries that have phones."""

_LANGUAGES: Final = ("da", "sv", "nb", "fi", "de", "fr")
"""Languages whose names of countries are known, besides English and a country's own."""

_COUNTRY_PARTS: Final = {
    "England": "GB",
    "Scotland": "GB",
    "Wales": "GB",
    "Northern Ireland": "GB",
    "Great Britain": "GB",
}
_MAX_SUGGESTIONS: Final = 3
"""The most countries that are named where a beginning fits several."""


def suggest_codes(text: str) -> tuple[str, ...]:
    """Return the codes that may be meant: by a code in small letters or of three, by a name, or by the beginning of one."""
    upper = text.strip().upper()
    if upper in COUNTRY_CODES:
        return (upper,)
    if codes := [code for code in get_global("territory_aliases").get(upper, ()) if code in COUNTRY_CODES]:
        return (codes[0],)
    wanted = text.strip().casefold()
    for names in (_english_names(), _other_names()):
        exact = {code for name, code in names if name == wanted}
        found = exact or {code for name, code in names if len(wanted) > 1 and name.startswith(wanted)}
        if found:
            return tuple(sorted(found)) if len(found) <= _MAX_SUGGESTIONS else ()
    return ()


def country_name(code: str) -> str:
    """Return a country's name in English, or its code where it has none."""
    return str(Locale("en").territories.get(code, code))


@cache
def _english_names() -> frozenset[tuple[str, str]]:
    return frozenset(
        (name.casefold(), code) for name, code in (*_COUNTRY_PARTS.items(), *_territory_names(Locale("en")))
    )


@cache
def _other_names() -> frozenset[tuple[str, str]]:
    names = [pair for language in _LANGUAGES for pair in _territory_names(Locale(language))]
    names += [pair for code in COUNTRY_CODES for pair in _territory_names(_own_locale(code)) if pair[1] == code]
    return frozenset((name.casefold(), code) for name, code in names)


def _territory_names(locale: Locale | None) -> Iterator[tuple[str, str]]:
    if locale:
        yield from ((name, code) for code, name in locale.territories.items() if code in COUNTRY_CODES)


def _own_locale(code: str) -> Locale | None:
    try:
        return Locale.parse(f"und_{code}")
    except (UnknownLocaleError, ValueError):
        return None
