"""Numbers in one form, however a language writes them."""

from collections import Counter

import pytest
from babel.numbers import get_decimal_symbol, get_group_symbol
from hypothesis import given
from hypothesis import strategies as st

from pdfkit_cli.content.language_files import known_language
from pdfkit_cli.content.languages import number_words, numbers
from pdfkit_cli.content.languages.numbers import NumberText, compare_numbers, normalize
from pdfkit_cli.content.packaged import packaged_languages


def written(words: str, code: str) -> NumberText:
    """Return a text in a language, by its code."""
    return NumberText(words, known_language(code))


def extract_numbers(words: str, language: str) -> tuple[str, ...]:
    """Return the numbers of a text as authors write it."""
    tokens = numbers.number_tokens(normalize(written(words, language)))
    return tuple(value for token in tokens for value in token.values)


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
        ("1½ time", "da", ("1.5",)),
        ("½ mg", "da", ("0.5", "mg")),
        ("Ring {{ clinic.phone }} på side 2", "da", ("{{ clinic.phone }}", "2")),
        ("siden <https://example.org/2026>", "da", ()),
        ("to gange", "da", ()),
    ],
)  # fmt: skip
def test_one_form(words: str, language: str, same: tuple[str, ...]) -> None:
    assert extract_numbers(words, language) == same


@pytest.mark.parametrize(
    ("one", "other"),
    [("5 mg", "50 mg"), ("5 mg", "5 g"), ("1,5 mg", "15 mg"), ("1–2", "12"), ("5 %", "5"), ("2.500", "2.5"), ("14.30", "14.03")],
)  # fmt: skip
def test_what_is_not_the_same(one: str, other: str) -> None:
    assert extract_numbers(one, "da") != extract_numbers(other, "da")


@given(st.integers(1, 10**9))
def test_thousands_are_the_same_in_every_language(number: int) -> None:
    written = {"en": f"{number:,}", "da": f"{number:,}".replace(",", "."), "sv": f"{number:,}".replace(",", " ")}
    written |= {"ar": "".join(chr(ord("٠") + int(digit)) for digit in str(number))}
    assert {extract_numbers(text, language) for language, text in written.items()} == {(str(number),)}


