"""Typography of languages: dates, times, directions in a text, and no-break spaces."""

import re
from collections.abc import Iterable
from datetime import date, time
from functools import lru_cache
from unicodedata import bidirectional, category

from babel.dates import format_date, format_skeleton, format_time

from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.content.models import Hours, Phrases

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
FIRST_STRONG_ISOLATE = "\N{FIRST STRONG ISOLATE}"
WORD_JOINER = "\N{WORD JOINER}"
SOFT_HYPHEN = "\N{SOFT HYPHEN}"
LEFT_TO_RIGHT, END = "\N{LEFT-TO-RIGHT ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"

ISOLATE_PATTERN = re.compile("([\u2066-\u2068])([^\u2066-\u2069]*)\u2069")
"""An isolate without nested isolates; its opening character is a group."""

_ISOLATES = re.compile("([\u2066-\u2068][^\u2066-\u2069]*\u2069)")

_RTL = r"\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_LETTER = rf"[^\W_{_RTL}]"
"""A letter or digit that is not written from right to left."""

_BETWEEN = rf"[^{_RTL}()\[\]«»“”<>≤≥\n\u2066-\u2069]"

_NUMBER_SIGN = r"(?<![+−-])(?<![^\W_])[+−-]"
"""The sign of a number; after a letter it is a hyphen, as in “ב-40”."""

_FROM_LEFT = re.compile(rf"(?<!{_LETTER})(?:{_NUMBER_SIGN})?(?=[0-9]){_BETWEEN}*(?<={_LETTER})")
"""A number, with the text after it that is not written from right to left."""

LEFT_TO_RIGHT_RUN = re.compile(rf"(?<!{_LETTER})(?:{_NUMBER_SIGN}(?=[0-9]))?(?={_LETTER}){_BETWEEN}*(?<={_LETTER})")
"""Words and numbers that are not written from right to left."""

_SOFT_RUN = re.compile(
    rf"(?<!{_LETTER})(?={_LETTER})(?:{_BETWEEN}|\({_BETWEEN}*\))*{SOFT_HYPHEN}"
    rf"(?:{_BETWEEN}|\({_BETWEEN}*\))*(?:(?<={_LETTER})|(?<=\)))"
)
"""The same with a soft hyphen, and including text in brackets."""

_NEEDS_ORDER = re.compile(r"^[+−-]|[^\W\d_]|°|[0-9](?:[ \u00a0][0-9]{2,4}){2}|[0-9]-[0-9]+-[0-9]")
"""Text whose order must be kept: a number with a sign or a unit, groups as in a phone number, a date."""

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNBROKEN = (
    r"(?<=[\d½¼¾⅓⅔]) (?=[^\W\d_]|[%‰°×€$£])",  # a number and its unit
    r"(?<=×) (?=\d)|(?<=[<>≤≥±§]) (?=\d)",
    r"(?<=\d) (?=\d{3}(?:,\d+)?(?![\d–-]| \d{1,2}(?!\d)))",  # thousands, but not phone numbers
)
"""Spaces at which a line must not break, besides that between an abbreviation and a number."""

_MARKS = "".join(sign for sign in map(chr, range(0x300, 0x1100)) if category(sign).startswith("M"))
"""Combining marks, which belong to the letter before them: of Latin, Hebrew, Arabic, Thai and the scripts of India."""

_SIGN = rf"(?:[^\W\d_]|[{_MARKS}])"
_WORD_END = rf"(?![\w{_MARKS}])"

UNBREAKABLE_PATTERN = re.compile(
    rf"(?<![\w{_MARKS}-])[^\W\d_]-{_SIGN}{{1,10}}{_WORD_END}|"
    rf"(?<!\d)\d+(?:[.,:]\d+)?–\d+(?:[.,:]\d+)?(?:{NO_BREAK_SPACE}{_SIGN}{{1,12}}{_WORD_END}|{NO_BREAK_SPACE}?%)?|"
    rf"(?<!\d)\d+(?:[.,]\d+)?{NO_BREAK_SPACE}{_SIGN}{{1,6}}/(?:\d+(?:[.,]\d+)?{NO_BREAK_SPACE})?{_SIGN}{{1,6}}{_WORD_END}"
)
"""A range such as 27–40 % or 1–2 dage, a dose such as 5 mg/ml, and a word such as e-post.

A line could break after a dash or a slash, so these must be kept together.
"""

