"""Extracts numbers from text in a form that does not depend on the language, so that translations can be compared."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import NamedTuple, TypeAlias

from pdfkit_cli.content.languages import number_words
from pdfkit_cli.content.languages.language import Language

_ADDRESS = re.compile(r"<[^\s<>]*[A-Za-z/][^\s<>]*>")
_FRACTIONS = {"½": "5", "¼": "25", "¾": "75", "⅛": "125", "⅜": "375", "⅝": "625", "⅞": "875", "⅕": "2", "⅖": "4", "⅗": "6", "⅘": "8"}  # fmt: skip
_THIRDS = {"⅓": " 1/3", "⅔": " 2/3", "⅙": " 1/6", "⅚": " 5/6"}
_NUMERIC = re.compile(rf"[\d{{{''.join((*_FRACTIONS, *_THIRDS))}]")
_MIXED = re.compile(rf"(\d*) ?([{''.join(_FRACTIONS)}])")
_MIXED_SLASH = re.compile(r"(?<![\d/.,])(\d+) ([1-7])[/⁄]([248])(?![\d/])")
_DATE = re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)|(?<!\d)(\d\d?)[./](\d\d?)[./](\d{4})(?!\d)")
_REPEATED_UNIT = re.compile(
    r"(?<=\d) ?(?P<unit>%|°?[^\W\d]{1,15}) ?(?P<to>[–−-]|(?<=\s)[^\W\d]{1,5} )\s?(?=[–−-]?\d+(?:[.,]\d+)? ?(?P=unit)(?!\w))"
)
"""A unit that is repeated in a range, as in “27% to 40%”."""

_YEAR = re.compile(r"\d{4}")
_HOUR = re.compile(r"(?<![\d.,])([01]?\d|2[0-3]) ?[hH] ?([0-5]\d)(?! ?min|\d)")
_EQUIVALENT_SIGNS = {
    "<=": "≤",
    ">=": "≥",
    "≦": "≤",
    "≧": "≥",
    "⩽": "≤",
    "⩾": "≥",
    "＜": "<",
    "＞": ">",
    "-": "−",
    "–": "−",
    "‑": "−",
}
"""Alternative ways to type a sign, and the sign."""

_SIGN = r"(?:(?P<sign><=|>=|[<>≤≥≦≧⩽⩾＜＞±]|(?<!\d)(?<!\d )−)\s?|(?<![\w)%])(?<![\d%] )(?P<minus>[-–‑])(?=\d))?"
_SYMBOLS = ("mg", "g", "kg", "µg", "ml", "cl", "dl", "cm", "mm")
_UNITS = {symbol: symbol for symbol in _SYMBOLS} | {"mcg": "µg", "μg": "µg", "°c": "°C", "° c": "°C", "℃": "°C"}
"""Units that all languages write alike, with their alternative forms."""

Numbers: TypeAlias = tuple[str, ...]


class NumberText(NamedTuple):
    """A text and its language."""

    words: str
    language: Language


class NumberToken(NamedTuple):
    """A number in digits, a unit or a field: its values, its place in the text, and whether it is a number."""

    values: Numbers
    start: int
    end: int
    is_number: bool


def number_tokens(written: NumberText) -> tuple[NumberToken, ...]:
    """Return the numbers of a normalized text, in order, with their signs, and units of dose, percent signs and fields.

    Digits are 0 to 9. The decimal sign is a point, and thousands separators are removed; both are read by the rules of the language (CLDR).
    A time of day is in 24-hour form with a point, a date is three numbers, a range two, and ½ is 0.5. Numbers in words are not included.
    """
    if not _NUMERIC.search(written.words):
        return ()  # most texts, and the pattern of numbers takes far longer
    language = written.language
    return tuple(
        NumberToken(
            _canonical_number(match, language), *match.span(), (match["thousands"] or match["number"]) is not None
        )
        for match in _number_pattern(language).finditer(written.words)
    )


def compare_numbers(ours: NumberText, theirs: NumberText) -> tuple[Numbers, Numbers]:
    """Return the numbers of both texts, in order. A number in words counts as one in digits that only the other text has.

    A number in words counts only if the other text does not have the same word, so that “two tablets two times” matches “2 tablets two times”.
    Numbers with a slash, such as 1/2, are read as a fraction or as two numbers, whichever makes the texts equal.
    """
    one, other = normalize(ours), normalize(theirs)
    found = _compare(one, other)
    if Counter(found[0]) != Counter(found[1]):
        once = _compare(_drop_repeated_unit(one), _drop_repeated_unit(other))
        return once if Counter(once[0]) == Counter(once[1]) else found
    return found


def _drop_repeated_unit(written: NumberText) -> NumberText:
    """Return the text without the first unit of ranges that repeat it."""
    words = _REPEATED_UNIT.sub(lambda match: match["to"] if len(match["to"]) == 1 else f" {match['to']}", written.words)
    return NumberText(words, written.language)


def _compare(one: NumberText, other: NumberText) -> tuple[Numbers, Numbers]:
    for fractions in (False, True):
        mine, wanted = _values(one, fractions), _values(other, fractions)
        if Counter(mine) == Counter(wanted):
            return mine, wanted
    completed = _fill_in_spelled(one, other), _fill_in_spelled(other, one)
    return _fill_in_signs(one, *completed), _fill_in_signs(other, *reversed(completed))


def _values(written: NumberText, fractions: bool = True) -> Numbers:
    return tuple(chain.from_iterable(_resolve_fraction(token, fractions) for _, token in _digit_numbers(written)))


def _resolve_fraction(token: str, fractions: bool) -> Numbers:
    """Return a fraction as a decimal number if it has a short one, or as its two numbers (`fractions` false)."""
    above, slash, below = token.partition("/")
    if not slash:
        return (token,)
    if not fractions:
        return above, below
    return (f"{int(above) / int(below):g}",) if int(below) in (2, 4, 5, 8) else (token,)


def _fill_in_spelled(ours: NumberText, theirs: NumberText) -> Numbers:
    """Return our numbers, including those in words that correspond to digits of theirs."""
    mine, wanted = _values(ours), _values(theirs)
    missing = Counter(map(_without_sign, (Counter(wanted) - Counter(mine)).elements()))
    missing -= Counter(map(_without_sign, (Counter(mine) - Counter(wanted)).elements()))
    spelled = list(_spelled_numbers(ours))
    surplus = Counter(token for _, token in spelled) - Counter(token for _, token in _spelled_numbers(theirs))
    found = [(at, value) for at, token in _digit_numbers(ours) for value in _resolve_fraction(token, True)]
    for at, token in spelled:
        if missing[token] > 0 and surplus[token] > 0:
            missing[token] -= 1
            surplus[token] -= 1
            found.append((at, token))
    return tuple(token for _, token in sorted(found, key=lambda pair: pair[0]))


def _fill_in_signs(ours: NumberText, mine: Numbers, wanted: Numbers) -> Numbers:
    """Return our numbers, with the sign of theirs if we express it in words, such as “at least”."""
    spare, found = Counter(mine) - Counter(wanted), list(mine)
    expressed = number_words.number_words_for(ours.language).signs(ours.words)
    for token in (Counter(wanted) - Counter(mine)).elements():
        bare = _without_sign(token)
        if bare != token and spare[bare] > 0 and expressed[token[0]] > 0:
            expressed[token[0]] -= 1
            spare[bare] -= 1
            found[found.index(bare)] = token
    return tuple(found)


def _without_sign(token: str) -> str:
    return token.lstrip("<>≤≥±−") or token


@lru_cache(256)
def _separators(language: Language) -> tuple[str, str]:
    """Return the decimal sign and the thousands separator."""
    if known := number_words.number_words_for(language).separators:
        return known
    from babel.numbers import get_decimal_symbol, get_group_symbol  # most libraries never need it

    locale = language.locale
    decimal = get_decimal_symbol(locale, numbering_system="latn")
    return decimal, get_group_symbol(locale, numbering_system="latn").replace("\u00a0", " ").replace("\u202f", " ")


def _normalize_words(words: str, language: Language) -> str:
    """Return a text with digits 0 to 9, fractions as decimals, 24-hour times, dates as three numbers, and percent signs after their numbers."""
    (decimal, group), known = _separators(language), number_words.number_words_for(language)
    if "<" in words:
        words = _ADDRESS.sub(" ", words)
    if not words.isascii():
        words = known.plain(words).replace("٪", "%")
    if not _NUMERIC.search(words):
        return words.replace("٬", group)  # six of seven segments of a leaflet: all that follows is about digits
    if not words.isascii():
        words = "".join(
            str(unicodedata.decimal(sign)) if sign.isdecimal() else _THIRDS.get(sign, sign) for sign in words
        )
        words = re.sub(r"(?<=\d)[٫،](?=\d)", decimal, words).replace("٬", group)
        words = _MIXED.sub(lambda match: f"{match[1] or 0}{decimal}{_FRACTIONS[match[2]]}", words)
    words = _MIXED_SLASH.sub(
        lambda match: f"{int(match[1]) + int(match[2]) / int(match[3]):g}".replace(".", decimal), words
    )
    if _YEAR.search(words):
        words = _DATE.sub(lambda match: " ; ".join(str(int(part)) for part in match.groups() if part), words)
    if known.twelve_hours:
        words = known.twelve_hours.sub(_to_24_hours, words)
    return known.percent_before.sub(r"\1 %", _HOUR.sub(r"\1.\2", words))


@lru_cache(256)
def _number_pattern(language: Language) -> re.Pattern[str]:
    """Return a pattern of the numbers, units and fields in a normalized text."""
    (decimal, group), known = _separators(language), number_words.number_words_for(language)
    names = "|".join((known.units, "° ?C", "℃", "mcg", "μg", *_SYMBOLS))
    thousands = rf"(?<!\d)[1-9]\d{{0,2}}(?:[{re.escape(group)} '’]\d{{3}})+(?!\d)(?:{re.escape(decimal)}\d+(?!\d))?"
    return re.compile(
        rf"(?P<field>\{{\{{ [\w.]+ \}}\}})"
        r"|(?<![\w/.,])(?P<slashed>[1-7][/⁄][2-8])(?![\d/])"
        rf"|{_SIGN}(?:(?P<thousands>{thousands}|(?<!\d)[1-9]\d?(?:,\d\d)+,\d{{3}}(?!\d))|(?P<number>\d+(?:[.,:]\d+)?))"
        rf"|(?<=\d) ?(?P<percent>{known.percent})|(?<=\d) ?(?P<unit>{names}){known.end}",
        re.I,
    )


@lru_cache(256)
def _following_unit(language: Language) -> re.Pattern[str]:
    return re.compile(
        rf"\s?(?:(?P<percent>{number_words.number_words_for(language).percent})|(?P<unit>{number_words.number_words_for(language).units})(?!\w))",
        re.I,
    )


def digit_positions(tokens: Iterable[NumberToken]) -> Iterator[tuple[str, int, int]]:
    """Yield each number in digits, without its sign, with its start and end."""
    return ((_without_sign(token.values[0]), token.start, token.end) for token in tokens if token.is_number)


def normalize(written: NumberText) -> NumberText:
    """Return a text in the normalized form in which numbers are searched."""
    return NumberText(_normalize_words(*written), written.language)


def _digit_numbers(written: NumberText) -> Iterator[tuple[int, str]]:
    """Yield the position and value of the numbers, units and fields in a normalized text."""
    return ((token.start, value) for token in number_tokens(written) for value in token.values)


def _spelled_numbers(written: NumberText) -> Iterator[tuple[int, str]]:
    """Yield the position and value of numbers in words, and of the units after them, in a normalized text."""
    for number, start, end in number_words.number_words_for(written.language).spelled(written.words):
        yield start, number
        if unit := _following_unit(written.language).match(written.words, end):
            yield end, "%" if unit["percent"] else _canonical_unit(unit["unit"], written.language)


def _to_24_hours(match: re.Match[str]) -> str:
    hour = int(match["hour"]) % 12 + (12 if match["pm"] else 0)
    return f"{hour}.{match['minute'] or '00'}"


def _canonical_number(match: re.Match[str], language: Language) -> Numbers:
    sign = match["sign"] or match["minus"] or ""
    sign = _EQUIVALENT_SIGNS.get(sign, sign)
    if match["thousands"]:
        whole, point, part = match["thousands"].partition(_separators(language)[0])
        if (
            match["thousands"].count(_separators(language)[0]) > 1 or not point
        ):  # the decimal sign of the language separates thousands here
            whole, part = match["thousands"], ""
        return (sign + _strip_zeros(f"{re.sub(r'[^0-9]', '', whole)}.{part}"),)
    if match["number"]:
        return (sign + _strip_zeros(match["number"]),)
    if match["slashed"]:
        above, below = re.split("[/⁄]", match["slashed"])
        return (f"{above}/{below}",) if int(above) < int(below) else (above, below)
    if match["percent"]:
        return ("%",)
    if match["unit"]:
        return () if _is_year(match) else (_canonical_unit(match["unit"], language),)
    return (match[0],)


def _is_year(match: re.Match[str]) -> bool:
    """Return whether the unit is “г” after a year, which is Russian for year: “2026 г.”."""
    return match["unit"] == "г" and bool(re.search(r"(?<!\d)(19|20)\d\d$", match.string[: match.start()]))


def _canonical_unit(name: str, language: Language) -> str:
    return _UNITS.get(name.lower()) or number_words.number_words_for(language).unit(name)


def _strip_zeros(text: str) -> str:
    """Return a number without leading zeros, and without trailing zeros after the point."""
    whole, _, part = text.replace(",", ".").replace(":", ".").partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")
