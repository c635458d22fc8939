"""Numbers in one form, however a language writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdfkit_cli.numbers import numbers


@pytest.mark.parametrize(
    ("words", "language", "same"),
    [
        ("27–40 %", "da", ("27", "40", "%")),
        ("27–40%", "en", ("27", "40", "%")),
        ("27–40 procent", "sv", ("27", "40", "%")),
        ("٢٧–٤٠٪", "ar", ("27", "40", "%")),
        ("27–40 بالمئة", "ar", ("27", "40", "%")),
        ("1,5 mg", "da", ("1.5", "mg")),
        ("1.5 mg", "en", ("1.5", "mg")),
        ("1.5 mg", "da", ("1.5", "mg")),
        ("١٫٥ ملغ", "ar", ("1.5", "mg")),
        ("1,50 mg", "sv", ("1.5", "mg")),
        ("0,500 g", "da", ("0.5", "g")),
        ("0.500 g", "da", ("0.5", "g")),
        ("2.500 ml", "da", ("2500", "ml")),
        ("2 500 ml", "sv", ("2500", "ml")),
        ("2,500 ml", "en", ("2500", "ml")),
        ("٢٬٥٠٠ مل", "ar", ("2500", "ml")),
        ("2.500 ml", "en", ("2.5", "ml")),
        ("1.234.567,5", "da", ("1234567.5",)),
        ("50 mcg", "en", ("50", "µg")),
        ("50 µg", "da", ("50", "µg")),
        ("kl. 14.30", "da", ("14.3",)),
        ("14:30", "en", ("14.3",)),
        ("2:30 pm", "en", ("14.3",)),
        ("2 p.m.", "en", ("14",)),
        ("12 am", "en", ("0",)),
        ("kl. 08.00", "sv", ("8",)),
        ("2026-11-21", "sv", ("2026", "11", "21")),
        ("21.11.2026", "da", ("21", "11", "2026")),
        ("3 × 10", "da", ("3", "10")),
        ("de første 24 timer.", "da", ("24",)),
        ("L4/L5", "da", ("4", "5")),
        ("1½ time", "da", ("1", "½")),
        ("½ mg", "da", ("½", "mg")),
        ("Ring {{ clinic.phone }} på side 2", "da", ("{{ clinic.phone }}", "2")),
        ("siden <https://example.org/2026>", "da", ()),
        ("to gange", "da", ()),
    ],
)  # fmt: skip
def test_one_form(words: str, language: str, same: tuple[str, ...]) -> None:
    assert numbers(words, language) == same


@pytest.mark.parametrize(
    ("one", "other"),
    [("5 mg", "50 mg"), ("5 mg", "5 g"), ("1,5 mg", "15 mg"), ("1–2", "12"), ("5 %", "5"), ("2.500", "2.5"), ("14.30", "14.03")],
)  # fmt: skip
def test_what_is_not_the_same(one: str, other: str) -> None:
    assert numbers(one, "da") != numbers(other, "da")


@given(st.integers(1, 10**9))
def test_thousands_are_the_same_in_every_language(number: int) -> None:
    written = {"en": f"{number:,}", "da": f"{number:,}".replace(",", "."), "sv": f"{number:,}".replace(",", " ")}
    written |= {"ar": "".join(chr(ord("٠") + int(digit)) for digit in str(number))}
    assert {numbers(text, language) for language, text in written.items()} == {(str(number),)}