_ODDS = "of"
"""The word between the numbers of `::: odds`, in every language."""

_MULTIPLIED = re.compile(r"(?<=\d) ?[x×] ?(?=\d)")


@lru_cache(256)
def _unbroken(language: Language) -> re.Pattern[str]:
    before = "|".join(rf"(?<=\b{re.escape(word)})" for word in language.file.abbreviations)
    return re.compile("|".join([*_UNBROKEN, *([rf"(?i:{before}) (?=\d)"] if before else [])]))


@lru_cache(256)
def _out_of(language: Language) -> str:
    words = "|".join(re.escape(words).replace(r"\ ", r"\s") for words in (*language.file.out_of, _ODDS))
    return rf"\d\s(?:{words})\s\d+"


@lru_cache(256)
def _ratio(language: Language) -> re.Pattern[str]:
    """Return a pattern of a ratio such as 2 ud af 3, and the space between it and a word; a unit, such as mg, is shorter."""
    return re.compile(rf"({_out_of(language)})(\s(?=[^\W\d_]{{3}}))?")


def localized_date(value: date, language: Language) -> str:
    """Return a date in words, such as 21. november 2026."""
    words = format_date(value, language.file.dates.date or "long", language.locale)
    return language.in_digits(words.replace(" ", NO_BREAK_SPACE))


def localized_month(value: date, language: Language) -> str:
    """Return the month of a date in words, such as november 2026."""
    return language.in_digits(format_date(value, "LLLL y", language.locale).replace(" ", NO_BREAK_SPACE))


def localized_appointment_date(value: date, language: Language) -> str:
    """Return a date with its weekday, such as torsdag den 3. december 2026. The weekday makes typing errors noticeable.

    A line can break only after the weekday.
    """
    dates = language.file.dates
    named = format_date(value, dates.appointment or "full", language.locale)
    after = "".join(rf"(?<=\b{re.escape(word)}) |" for word in dates.unbroken_after)
    return language.in_digits(re.sub(rf"{after}(?<=\d) |(?<=\d\.) | (?=\d{{4}})", NO_BREAK_SPACE, named))


def localized_time(value: str, language: Language) -> str:
    """Return a time of day, 24 hours, with the language's own separator: 10.00 or 10:00."""
    pattern, moment = language.file.dates.time, time.fromisoformat(value)
    words = (
        format_time(moment, pattern, locale=language.locale)
        if pattern
        else format_skeleton("Hm", moment, locale=language.locale)
    )
    return language.in_digits(words)


def localized_opening_hours(times: Iterable[Hours], language: Language, phrases: Phrases) -> tuple[str, ...]:
    """Return a line for each span of opening hours, such as “mandag–fredag kl. 10.00–14.00”; its first space is after the days."""
    return tuple(_localized_hours_span(span, language, phrases) for span in times)


def _localized_hours_span(span: Hours, language: Language, phrases: Phrases) -> str:
    names = language.locale.days["stand-alone"]["wide"]
    days = "–".join(names[_WEEKDAYS.index(weekday)] for weekday in span.days)
    times = phrases.from_time_to_time.format(
        opens=isolate_ltr(_opening_time(span.opens, span, language), language),
        closes=isolate_ltr(_opening_time(span.closes, span, language), language),
    )
    return f"{days.replace(' ', NO_BREAK_SPACE)} {add_no_break_spaces(times, language)}"


def _opening_time(value: str, span: Hours, language: Language) -> str:
    """Return a time of opening hours. Swedish writes 8–16 and 8.00–16.30 (Språkrådet, Svenska skrivregler); a colon is for timetables."""
    dates = language.file.dates
    full_hours = span.opens.endswith(":00") and span.closes.endswith(":00")
    pattern = (full_hours and dates.opening_hour) or dates.opening_time
    if not pattern:
        return localized_time(value, language)
    return language.in_digits(format_time(time.fromisoformat(value), pattern, locale=language.locale))


_COMMAS = {"Arab": "، ", "Aran": "، ", "Ethi": "፣ ", "Hans": "，", "Hant": "，"}
"""The comma of scripts that have one of their own, with the space after it."""


def comma(language: Language) -> str:
    """Return the comma between the items of a list, with its space."""
    return _COMMAS.get(language.script, ", ")


