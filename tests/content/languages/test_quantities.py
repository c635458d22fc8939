"""What two texts say of one number in words."""

import pytest

from pdfkit_cli.content.language_files import known_language
from pdfkit_cli.content.languages import quantities
from pdfkit_cli.content.languages.numbers import Numbers, NumberText, normalize, number_tokens

Pair = tuple[str, str, str, str]

SAME: list[Pair] = [
    ("2 til 4 timer", "da", "2 hours to 4 hours", "en"), ("10 mg og 20 mg", "da", "10 mg respektive 20 mg", "sv"), ("-18 °C til -20 °C", "da", "−18 to −20 °C", "en"),
    ("5 mg eller 10 mg", "da", "5 or 10 mg", "en"), ("halv ni", "da", "half past eight", "en"), ("halb neun", "de", "half past eight", "en"),
    ("gradvist over 2 uger", "da", "gradvis under 2 veckor", "sv"), ("ikke mere end 2 tabletter", "da", "not more than 2 tablets", "en"), ("no more than 2", "en", "højst 2", "da"),
    ("2 til 4 timer", "da", "two to four hours", "en"), ("to eller tre gange", "da", "2 or 3 times", "en"), ("efter to uger", "da", "after a fortnight", "en"),
    ("begge ben", "da", "both legs", "en"), ("et par dage, fire", "da", "two or three days, four", "en"), ("mindst 2 og op til 4", "da", "at least 2 and up to 4", "en"),
    ("fra 2 og op til 4", "da", "at least 2 and up to 4", "en"), ("Temperatur ≥ 38,5 °C.", "da", "Температура 38,5 °C або вище.", "uk"), ("6 timer", "da", "6 годин", "uk"),
    ("6 timer", "da", "6 ساعات", "ar"), ("6 timer", "da", "۶ ساعت", "fa"), ("2 døgn", "da", "2 vuorokautta", "fi"),
    ("2 dage", "da", "يومين", "ar"), ("24 timer om døgnet", "da", "24 hours a day", "en"), ("3 gange om dagen i 7 dage", "da", "3 times a day for 7 days", "en"),
    ("hver 6. time", "da", "every 6 hours", "en"), ("hver 6. time", "da", "alle 6 Stunden", "de"), ("2 gange ugentligt", "da", "2 times a week", "en"),
    ("14-dages", "da", "14-day", "en"), ("Over 38: ring. Under 36: ring.", "da", "Above 38: call. Below 36: call.", "en"), ("38 eller derover", "da", "at least 38", "en"),
    ("mere end 2 timer", "da", "at least 2 hours", "en"), ("5 dage à 2 timer", "da", "5 days of 2 hours", "en"), ("2 timer × 5", "da", "5 times 2 hours", "en"),
    ("klokken 8", "da", "a las 8 horas", "es"), ("1 av 10", "sv", "one in ten", "en"), ("fra 1 år til 3 år", "da", "from one to three years", "en"),
    ("under 18 år", "da", "younger than 18 years", "en"), ("Ring 112", "da", "Call 112", "en"), ("syv-otte timer", "da", "seven or eight hours", "en"),
    ("fire-fem dage", "da", "4–5 days", "en"), ("op til 2 uger", "da", "2 weeks or less", "en"), ("mindst 8 glas", "da", "minst åtta glas", "sv"),
    ("tre fjerdedele", "da", "three quarters", "en"),
]  # fmt: skip
DIFFERENT: list[Pair] = [
    ("6 timer", "da", "6 days", "en"), ("6 timer", "da", "6 minutes", "en"), ("to timer", "da", "two days", "en"),
    ("6 timer", "da", "6 днів", "uk"), ("6 timer", "da", "6 أيام", "ar"), ("6 timer", "da", "۶ روز", "fa"),
    ("6 timer", "da", "6 vuorokautta", "fi"), ("6 timer", "da", "sechs Tage", "de"), ("2 uger", "da", "2 månader", "sv"),
    ("over 38 °C", "da", "under 38 °C", "en"), ("mindst 2 timer", "da", "at most 2 hours", "en"), ("mere end 5 kg", "da", "less than 5 kg", "en"),
    ("op til 5 kg", "da", "at least 5 kg", "en"), ("38 eller mere", "da", "38 or less", "en"), ("under 18 år", "da", "over 18 years", "en"),
    ("mindst 38,5", "da", "höchstens 38,5", "de"), ("mindst 2", "da", "не більше 2", "uk"), ("over 38", "da", "أقل من 38", "ar"),
    ("over 38", "da", "زیر ۳۸", "fa"), ("to gange", "da", "three times", "en"), ("20 mg to gange", "da", "20 mg three times", "en"),
    ("tre tabletter", "da", "vier Tabletten", "de"), ("tre", "da", "чотири", "uk"), ("fem dage", "da", "four days", "en"),
    ("to gange", "da", "ثلاث مرات", "ar"), ("to gange", "da", "سه بار", "fa"), ("to gange", "da", "kolme kertaa", "fi"),
]  # fmt: skip


def written(words: str, code: str) -> NumberText:
    """Return a text in a language, by its code."""
    return NumberText(words, known_language(code))


def differing_quantities(ours: NumberText, theirs: NumberText) -> tuple[Numbers, Numbers]:
    """Return the quantities of two texts, as authors write them, that contradict each other."""
    texts = normalize(ours), normalize(theirs)
    return quantities.differing_quantities(*(quantities.read_quantities(text, number_tokens(text)) for text in texts))


@pytest.mark.parametrize(("one", "language", "other", "other_language"), SAME)
def test_what_may_mean_the_same_is_left_alone(one: str, language: str, other: str, other_language: str) -> None:
    assert differing_quantities(written(one, language), written(other, other_language)) == ((), ())
    assert differing_quantities(written(other, other_language), written(one, language)) == ((), ())


@pytest.mark.parametrize(("one", "language", "other", "other_language"), DIFFERENT)
def test_what_cannot_mean_the_same_is_found(one: str, language: str, other: str, other_language: str) -> None:
    assert all(differing_quantities(written(one, language), written(other, other_language)))
    assert all(differing_quantities(written(other, other_language), written(one, language)))


def test_each_says_what_it_says() -> None:
    assert differing_quantities(written("mindst 2 timer", "da"), written("at most 2 days", "en")) == (
        ("2 h", "≥2"),
        ("2 d", "≤2"),
    )
