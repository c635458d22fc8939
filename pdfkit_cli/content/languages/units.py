"""Units of measure as a language writes them (CLDR)."""

import re
from functools import lru_cache
from typing import Final

from babel.units import format_unit

from pdfkit_cli.content.languages.language import Language

_COMMON_UNITS: Final = ("mg", "mcg", "ug", "IE", "IU", "%", "mmHg", "cmH₂O")
_MEASURE_UNITS: Final = (
    "mass-microgram", "mass-milligram", "mass-gram", "mass-kilogram", "volume-milliliter", "volume-deciliter", "volume-liter",
    "length-millimeter", "length-centimeter", "length-meter", "pressure-millimeter-ofhg", "concentr-millimole-per-liter",
    "energy-kilocalorie", "energy-kilojoule", "concentr-percent", "temperature-celsius",
)  # fmt: skip
_TIME_UNITS: Final = tuple(f"duration-{unit}" for unit in ("second", "minute", "hour", "day", "day-person", "week", "month", "year"))  # fmt: skip
_PLURAL_SAMPLES: Final = (2, 5, 11, 100)
"""Numbers that together need every plural form of a language, but not the singular."""


@lru_cache(256)
def measure_pattern(language: Language) -> re.Pattern[str]:
    """Return a pattern of the units of dose, size and pressure."""
    names = {_unit_name(number, unit, length, language) for number in _PLURAL_SAMPLES for unit in _MEASURE_UNITS for length in ("long", "short")}  # fmt: skip
    return _pattern({*_COMMON_UNITS, *language.file.units, *names})


@lru_cache(256)
def time_pattern(language: Language) -> re.Pattern[str]:
    """Return a pattern of the units of time, in full and in the plural, so that “dag og nat” does not match."""
    return _pattern({_unit_name(number, unit, "long", language) for number in _PLURAL_SAMPLES for unit in _TIME_UNITS})


def _pattern(names: set[str]) -> re.Pattern[str]:
    known = names | {name.replace("μ", "µ") for name in names}
    found = "|".join(sorted(map(re.escape, filter(None, known)), key=len, reverse=True))
    return re.compile(rf"\s?(?:{found})(?!\w)", re.IGNORECASE)


def _unit_name(number: int, unit: str, length: str, language: Language) -> str:
    """Return the name of a unit; an empty string if the language has none (Babel then returns the CLDR identifier of the unit)."""
    words = format_unit(number, unit, length=length, locale=language.locale)  # type: ignore[arg-type]
    name = re.sub(r"[\d\s\u0660-\u0669\u06f0-\u06f9]+", " ", words).strip()
    return "" if name == unit else name
