"""Where the words of a table may be broken: nowhere where they fit, else as seldom as can be, and numbers never."""

import pytest

from pdfkit_cli.content.block_specs import BLOCKS
from pdfkit_cli.content.blocks import Link, Strong, Table, Text, plain_text
from pdfkit_cli.content.language_files import known_language
from pdfkit_cli.content.languages.typography import NO_BREAK_SPACE, add_no_break_spaces
from pdfkit_cli.content.models import TextMeasure
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.rendering import tables
from pdfkit_cli.rendering.layouts import TEXT_FONT, Layouts

LAYOUTS = Layouts(packaged_folder("layouts"), packaged_folder("fonts"))
FONT = LAYOUTS.fonts / TEXT_FONT
A4_AND_A5 = (
    TextMeasure(measure=142, size=12.5),
    TextMeasure(measure=118, size=12, narrow=True),
    TextMeasure(measure=170, size=18, narrow=True),
)
"""A4, A5 and large print; columns and phones have room for next to nothing."""

LONG = "Levothyroxinnatrium"
SHY = "\N{SOFT HYPHEN}"
MEDICINES = [
    ["Medicin", "Styrke", "Morgen", "Aften", "Bemærkning"],
    [LONG, "100 mikrogram", "1–2 tabletter", "0 tabletter", "Tages før morgenmaden"],
    ["Metforminhydrochlorid", "500 mg", "1–2 tabletter", "–", "Blodtryksbehandling"],
]


def table(rows: list[list[str]]) -> Table:
    head, *others = [tuple((Text(add_no_break_spaces(cell, known_language("da"))),) for cell in row) for row in rows]
    return Table(tuple(head), tuple(map(tuple, others)), 1)


def cells(rows: list[list[str]], language: str = "da", indent: float = 0.0) -> tuple[list[str], str]:
    made, looks = tables.fit_table(table(rows), known_language(language), FONT, A4_AND_A5, indent)
    return [plain_text(cell) for row in (made.head, *made.rows) for cell in row], looks


@pytest.mark.parametrize(
    "rows",
    [
        [["Dag", "Hvad"], ["1–2 dage", LONG]],
        [["Tidspunkt", "Hvad du må", "Hvad du ikke må"], ["Mandag", "kontrastundersøgelsen", "Blodtryksbehandling"]],
        [["A", "B", "C", "D", "E"], ["et", "to", "tre", "fire", "fem"]],
    ],
)
def test_what_fits_stays_as_it_is(rows: list[list[str]]) -> None:
    whole = table(rows)
    assert tables.fit_table(whole, known_language("da"), FONT, A4_AND_A5) == (whole, "")


def test_long_words_may_be_broken_and_nothing_else() -> None:
    made, looks = cells(MEDICINES)
    assert looks == "narrow everywhere"
    assert [cell.replace(SHY, "").replace(NO_BREAK_SPACE, " ") for cell in made] == [
        cell for row in MEDICINES for cell in row
    ]
    assert SHY in made[5]
    assert SHY not in "".join(cell for cell in made if any(sign.isdigit() for sign in cell))


def test_a_dose_stays_whole_and_what_is_counted_may_stand_below_its_number() -> None:
    made, _ = cells(MEDICINES)
    assert made[6] == f"100{NO_BREAK_SPACE}mikrogram"
    assert made[11] == f"500{NO_BREAK_SPACE}mg"
    assert made[7] == "1–2 tabletter"


def test_on_the_narrowest_page_no_number_is_broken() -> None:
    made, looks = tables.fit_table(table(MEDICINES), known_language("da"), FONT, LAYOUTS.measures)
    assert looks == "narrow everywhere"
    after = [plain_text(cell) for row in made.rows for cell in row]
    assert f"100{NO_BREAK_SPACE}mikrogram" in after
    assert f"500{NO_BREAK_SPACE}mg" in after
    assert [cell.partition(" ")[0] for cell in after if cell.startswith("1–2")] == ["1–2"] * 2


