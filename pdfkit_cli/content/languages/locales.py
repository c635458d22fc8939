"""The CLDR locales of languages. Most have the code of the language; some have another, such as fa_AF for Dari (prs)."""

from functools import cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.localedata import Alias, LocaleDataDict, merge


def _resolved_item(self: LocaleDataDict, key: Any) -> Any:
    """Return an item with its alias resolved, and without keeping it.

    Babel 2.18 keeps what it resolved in the data that locales without their own share: the names of weekdays that
    Pashto takes from one place would be those of Urdu, Thai and Dutch from then on.
    """
    value = self._data[key]
    if isinstance(value, Alias):
        value = value.resolve(self.base)
    if isinstance(value, tuple):
        alias, others = value
        value = alias.resolve(self.base).copy()
        merge(value, others)
    return LocaleDataDict(value, base=self.base) if isinstance(value, dict) else value


LocaleDataDict.__getitem__ = _resolved_item  # type: ignore[method-assign]


@cache
def parse_locale(language: str) -> Locale:
    """Return the locale of a language. Raises UnknownLocaleError if CLDR has none, ValueError if `language` is not a code."""
    try:
        return Locale.parse(language.replace("_", "-"), sep="-")
    except UnknownLocaleError:
        other = get_global("language_aliases").get(language)
        if other is None:
            raise
        return Locale.parse(other)


def is_language(code: str) -> bool:
    """Return whether a code is that of a language that CLDR has a locale for."""
    try:
        parse_locale(code)
    except (UnknownLocaleError, ValueError):
        return False
    return True


def display_name(language: str, in_language: str) -> str:
    """Return a language's name in another language, or in itself."""
    known, words = parse_locale(language), parse_locale(in_language)
    return words.languages.get(str(known)) or known.get_display_name(words) or language


def script_of(language: str) -> str:
    """Return the script that a language is written in, such as Latn or Arab; an empty string if it is not known."""
    likely: str = get_global("likely_subtags").get(language) or ""
    try:
        likely = likely or get_global("likely_subtags").get(parse_locale(language).language) or ""
    except (UnknownLocaleError, ValueError):
        return ""
    return next((part for part in likely.split("_") if len(part) == 4), "")


def unknown_language_message(code: str) -> str:
    """Return a message that explains why a language code cannot be used, and what to write instead."""
    english = Locale("en").languages.get(code)
    if english is None:
        return f"“{code}” is not a language code; write one of two or three letters"
    return f"“{code}” ({english}) is a language for which CLDR has no names of days and months, so pdfkit cannot print it; write another language that its readers know"
