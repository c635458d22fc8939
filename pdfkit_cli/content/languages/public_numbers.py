"""Public numbers that patients may call when a clinic does not answer, from `public_numbers.yaml`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml


@dataclass(frozen=True, slots=True)
class PublicNumber:
    """A public number, and words by language that say when to call it and who answers.

    `phone` is empty for a service that has a number of its own in each region, such as the Danish lægevagt.
    """

    name: str
    phone: str
    words: Mapping[str, str]


@cache
def public_numbers(country: str) -> tuple[PublicNumber, ...]:
    """Return the public numbers of a country, by its code of two capitals."""
    file = resources.files(__package__) / "public_numbers.yaml"
    return tuple(
        PublicNumber(entry.get("name") or entry["phone"], entry.get("phone", ""), entry["words"])
        for entry in yaml.safe_load(file.read_text("utf-8"))
        if country in entry["countries"]
    )


def quoted_names(country: str) -> str:
    """Return the names of a country's public numbers as `out_of_hours` in YAML lists them; empty if it has none."""
    return ", ".join(f'"{each.name}"' for each in public_numbers(country))


def find_public_number(name: str, country: str) -> PublicNumber | None:
    """Return the public number with this number, however it is grouped, or this name; None if the country has none."""
    return next((each for each in public_numbers(country) if _bare(each.name) == _bare(name)), None)


def _bare(name: str) -> str:
    return re.sub("[ -]", "", name)
