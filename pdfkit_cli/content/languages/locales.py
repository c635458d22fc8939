"""The CLDR locales of languages. Most have the code of the language; some have another, such as fa_AF for Dari (prs)."""

from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global


@cache
def parse_locale(language: str) -> Locale:
    """Return the locale of a language. Raises UnknownLocaleError if CLDR has none, ValueError if `language` is not a code."""
    try:
        return Locale.parse(language, sep="-")
    except UnknownLocaleError:
        other = get_global("language_aliases").get(language)
        if other is None:
            raise
        return Locale.parse(other)


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
        return f"“{code}” is not a language code; write one such as da, sv, en, ar"
    return f"“{code}” ({english}) is a language for which CLDR has no names of days and months, so pdfkit cannot print it; write another language that its readers know"
