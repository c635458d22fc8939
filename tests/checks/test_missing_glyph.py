"""Characters that no font has are found in everything that is printed."""

import pytest

from pdfkit_cli.checks import missing_glyph
from pdfkit_cli.content.packaged import packaged_folder
from tests.helpers.check_runner import said
from tests.helpers.tiny_library import TinyLibrary

FONTS = packaged_folder("fonts")


def found(library: TinyLibrary) -> list[str]:
    return said(library, "missing-glyph")


def test_the_fonts_have_what_four_languages_need() -> None:
    known = missing_glyph.font_coverage(FONTS)
    assert set("abcæøåäöéüÆØÅÄÖ0123456789.,:;!?()[]–—»«”“’%‰×½¼¾°±≥≤•…@&/§€\N{NO-BREAK SPACE}\N{SOFT HYPHEN}") <= known
    assert set("ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئةىًٌٍَُِّْ؟؛،") <= known
    assert not set("😀漢館☎\N{REPLACEMENT CHARACTER}\N{BELL}") & known


@pytest.mark.parametrize(("char", "name"), [("😀", "grinning face"), ("漢", "cjk unified ideograph-6f22")])
def test_each_character_is_named_once_where_it_first_stands(library: TinyLibrary, char: str, name: str) -> None:
    library.body(f"\na\n\nbb {char}{char}\n\n{char}\n")
    assert found(library) == [
        f"content/first/da.md:8:4: error: no font has “{char}” (U+{ord(char):04X}, {name}); "
        "use another character [missing-glyph]"
    ]


@pytest.mark.parametrize(
    ("name", "old", "new", "place"),
    [
        ("content/first/da.md", "En titel", "En ☎", "2:11"),
        ("content/first/da.md", "kort", "☎", "3:13"),
        ("content/first/da.md", "summary:", "synonyms: [☎]\nsummary:", "3:12"),
        ("clinics/north.yaml", "Klinik Nord", "Klinik ☎", "1:14"),
        ("clinics/north.yaml", "country: DK", "country: DK\nphone_note: {da: ☎}", "5:18"),
        ("languages/da.yaml", "page: Side", "page: ☎", "3:9"),
    ],
)
def test_titles_clinics_and_phrases_are_read_too(
    library: TinyLibrary, name: str, old: str, new: str, place: str
) -> None:
    library.replace(name, old, new)
    (said,) = found(library)
    assert said.startswith(f"{name}:{place}: error: no font has “☎”")


def test_the_wording_of_a_clinic_is_read_too(library: TinyLibrary) -> None:
    library.replace("content/first/leaflet.yaml", "owner", "slots: [parking]\nowner")
    library.body("\n::: slot parking\n:::\n")
    library.write("clinics/north/first/parking.da.md", "a\n\nb ☎\n")
    (said,) = found(library)
    assert said.startswith("clinics/north/first/parking.da.md:3:3: error")


@pytest.mark.parametrize("text", ["a &#9742; b", "a &#x1F600; b", "a[^1]\n\n[^1]: &phone; b"])
def test_an_escape_does_not_hide_a_character(library: TinyLibrary, text: str) -> None:
    library.body(f"\n{text}\n")
    (said,) = found(library)
    assert said.startswith("content/first/da.md: error: no font has")


def test_an_escape_in_a_wording_does_not_hide_a_character(library: TinyLibrary) -> None:
    library.replace("content/first/leaflet.yaml", "owner", "slots: [parking]\nowner")
    library.body("\n::: slot parking\n:::\n")
    library.write("clinics/north/first/parking.da.md", "a &#9742;\n")
    (said,) = found(library)
    assert said.startswith("clinics/north/first/parking.da.md: error: no font has “☎”")


def test_an_escape_in_a_clinic_does_not_hide_a_character(library: TinyLibrary) -> None:
    library.replace("clinics/north.yaml", "Klinik Nord", '"Klinik \\u260E"')
    (said,) = found(library)
    assert said.startswith("clinics/north.yaml: error: no font has “☎”")


def test_all_scripts_come_at_once_in_the_order_of_the_text(library: TinyLibrary) -> None:
    library.body("\n漢 😀\n\n館 សួស្តី\n")
    assert [said.split(": ")[0].rpartition("md:")[2] for said in found(library)] == ["6:1", "6:3", "8:3"]


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("ກ່ອນ", "Lao"),
        ("সকালে", "Bengali"),
        ("წინ", "Georgian"),
        ("漢館", "Chinese"),
        ("수술 전", "Korean"),
        ("ਸਵੇਰੇ", "Gurmukhi"),
    ],
)
def test_a_script_without_a_font_is_one_error_in_a_text(library: TinyLibrary, text: str, script: str) -> None:
    library.body(f"\na\n\nbb {text}\n\n{text[::-1]}\n")
    (said,) = found(library)
    assert said.startswith(f"content/first/da.md:8:4: error: no font for {script} (“{text[0]}”, ")
    assert "remove its language from “languages:”" in said


@pytest.mark.parametrize(
    "text", ["ቅድሚ መጥባሕቲ ኣብ።", "לפני הניתוח", "ก่อนผ่าตัด", "手术前：膕、嘧啶", "सर्जरी से पहले।", "அறுவைக்கு முன்", "پہلے ٹیکہ"]
)
def test_a_script_with_a_font_is_none(library: TinyLibrary, text: str) -> None:
    library.body(f"\n{text}\n")
    assert found(library) == []


def test_signs_are_one_error_in_a_text(library: TinyLibrary) -> None:
    library.body("\n37 ℃ og ㎎, 😀 ☎\n")
    (said,) = found(library)
    assert said == (
        "content/first/da.md:6:4: error: no font has “℃”, “㎎”, “😀”, “☎”; use other characters [missing-glyph]"
    )


def test_what_steers_a_text_is_no_character_of_a_font(library: TinyLibrary) -> None:
    library.body("\na\u00adb\u200bc\u2066d\u2069e\u200ff\u00a0g\n")
    assert found(library) == []