ALIKE = [
    ("20 %", "da", "%20", "tr"), ("20 %", "da", "yüzde 20", "tr"), ("20 %", "da", "20 prosent", "nb"), ("20 %", "da", "20 prosenttia", "fi"),
    ("20 %", "da", "20 Prozent", "de"), ("20 %", "da", "٢٠ في المئة", "ar"), ("20 %", "da", "٪٢٠", "ar"), ("20 pct.", "da", "20%", "en"),
    ("20 procent", "da", "20 відсотків", "uk"), ("20 %", "da", "۲۰ درصد", "fa"), ("20 %", "da", "20 por ciento", "es"), ("20 %", "da", "20 pour cent", "fr"),
    ("500 mg", "da", "500 мг", "uk"), ("5 ml", "da", "5 мл", "ru"), ("2 g", "da", "2 г", "uk"), ("50 µg", "da", "50 мкг", "ru"),
    ("500 mg", "da", "۵۰۰ میلی‌گرم", "fa"), ("5 ml", "da", "۵ میلی لیتر", "fa"), ("500 mg", "da", "500 milligrams", "en"), ("500 mg", "da", "٥٠٠ ميليغرام", "ar"),
    ("½ tablet", "da", "0.5 tablet", "en"), ("½ tablet", "da", "1/2 tablet", "en"), ("1½ time", "da", "1.5 hours", "en"), ("1½", "da", "1 1/2", "en"),
    ("1/4 af os", "da", "1 in 4 of us", "en"), ("0,25", "da", "1/4", "en"), ("⅓", "da", "1/3", "en"), ("¾", "da", "٠٫٧٥", "ar"),
    ("kl. 14.30", "da", "14h30", "fr"), ("kl. 14.30", "da", "14 h 30", "fr"), ("kl. 14.30", "da", "2:30 مساءً", "ar"), ("kl. 8", "da", "8 صباحاً", "ar"),
    ("38,5 °C", "da", "٣٨٫٥ °م", "ar"), ("1.000", "da", "١٬٠٠٠", "ar"), ("1.000", "da", "۱٬۰۰۰", "fa"), ("1,5", "da", "١،٥", "ar"), ("100.000", "da", "1,00,000", "hi"),
    ("i 2026.", "da", "в 2026 г.", "ru"), ("12", "da", "१२", "hi"),
    (">= 38", "da", "≥38", "en"), ("−18 °C", "da", "-18 °C", "en"), ("8–16", "da", "8 - 16", "en"), ("120/80", "da", "120/80", "en"), ("5-10", "da", "5–10", "sv"),
    ("1 time", "da", "ساعة واحدة", "ar"), ("1 år", "da", "سنة واحدة", "ar"), ("1–2 dage", "da", "بعد يوم أو يومين", "ar"), ("1–2 dage", "da", "ليوم أو يومين", "ar"), ("1–2 timer", "da", "ساعة أو ساعتان", "ar"), ("1½ time", "da", "ساعة ونصف", "ar"), ("2 uger", "da", "two weeks", "en"), ("2 dage", "da", "يومين", "ar"), ("3 dage", "da", "لثلاثة أيام", "ar"), ("2 gange", "da", "twice", "en"),
    ("1 time", "da", "en timme", "sv"), ("1 uge", "da", "eine Woche", "de"), ("2 mg", "da", "two milligrams", "en"), ("half a tablet", "en", "½ tablet", "da"),
    ("1 time", "da", "یک ساعت", "fa"), ("1 tablet", "da", "bir tablet", "tr"), ("2 tabletter", "da", "kaksi tablettia", "fi"), ("5 dage", "da", "п’ять днів", "uk"),
    ("≥ 38 °C", "da", "38 °C or more", "en"), ("< 5", "da", "under 5", "nb"), ("> 38", "da", "över 38", "sv"), ("−18 °C", "da", "minus 18 °C", "en"),
    ("27–40 %", "da", "27% to 40%", "en"), ("5 eller 10 mg", "da", "5 mg or 10 mg", "en"), ("−18 til −20 °C", "da", "−18 °C to −20 °C", "en"),
    ("10 mg og 20 mg", "da", "10 mg respektive 20 mg", "sv"), ("≥ 38,5 °C", "da", "38,5 °C або вище", "uk"), ("≤ 5", "da", "up to 5", "en"),
    ("mindst 38", "da", "≥ 38", "en"), ("Tag 2 mod 3", "da", "Take two for 3", "en"), ("to gange 2", "da", "two times two", "en"),
]  # fmt: skip
DIFFERENT = [
    ("≥ 38", "da", "≤ 38", "en"), ("< 5", "da", "> 5", "en"), ("−18 °C", "da", "18 °C", "en"), ("18", "da", "-18", "en"), ("> 5", "da", "≥ 5", "en"),
    ("≥ 38 og ≤ 36", "da", "≤ 38 and ≥ 36", "en"), ("±2", "da", "2", "en"), ("> 38", "da", "38", "en"), ("≥ 38", "da", "38 or less", "en"),
    ("20 %", "da", "20", "tr"), ("20 %", "da", "%30", "tr"), ("500 mg", "da", "500 мкг", "uk"), ("500 mg", "da", "500 г", "uk"), ("½", "da", "¼", "en"),
    ("½ tablet", "da", "1–2 tablets", "en"), ("½", "da", "1 ½", "en"), ("1 time", "da", "half an hour", "en"), ("1 time", "da", "en halv timme", "sv"), ("1 time", "da", "نصف ساعة", "ar"),
    ("1 time", "da", "ساعة واحدة ونصف", "ar"), ("1–2 dage", "da", "في اليوم أو الليلة", "ar"), ("1–2 dage", "da", "يوم أو ثلاثة أيام", "ar"), ("1–2 dage", "da", "يومين", "ar"),
    ("2 uger", "da", "three weeks", "en"), ("2 uger", "da", "ثلاثة أسابيع", "ar"), ("2 piller to gange", "da", "pills two times", "en"), ("2 tabletter 3 gange", "da", "two tablets 2 times", "en"),
    ("1 tablet", "da", "no one, one of us", "en"), ("1 time", "da", "an hour and a half", "en"), ("1 time", "da", "une heure et demie", "fr"), ("1 time", "da", "یک ساعت و نیم", "fa"), ("1 Stunde", "de", "eine halbe Stunde", "de"), ("vent 1 time, tag en pause", "da", "ta en paus", "sv"), ("2 mg", "da", "two", "en"), ("2 mg", "da", "two grams", "en"),
    ("5 mg eller 10 mg", "da", "5 g or 10 mg", "en"), ("5 % og 10 mg", "da", "5 and 10 mg", "en"),
    ("kl. 14.30", "da", "2:30 صباحًا", "ar"), ("1.5", "en", "15", "da"), ("1.000", "da", "1.0", "en"), ("10", "da", "one", "en"), ("12", "da", "two", "en"), ("2", "da", "12", "en"),
]  # fmt: skip


def differs(one: str, language: str, other: str, other_language: str) -> bool:
    mine, wanted = compare_numbers(written(one, language), written(other, other_language))
    return Counter(mine) != Counter(wanted)


@pytest.mark.parametrize(("one", "language", "other", "other_language"), ALIKE)
def test_the_same_number_in_two_languages(one: str, language: str, other: str, other_language: str) -> None:
    assert not differs(one, language, other, other_language)
    assert not differs(other, other_language, one, language)


@pytest.mark.parametrize(("one", "language", "other", "other_language"), DIFFERENT)
def test_another_number_in_another_language(one: str, language: str, other: str, other_language: str) -> None:
    assert differs(one, language, other, other_language)
    assert differs(other, other_language, one, language)


