"""A phone number or e-mail address typed into a text: each clinic has its own, so the text must use a field."""

import re
from collections.abc import Iterator

import phonenumbers

from pdfkit_cli.checks import figures
from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.checks.texts import checked_texts
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.errors import Severity

MIN_DIGITS = 6
"""Public short numbers such as 112, 1177 and 1813 have fewer digits."""

_DIGIT = re.compile(r"\d")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each phone number and e-mail address in the texts of leaflets and slots."""
    countries = sorted({clinic.model.country for clinic in context.library.clinics.values()} | {"DK", "SE"})
    for text in checked_texts(context):
        for span in text.spans:
            for literal, field in _contact_literals(span.words, text.rules, countries).items():
                message = f"“{literal}” belongs to one clinic; write {{{{ {field} }}}}, so that each clinic's leaflet has its own"
                yield text.place(literal, span.line), message


def _contact_literals(words: str, language: Language, countries: list[str]) -> dict[str, str]:
    """Return the phone numbers and e-mail addresses in the words, each with the field to use instead."""
    literals = {match[0]: "clinic.email" for match in _EMAIL.finditer(words)} if "@" in words else {}
    if _enough_digits(words) and _enough_digits(words := figures.without_non_phone_numbers(words, language)):
        for country in countries:
            for match in phonenumbers.PhoneNumberMatcher(words, country, leniency=phonenumbers.Leniency.VALID):
                if not figures.is_measure(words[match.end :], language):
                    literals[match.raw_string] = "clinic.phone"
    return literals


def _enough_digits(words: str) -> bool:
    return len(_DIGIT.findall(words)) >= MIN_DIGITS


RULE = Rule("contact-literal", "A phone number or e-mail address in a text", Severity.ERROR, check)
