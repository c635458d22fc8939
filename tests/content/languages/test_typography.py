"""How the four languages write numbers, times, dates and their own names."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdfkit_cli.content.language_files import known_language
from pdfkit_cli.content.languages import locales, typography
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.content.languages.language_file import LanguageFile
from pdfkit_cli.content.models import Hours, Phrases

NBSP = "\N{NO-BREAK SPACE}"
DANISH = known_language("da")
NOT_DANISH = {"sv": " av ", "en": "out of", "ar": "من"}
"""The languages of the samples that are not Danish, and a word in them."""

LRI, PDI = "\N{LEFT-TO-RIGHT ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


def phrases(language: str) -> Phrases:
    return known_language(language).phrases


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("20 minutter", "20_minutter"),
        ("1–2 dage", "1–2_dage"),
        ("27–40 %", "27–40_%"),
        ("37,5 °C", "37,5_°C"),
        ("½ time", "½_time"),
        ("3 × 10", "3_×_10"),
        ("3 x 10", "3_×_10"),
        ("3x10", "3_×_10"),
        ("2 ud af 3 patienter", "2_ud_af_3 patienter"),
        ("2 av 3 patienter", "2_av_3 patienter"),
        ("in 2 out of 3 patients or 1 in 10", "in 2_out_of_3 patients or 1_in_10"),
        ("لدى 2 من كل 3 مرضى", "لدى 2_من_كل_3 مرضى"),
        ("fra 2 af dem", "fra 2_af dem"),
        ("1 av 5 mg", "1_av_5_mg"),
        ("10 دقائق", "10_دقائق"),
        ("om 3 til 4 uger", "om 3_til 4_uger"),
        ("uge 3", "uge 3"),
        ("1, 2 og 3", "1, 2_og 3"),
        ("L4 L5", "L4_L5"),
        ("a x b", "a x b"),
        ("L4-roden", "L4-roden"),
        ("5 mg, 2,5 ml, 20 cm og 80 %", "5_mg, 2,5_ml, 20_cm og 80_%"),
        ("38,5 °C i 3 timer, 6 uger", "38,5_°C i 3_timer, 6_uger"),
        ("3 ‰ eller 20 €", "3_‰ eller 20_€"),
        ("kl. 10.30, ca. 20 og Fig. 2", "kl._10.30, ca._20_og Fig._2"),
        ("mindst ≥ 5, højst < 3", "mindst ≥_5, højst <_3"),
        ("1 000 patienter, 12 500 kr.", "1_000_patienter, 12_500_kr."),
        ("76 36 14 00", "76 36 14 00"),
        ("031 818 083", "031_818_083"),
        ("om 2 3 dage", "om 2 3_dage"),
        ("skal. 10 gange", "skal. 10_gange"),
    ],
)
def test_a_number_stays_with_its_unit(written: str, printed: str) -> None:
    language = next((code for code, words in NOT_DANISH.items() if words in written), "da")
    assert typography.add_no_break_spaces(written, known_language(language)) == printed.replace("_", NBSP)


def test_a_number_stays_with_a_unit_that_is_marked_differently() -> None:
    assert typography.add_no_break_spaces(" minutter", DANISH, before="0") == f"{NBSP}minutter"
    assert typography.add_no_break_spaces("om 20 ", DANISH, after="m") == f"om 20{NBSP}"
    assert typography.add_no_break_spaces(" ", DANISH, "3", "×") == NBSP


@given(st.text("12 x×a%–,."), st.text("1a ", max_size=1), st.text("1a ", max_size=1))
def test_no_word_is_lost_where_spaces_are_mended(text: str, before: str, after: str) -> None:
    def words(some: str) -> str:
        return "".join(some.split()).replace("x", "×")

    assert words(typography.add_no_break_spaces(text, DANISH, before, after)) == words(text)
    assert typography.add_no_break_spaces(once := typography.add_no_break_spaces(text, DANISH), DANISH) == once


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fra 1–2 dage og 27–40 % til 3 uger", []),
        (
            "Ring, e-mail eller skicka e-post om D-vitamin, 1–2 och 27–40",
            ["e-mail", "e-post", "D-vitamin", "1–2", "27–40"],
        ),
        (f"fra 1–2{NBSP}dage og 27–40{NBSP}% eller 1,5–2,5", [f"1–2{NBSP}dage", f"27–40{NBSP}%", "1,5–2,5"]),
    ],
)
def test_what_no_line_may_part_is_found(text: str, found: list[str]) -> None:
    assert typography.UNBREAKABLE_PATTERN.findall(text) == (found or ["1–2", "27–40"])


def test_only_arabic_runs_from_right_to_left() -> None:
    assert [known_language(language).direction for language in ("da", "sv", "en", "ar")] == [
        "ltr",
        "ltr",
        "ltr",
        "rtl",
    ]


def test_left_to_right_matter_is_isolated_in_arabic_only() -> None:
    assert typography.isolate_ltr("76 36 14 00", known_language("ar")) == f"{LRI}76 36 14 00{PDI}"
    assert typography.isolate_ltr("76 36 14 00", DANISH) == "76 36 14 00"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("da", (f"mandag–fredag kl.{NBSP}10.00–14.30", f"onsdag kl.{NBSP}08.05–09.00")),
        ("sv", (f"måndag–fredag klockan{NBSP}10.00–14.30", f"onsdag klockan{NBSP}8.05–9.00")),
        ("en", ("Monday–Friday 10:00–14:30", "Wednesday 08:05–09:00")),
        (
            "ar",
            (
                f"الاثنين–الجمعة من {LRI}10:00{PDI} إلى {LRI}14:30{PDI}",
                f"الأربعاء من {LRI}08:05{PDI} إلى {LRI}09:00{PDI}",
            ),
        ),
    ],
)
def test_hours(language: str, expected: tuple[str, ...]) -> None:
    times = [
        Hours.model_validate({"days": ["mon", "fri"], "opens": "10:00", "closes": "14:30"}),
        Hours.model_validate({"days": ["wed"], "opens": "08:05", "closes": "09:00"}),
    ]
    assert typography.localized_opening_hours(times, known_language(language), phrases(language)) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [("da", "1. november 2026"), ("sv", "1 november 2026"), ("en", "1 November 2026"), ("ar", "1 نوفمبر 2026")],
)
def test_days(language: str, expected: str) -> None:
    assert typography.localized_date(date(2026, 11, 1), known_language(language)) == expected.replace(" ", NBSP)


def test_names_of_languages() -> None:
    names = [known_language(language).own_name for language in ("da", "sv", "en", "ar")]
    assert names == ["Dansk", "Svenska", "English", "العربية"]
    assert known_language("ar").name_in("da") == "arabisk"
    assert DANISH.name_in("sv") == "danska"


def test_dari_is_a_language_of_its_own() -> None:
    """CLDR has it as the Farsi of Afghanistan."""
    dari = known_language("prs")
    assert (dari.direction, dari.script, dari.own_name) == ("rtl", "Arab", "دری")
    assert [dari.name_in(language) for language in ("da", "en")] == ["dari", "Dari"]
    assert "نومبر" in typography.localized_date(date(2026, 11, 21), dari)


@pytest.mark.parametrize(("code", "why"), [("rom", "(Romany)"), ("xx", "not a language code")])
def test_what_to_write_for_a_language_that_is_not_known(code: str, why: str) -> None:
    assert why in locales.unknown_language_message(code)


@pytest.mark.parametrize(
    ("text", "isolated"),
    [
        ("خذ 500 mg من", "500 mg"),
        ("خذ 500\u00a0mg Panodil ثم", "500\u00a0mg Panodil"),
        ("الحرارة > 38,5 °C.", "38,5 °C"),
        ("البرودة -5 أو", "-5"),
        ("البرودة −18 °C أو", "−18 °C"),
        ("اتصل 76 36 14 00.", "76 36 14 00"),
        ("اتصل (+45 76 36 14 00) الآن", "+45 76 36 14 00"),
        ("يوم 2026-11-21، صباحًا", "2026-11-21"),
        ("خذ 27–40 mg/kg يوميًا", "27–40 mg/kg"),
        ("100 mg", "100 mg"),
        ("1000 mg/m² يوميًا", "1000 mg/m²"),
        ("و 2 tabletter på dagen", "2 tabletter på dagen"),
        ("و5 µg", "5 µg"),
    ],
)
def test_a_number_keeps_its_order_with_its_unit_from_right_to_left(text: str, isolated: str) -> None:
    assert typography.isolate_ltr_runs(text) == text.replace(isolated, f"{LRI}{isolated}{PDI}")


@pytest.mark.parametrize(
    "text",
    [
        "2 من 3", "8:00–10:00", "5-10 مل", "1.000,50", "20%", "Panodil 500 mg ثم", "فيتامين C-12 و COVID-19", "1, 2, 3",
        "٥٠٠ mg", f"هو {LRI}5 {LRI}mg{PDI} 6{PDI} mg", "120/80", "21.11.2026", "ב-40 שפות",
    ],
)  # fmt: skip
def test_other_numbers_stand_as_they_are(text: str) -> None:
    assert typography.isolate_ltr_runs(text) == text


def test_a_number_beside_an_isolate_keeps_its_order_too() -> None:
    assert typography.isolate_ltr_runs(f"هو {LRI}5 mg{PDI} 6 mg") == f"هو {LRI}5 mg{PDI} {LRI}6 mg{PDI}"


@pytest.mark.parametrize(
    ("text", "isolated"),
    [
        ("Levo~thyrox", "Levo~thyrox"),
        ("دواء Levo~thyrox 50 mg و", "Levo~thyrox 50 mg"),
        ("5 Levo~thyrox.", "5 Levo~thyrox"),
        ("Levo~thyrox (Euthyrox) و 5", "Levo~thyrox (Euthyrox)"),
    ],
)
def test_a_latin_word_that_may_be_broken_has_its_hyphen_on_its_right(text: str, isolated: str) -> None:
    text, isolated = (one.replace("~", typography.SOFT_HYPHEN) for one in (text, isolated))
    assert typography.isolate_ltr_runs(text) == text.replace(isolated, f"{LRI}{isolated}{PDI}")


def test_an_arabic_word_that_may_be_broken_stays_as_it_is() -> None:
    assert typography.isolate_ltr_runs("وال\u00adطبيب") == "وال\u00adطبيب"


def test_a_language_has_its_own_names_whichever_was_asked_before() -> None:
    """Babel keeps resolved names in data that locales share."""
    from pdfkit_cli.content.languages.locales import parse_locale

    names = [parse_locale(code).days["stand-alone"]["wide"][0] for code in ("ps", "ur", "nl", "th")]
    assert names == ["دونۍ", "پیر", "maandag", "วันจันทร์"]


def test_digits_are_those_of_the_language() -> None:
    farsi = Language("fa", LanguageFile.model_validate({"digits": "arabext"}))
    assert typography.localized_date(date(2026, 12, 3), farsi).startswith("۳")
    assert typography.localized_time("09:30", farsi) == "۹:۳۰"
