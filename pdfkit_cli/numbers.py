"""The numbers of a passage in one form, however a language writes them, so that translations can be compared."""

import re
from functools import cache

from babel import Locale
from babel.numbers import get_decimal_symbol, get_group_symbol

_ARABIC = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٪", "01234567890123456789%")
_ARABIC_SIGN = re.compile("[\u0660-\u066c\u06f0-\u06f9]")
_NUMERIC = re.compile(r"[\d{¼½¾⅓⅔]")
_ADDRESS = re.compile(r"<\S+?>")
_DATE = re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)|(?<!\d)(\d\d?)[./](\d\d?)[./](\d{4})(?!\d)")
_YEAR = re.compile(r"\d{4}")
_TWELVE_HOURS = re.compile(r"(?<!\d)(\d{1,2})(?:[:.](\d\d))? ?([ap])\.?m\b\.?", re.I)
_PERCENT = r"%|pro ?cent\b|per ?cent\b|(?:ب|في )(?:المئة|المائة)"
_UNITS = {"mcg": "µg", "μg": "µg", "ملغ": "mg", "ملغم": "mg", "مجم": "mg", "مل": "ml", "غ": "g", "كغ": "kg", "سم": "cm"}
"""Units that are written in more than one way."""

_UNIT = r"(?:mg|g|kg|µg|μg|mcg|ml|cl|dl|cm|mm|°C|ملغم|ملغ|مجم|مل|كغ|غ|سم)(?!\w)"


def numbers(words: str, language: str) -> tuple[str, ...]:
    """Return the numbers of a passage in their order, with units of dose and percent signs, fields and vulgar fractions.

    A decimal comma is a point, a separator of thousands is left out, digits are 0 to 9, a time of day is a number of 24 hours with a point, a date
    is its three numbers, a range its two. Which of comma and point is which comes from the language (CLDR). Numbers in words are not seen.
    """
    if not _NUMERIC.search(words):
        return ()
    decimal, group, pattern = _notation(language)
    if "<" in words:
        words = _ADDRESS.sub(" ", words)
    if _ARABIC_SIGN.search(words):
        words = words.translate(_ARABIC).replace("٫", decimal).replace("٬", group)
    if _YEAR.search(words):
        words = _DATE.sub(lambda match: " ; ".join(str(int(part)) for part in match.groups() if part), words)
    if language == "en":
        words = _TWELVE_HOURS.sub(_of_24_hours, words)
    return tuple(_canonical(match, group) for match in pattern.finditer(words))


@cache
def _notation(language: str) -> tuple[str, str, re.Pattern[str]]:
    """Return decimal sign, sign of thousands, and what a number, unit or field looks like."""
    locale = Locale.parse(language)
    decimal = get_decimal_symbol(locale, numbering_system="latn")
    group = get_group_symbol(locale, numbering_system="latn")
    signs = re.escape(f"{group} '’".replace("\u00a0", " "))
    return (
        decimal,
        group,
        re.compile(
            rf"(?P<field>\{{\{{ [\w.]+ \}}\}})"
            rf"|(?P<thousands>(?<!\d)[1-9]\d{{0,2}}(?:[{signs}]\d{{3}})+(?!\d)(?:{re.escape(decimal)}\d+(?!\d))?)"
            r"|(?P<number>\d+(?:[.,:]\d+)?)"
            rf"|(?<=[\d¼½¾⅓⅔]) ?(?P<percent>{_PERCENT})|(?<=[\d¼½¾⅓⅔]) ?(?P<unit>{_UNIT})|(?P<fraction>[¼½¾⅓⅔])",
            re.I,
        ),
    )


def _of_24_hours(match: re.Match[str]) -> str:
    hour = int(match[1]) % 12 + (12 if match[3] in "pP" else 0)
    return f"{hour}.{match[2] or '00'}"


def _canonical(match: re.Match[str], group: str) -> str:
    match match.lastgroup:
        case "thousands":
            return _number(re.sub(rf"[{re.escape(group)} '’](?=\d{{3}})", "", match[0]))
        case "number":
            return _number(match[0])
        case "percent":
            return "%"
        case "unit":
            unit = match["unit"]
            return _UNITS.get(unit, unit)
        case _:
            return match[0]


def _number(text: str) -> str:
    """Return a number without zeros that count for nothing."""
    whole, _, part = text.replace(",", ".").replace(":", ".").partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")
