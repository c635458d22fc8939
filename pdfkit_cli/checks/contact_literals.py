"""A phone number or e-mail address typed into a text: every clinic has its own, so it must be a field."""

import re
from collections.abc import Iterator

import phonenumbers

from pdfkit_cli.checks import figures
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.checks.writings import writings
from pdfkit_cli.errors import Severity

SHORTEST = 6
"""Public short numbers such as 112, 1177 and 1813 have fewer digits."""

_DIGIT = re.compile(r"\d")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each phone number and e-mail address in the texts of leaflets and slots."""
    countries = sorted({clinic.model.country for clinic in subject.catalogue.clinics.values()} | {"DK", "SE"})
    for writing in writings(subject):
        for piece in writing.pieces:
            for literal, field in _literals(piece.words, writing.language, countries).items():
                message = (
                    f"“{literal}” is a fact of one clinic; write {{{{ {field} }}}} and every clinic's print has its own"
                )
                yield writing.place(literal, piece.line), message


def _literals(words: str, language: str, countries: list[str]) -> dict[str, str]:
    """Return what may not be typed, and the field that stands for it."""
    literals = {match[0]: "clinic.email" for match in _EMAIL.finditer(words)} if "@" in words else {}
    if _enough_digits(words) and _enough_digits(words := figures.without(words, language)):
        for country in countries:
            for match in phonenumbers.PhoneNumberMatcher(words, country, leniency=phonenumbers.Leniency.VALID):
                if not figures.is_measure(words[match.end :], language):
                    literals[match.raw_string] = "clinic.phone"
    return literals


def _enough_digits(words: str) -> bool:
    return len(_DIGIT.findall(words)) >= SHORTEST


RULE = Rule("contact-literal", "A phone number or e-mail address in a text", Severity.ERROR, check)
