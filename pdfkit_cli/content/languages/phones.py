"""Phone numbers in the form in which a country writes and dials them, including short ones such as 1177 and 116117."""

import re

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, shortnumberinfo

from pdfkit_cli.content.languages import countries


def phone_problem(phone: str, country: str) -> str:
    """Return a message about an invalid phone number, to be printed after the number; an empty string if it can be dialled in the country."""
    try:
        number = phonenumbers.parse(phone, country)
    except phonenumbers.NumberParseException:
        return "is not a phone number; write digits and spaces"
    if _is_short(phone, number, country) or phonenumbers.is_possible_number(number):
        return ""
    national = phonenumbers.national_significant_number(number)
    if phone.startswith(("+", "00")) and shortnumberinfo.is_valid_short_number_for_region(number, country):
        return f"cannot be dialled with a country code; write {national}"
    return f"has too few or too many digits for {country} ({countries.country_name(country)})"


def format_phone(phone: str, country: str) -> tuple[str, str]:
    """Return a number in the form in which the country writes it, and its `tel:` address. Raises NumberParseException.

    A short number has no country code and keeps the groups in which it was typed.
    """
    number = phonenumbers.parse(phone, country)
    if _is_short(phone, number, country):
        return phone, f"tel:{_without_separators(phone)}"
    home = phonenumbers.region_code_for_country_code(number.country_code or 0) == country
    style = PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
    dialled = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return phonenumbers.format_number(number, style), f"tel:{dialled}"


def _is_short(phone: str, number: PhoneNumber, country: str) -> bool:
    """Return whether a number is a short number of the country, which is dialled as it is."""
    if phonenumbers.is_valid_number(number) or _without_separators(phone) != phonenumbers.national_significant_number(
        number
    ):
        return False
    return bool(shortnumberinfo.is_valid_short_number_for_region(number, country))


def _without_separators(phone: str) -> str:
    return re.sub("[ -]", "", phone)