@pytest.mark.parametrize(
    ("arabic", "danish"),
    [
        ("ساعة واحدة", "1 time"), ("ساعةً واحدةً", "1 time"), ("ساعتان", "2 timer"), ("لساعتين", "2 timer"),
        ("ساعة واحدة إلى ساعتين", "1–2 timer"), ("من ساعة إلى ساعتين", "1–2 timer"), ("ساعة أو ساعتين", "1–2 timer"),
    ],
)  # fmt: skip
def test_arabic_needs_no_digits_for_one_and_two(arabic: str, danish: str) -> None:
    ours, theirs = compare_numbers(written(arabic, "ar"), written(danish, "da"))
    assert Counter(ours) == Counter(theirs)
    assert Counter(ours) != Counter(compare_numbers(written(arabic, "ar"), written("3 timer", "da"))[1])


def test_words_have_their_place_in_the_order() -> None:
    assert compare_numbers(written("three pills 2 times", "en"), written("2 piller 3 gange", "da")) == (
        ("3", "2"),
        ("2", "3"),
    )


@pytest.mark.parametrize("code", sorted(packaged_languages()))
def test_the_words_of_a_language_are_what_they_say(code: str) -> None:
    """Each word is found, as its number and as no other; each unit is its symbol."""
    known = number_words.number_words_for(known_language(code))
    after = "" if known.language.file.word_spaces else known.data.counted[0]
    for number, words in {"1": known.data.ones, **known.data.words}.items():
        for word in words:
            assert number in [found for found, _, _ in known.spelled(known.plain(word.replace("*", "") + after))], word
    for symbol, names in known.data.units.items():
        assert {extract_numbers(f"5 {name.replace('*', '')}", code) for name in names} == {("5", symbol)}
    for unit, names in known.data.times.items():
        assert {known.time(known.plain(name.replace("*", ""))) for name in names} == {unit}
    for sign, phrases in known.data.signs.items():
        assert {known.sign(known.plain(phrase)) for phrase in phrases} == {sign}
    for name in known.data.percent:
        assert extract_numbers(f"5 {name.replace('*', '')}", code) == ("5", "%")


@pytest.mark.parametrize("code", sorted(packaged_languages()))
def test_the_separators_of_a_language_are_those_of_cldr(code: str) -> None:
    locale = known_language(code).locale
    decimal, group = (get(locale, numbering_system="latn") for get in (get_decimal_symbol, get_group_symbol))
    spaces = str.maketrans("\u00a0\u202f", "  ")
    assert number_words.number_words_for(known_language(code)).separators == (decimal, group.translate(spaces))


def test_a_locale_has_its_own_separators() -> None:
    assert extract_numbers("1’000", "de-CH") == extract_numbers("1.000", "de") == ("1000",)


@pytest.mark.parametrize(
    ("language", "text", "spelled"),
    [
        ("zh", "两小时后，可以进食三次。", {"2", "3"}),
        ("zh", "一般来说十分安全，一次性手套；第二天起三角巾可以取下。", set()),
        ("zh", "休息二十四小时", {"24"}),
        ("zh", "休息二十七天", set()),
        ("zh", "两个半小时", set()),
        ("th", "คุณสามารถรอสองชั่วโมง", {"2"}),
        ("th", "วันละหนึ่งครั้ง ครั้งละสิบสองเม็ด", {"1", "12"}),
        ("th", "ยี่สิบสองวัน", set()),
        ("th", "หนึ่งชั่วโมงครึ่ง", set()),
    ],
)
def test_without_spaces_a_number_in_words_counts_before_what_is_counted(
    language: str, text: str, spelled: set[str]
) -> None:
    words = number_words.number_words_for(known_language(language))
    assert {number for number, _, _ in words.spelled(text)} == spelled


@pytest.mark.parametrize(
    ("language", "text"), [("zh", "请等两小时。"), ("th", "โปรดรอสองชั่วโมง"), ("ar", "انتظر ساعتين.")]
)
def test_a_translation_may_write_the_number_as_a_word(language: str, text: str) -> None:
    ours, theirs = compare_numbers(written(text, language), written("Vent 2 timer.", "da"))
    assert Counter(ours) == Counter(theirs)


def test_a_wrong_number_in_words_is_found() -> None:
    ours, theirs = compare_numbers(written("请等三小时。", "zh"), written("Vent 2 timer.", "da"))
    assert Counter(ours) != Counter(theirs)


@pytest.mark.parametrize(("language", "text"), [("zh", "至少2天"), ("th", "อย่างน้อย2วัน")])
def test_at_least_is_found_without_spaces(language: str, text: str) -> None:
    ours, theirs = compare_numbers(written(text, language), written("≥ 2 dage", "da"))
    assert Counter(ours) == Counter(theirs)