def isolate_ltr(text: str, language: Language) -> str:
    """Return left-to-right text (a phone number, an address), isolated if the language is right-to-left, so that its order is kept."""
    return f"{LEFT_TO_RIGHT}{text}{END}" if language.is_rtl else text


def isolate_other_direction(text: str, direction: str) -> str:
    """Return a name, isolated if necessary, so that it keeps its own direction in a paragraph of this direction (`rtl` or `ltr`)."""
    turns = direction == "rtl" or is_right_to_left(text)
    return f"{FIRST_STRONG_ISOLATE}{text}{END}" if turns else text


def is_right_to_left(text: str) -> bool:
    """Return whether a text has letters that are written from right to left."""
    return not text.isascii() and any(bidirectional(sign) in ("R", "AL") for sign in text)


def isolate_direction(sign: str, text: str) -> str:
    """Return the direction, `ltr` or `rtl`, of an isolate (UAX #9, X5a to X5c)."""
    if sign != FIRST_STRONG_ISOLATE:
        return "ltr" if sign == LEFT_TO_RIGHT else "rtl"
    strong = next((kind for kind in map(bidirectional, text) if kind in ("L", "R", "AL")), "L")
    return "ltr" if strong == "L" else "rtl"


def isolate_ltr_runs(text: str) -> str:
    """Return a right-to-left text in which numbers with Latin units, with signs or in groups are isolated, so that they keep their order.

    Otherwise `500 mg` would be drawn as mg 500, -5 as 5-, and 76 36 as 36 76 (UAX #9). After a Latin word they keep their order anyway.
    A Latin word with a soft hyphen is isolated, too, because its hyphen would otherwise be drawn on the left.
    """
    parts = _ISOLATES.split(text)
    if any(sign in part for part in parts[::2] for sign in "\u2066\u2067\u2068\u2069"):  # isolates in isolates
        return text
    return "".join(_isolate_runs(part) if at % 2 == 0 else part for at, part in enumerate(parts))


def _isolate_runs(text: str) -> str:
    if SOFT_HYPHEN not in text:
        return _FROM_LEFT.sub(_isolate, text)
    parts = _SOFT_RUN.split(text)
    soft = [*_SOFT_RUN.findall(text), ""]
    return "".join(
        _FROM_LEFT.sub(_isolate, part) + (word and f"{LEFT_TO_RIGHT}{word}{END}")
        for part, word in zip(parts, soft, strict=True)
    )


def _isolate(match: re.Match[str]) -> str:
    before = match.string[: match.start()].rstrip()[-1:]
    follows = before.isalnum() and bidirectional(before) in ("L", "EN")
    return match[0] if follows or not needs_isolation(match[0]) else f"{LEFT_TO_RIGHT}{match[0]}{END}"


def needs_isolation(text: str) -> bool:
    """Return whether words and numbers would be reordered in right-to-left text."""
    return bool(_NEEDS_ORDER.search(text))


def join_unbreakable(text: str) -> str:
    """Return a text in which lines cannot break at the dashes and slashes of ranges, doses and words such as e-post."""
    return UNBREAKABLE_PATTERN.sub(lambda match: re.sub("[-–/]", rf"{WORD_JOINER}\g<0>{WORD_JOINER}", match[0]), text)


def add_no_break_spaces(text: str, language: Language, before: str = "", after: str = "") -> str:
    """Return a text with no-break spaces between a number and its word or sign (20 mg, kl. 10, ≥ 5), and in `3 × 10`, `1 000` and `2 ud af 3`.

    After a ratio, a line may end: with its noun it would be too long for a narrow column.
    `before` and `after` are the characters around the text. EMA/QRD convention: there is a no-break space between a
    number and its unit.
    """
    joined = _MULTIPLIED.sub(f"{NO_BREAK_SPACE}×{NO_BREAK_SPACE}", f"{before}{text}{after}")
    joined = _unbroken(language).sub(NO_BREAK_SPACE, joined)
    joined = _ratio(language).sub(lambda words: words[1].replace(" ", NO_BREAK_SPACE) + " " * bool(words[2]), joined)
    return joined[len(before) : -len(after) or None]


def ends_with_ratio(text: str, language: Language) -> bool:
    """Return whether a text ends with a ratio such as 2 ud af 3, after which a line may end."""
    return bool(re.search(rf"{_out_of(language)}$", text))