def test_words_that_fit_are_not_broken_beside_one_that_does_not() -> None:
    rows = [
        ["Medicin", "Morgen", "Middag", "Aften", "Nat"],
        ["Hydroxychlorochinsulfathiazidnatriummonohydrat", "tablet", "tablet", "tablet", "tablet"],
    ]
    made, looks = cells(rows)
    assert looks
    assert [SHY in cell for cell in made] == [False] * 5 + [True] + [False] * 4
    assert made[5].count(SHY) == 1


@pytest.mark.parametrize(
    ("language", "word"),
    [("da", "Blodtryksbehandling"), ("en", "Electroencephalography"), ("tr", "Levotiroksinsodyumilacı"), ("so", LONG)],
)
def test_each_part_has_some_letters_and_a_language_without_patterns_breaks_anywhere(language: str, word: str) -> None:
    made, _ = cells([["A"] * 5, [word] * 5], language)
    parts = made[5].split(SHY)
    assert len(parts) > 1
    assert "".join(parts) == word
    assert min(map(len, parts)) >= tables.MIN_SYLLABLE_LENGTH


def test_no_part_begins_inside_th() -> None:
    made, _ = cells([["A"] * 5, ["Bendroflumethiazid"] * 5])
    assert f"t{SHY}h" not in made[5]


def test_a_block_around_it_leaves_less_room() -> None:
    rows = [["Medicin", "Styrke", "Bemærkning"], [LONG, "500 mg", "kontrastundersøgelsen"]]
    assert cells(rows)[1] == ""
    assert cells(rows, indent=BLOCKS["call"].table_indent)[1].startswith("narrow")


def test_bold_words_and_links_are_broken_too() -> None:
    bold = (Strong((Text(LONG),)), Text(" og "), Link("kontrastundersøgelsen", "https://example.org", 1))
    made, _ = tables.fit_table(Table(((Text("A"),),) * 5, ((bold,) * 5,), 1), known_language("da"), FONT, A4_AND_A5)
    assert plain_text(made.rows[0][0]).count(SHY) >= 2


ARABIC = [
    ["الدواء", "الجرعة", "صباحًا", "مساءً", "ملاحظة"],
    [LONG, "100 mikrogram", "1–2 حبة", "المستحضرات", "Hydroxychlorochin"],
    ["Metforminhydrochlorid", "500 مغ", "1–2", "–", "بالـNatrium"],
]


@pytest.mark.parametrize("language", ["ar", "fa", "ur", "ckb"])
def test_from_right_to_left_latin_words_are_broken_and_no_others(language: str) -> None:
    made, looks = cells(ARABIC, language)
    assert looks == "narrow everywhere"
    assert [at for at, cell in enumerate(made) if SHY in cell] == [5, 9, 10]
    assert made[5].split(SHY) == ["Levo", "thyroxin", "natrium"]
    assert made[6] == f"100{NO_BREAK_SPACE}mikrogram"


def test_vowels_and_joiners_take_no_room() -> None:
    plain_, vocalised = "المستحضرات", "المُسْتَحْضَرَات\u200d"
    assert (
        cells([["A", "B"], [plain_, plain_ * 2]], "ar")[1] == cells([["A", "B"], [vocalised, vocalised * 2]], "ar")[1]
    )
    width = tables._glyph_widths(FONT)
    assert width.of(plain_) == width.of(vocalised)


def test_an_arabic_word_is_broken_in_no_language() -> None:
    made, _ = cells([["A"] * 5, ["المستحضراتوالمستلزمات", LONG, LONG, LONG, LONG]], "da")
    assert [SHY in cell for cell in made[5:]] == [False, True, True, True, True]


def test_long_greenlandic_words_are_divided_by_syllables_everywhere() -> None:
    greenlandic, danish = known_language("kl"), known_language("da")
    divided = tables.divide_long_words("nalunaarutiginninnissamut, tinngisartut apeqqutit", greenlandic)
    assert divided.replace(SHY, "-") == "nalu-naa-ru-ti-gin-nin-nis-sa-mut, tinngisartut apeqqutit"
    assert SHY not in tables.divide_long_words("nalunaarutiginninnissamut", danish)
