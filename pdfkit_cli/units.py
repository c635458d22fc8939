"""Units of measure as a language writes them (CLDR)."""

import re
from functools import cache
from typing import Final

from babel.units import format_unit

from pdfkit_cli import locales

_OF_ALL: Final = ("mg", "mcg", "ug", "IE", "IU", "%", "mmHg", "cmH₂O")
_MEASURES: Final = (
    "mass-microgram", "mass-milligram", "mass-gram", "mass-kilogram", "volume-milliliter", "volume-deciliter", "volume-liter",
    "length-millimeter", "length-centimeter", "length-meter", "pressure-millimeter-ofhg", "concentr-millimole-per-liter",
    "energy-kilocalorie", "energy-kilojoule", "concentr-percent", "temperature-celsius",
)  # fmt: skip
_TIMES: Final = tuple(f"duration-{unit}" for unit in ("second", "minute", "hour", "day", "day-person", "week", "month", "year"))  # fmt: skip
_NUMBERS: Final = (2, 5, 11, 100)
"""Numbers that between them have every plural of a language, but not the singular."""


@cache
def measures(language: str) -> re.Pattern[str]:
    """Return what a unit of dose, size or pressure looks like."""
    names = {_unit(number, unit, length, language) for number in _NUMBERS for unit in _MEASURES for length in ("long", "short")}  # fmt: skip
    return _pattern({*_OF_ALL, *names})


@cache
def times(language: str) -> re.Pattern[str]:
    """Return what a unit of time looks like, in full and in the plural: "dag og nat" is none."""
    return _pattern({_unit(number, unit, "long", language) for number in _NUMBERS for unit in _TIMES})


def _pattern(names: set[str]) -> re.Pattern[str]:
    known = names | {name.replace("μ", "µ") for name in names}
    found = "|".join(sorted(map(re.escape, filter(None, known)), key=len, reverse=True))
    return re.compile(rf"\s?(?:{found})(?!\w)", re.IGNORECASE)


def _unit(number: int, unit: str, length: str, language: str) -> str:
    """Return the name of a unit, nothing where the language has none: then there is the name that CLDR has for the unit."""
    words = format_unit(number, unit, length=length, locale=locales.locale(language))  # type: ignore[arg-type]
    name = re.sub(r"[\d\s\u0660-\u0669\u06f0-\u06f9]+", " ", words).strip()
    return "" if name == unit else name
