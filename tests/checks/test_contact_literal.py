"""Typed phone numbers and e-mail addresses are found wherever words may stand, and figures are left alone."""

import time

import pytest

from pdfkit_cli.checks import contact_literal
from tests.helpers.check_runner import said, subject
from tests.helpers.tiny_library import LOGO, TinyLibrary

DA = "content/first/da.md"


def found(library: TinyLibrary) -> list[str]:
    return said(library, "contact-literal")


@pytest.mark.parametrize(
    "number",
    [
        "76 36 14 00", "76361400", "7636 1400", "76-36-14-00", "+45 76 36 14 00", "0045 76 36 14 00", "tlf.76361400",
        "20 30 40 50", "22 33 44 55", "70 10 20 30", "+45 20 30 40 50", "76/36 14 00", "031-81 80 83", "031 81 80 83", "(031) 81 80 83", "031–81 80 83", "+46 31 81 80 83", "08-123 45 67", "0771-11 77 00",
    ],
)  # fmt: skip
def test_a_phone_number_is_a_field(library: TinyLibrary, number: str) -> None:
    library.body(f"\n## a\n\nRing på {number} nu.\n")
    (said,) = found(library)
    literal = number.removeprefix("tlf.").removeprefix("0045 ") if number.startswith("tlf") else number
    line = f"Ring på {number} nu."
    assert said.startswith(f"{DA}:8:{line.index(literal) + 1}: error: “{literal}” belongs to one clinic")
    assert "write {{ clinic.phone }}, so that each clinic's leaflet has its own [contact-literal]" in said


@pytest.mark.parametrize(
    "text",
    [
        "76 36 14 00 hele døgnet", "76 36 14 00 dag og nat", "76 36 14 00 (8–15)",
        "76 36 14 00, 24 timer i døgnet", "20 30 40 50 mandag", "mandag 8-9: 76 36 14 11", "120/80. 76 36 14 00",
        "76 36 14 00 min. 2 timer før", "75 mg: 76 36 14 00", "76 36 14 00 og 100 200 300 400 ml",
    ],
)  # fmt: skip
def test_a_phone_number_among_other_figures_is_found(library: TinyLibrary, text: str) -> None:
    library.body(f"\n{text}\n")
    assert len(found(library)) == 1


@pytest.mark.parametrize(
    ("language", "row"),
    [("en", "0-3-6-12-18-24 months"), ("sv", "20 30 40 50 dygn"), ("en", "20 30 40 50 micrograms"), ("ar", "20 30 40 50 مليغرام")],
)  # fmt: skip
def test_units_are_those_of_the_language(library: TinyLibrary, language: str, row: str) -> None:
    library.write(f"content/first/{language}.md", f"---\ntitle: a\nsummary: b\n---\n\n{row}\n")
    assert found(library) == []


def test_an_email_address_is_a_field(library: TinyLibrary) -> None:
    library.body("\nSkriv til *info.a+b@sub.example.org*.\n")
    (said,) = found(library)
    assert said.startswith(
        f"{DA}:6:12: error: “info.a+b@sub.example.org” belongs to one clinic; write {{{{ clinic.email }}}}"
    )


@pytest.mark.parametrize(
    "figures",
    [
        "112", "1177", "1813", "Ring 112, 1177 eller 1813", "2026-11-21", "21.11.2026", "21. 11. 2026", "21/11/2026", "21-11-2026",
        "21/11 2026", "BP-01 v. 0.1 2026-01-31", "2000–2026", "2026-2027", "2026/2027", "Spine 2012;37:2031–2038", "27–40 %",
        "2600–2700 kcal", "50.000–60.000", "3 × 10", "10.00–14.00", "kl. 20.00–22.00", "mandag 08.00-16.00", "08:00–15:30",
        "20:00 - 22:30", "400–800 mg", "25 000 000", "6000 Kolding", "413 45 Göteborg", "L4-L5", "1, 2, 3, 4, 5, 6, 7, 8", "120/80",
        "20–30, 40–50 og 60–70", "{{ clinic.phone }} 24", "@klinik", "a@b",
        "75 100 125 mg", "25 50 75 100 125 150 mg", "40 30 20 10 mg", "20 30 40 50 mg dagligt", "75-100-125 µg", "75 100 125 milligram",
        "120/80 130/90 140/100", "120/80, 130/90, 140/100 mmHg", "120/80 og 130/90 140/100", "0-3-6-12-18-24 måneder", "3-6-12-18-24 måneder",
        "0 3 6 12 18 24 måneder", "6 12 18 24 uger", "20 40 60 80 timer", "2-2-2-2-0-0", "1-0-1-0-1-0-1", "25 50 75 100", "1 2 4 8 16 32",
        "100 200 300 400 ml", "20 30 40 50 %", "37 38 39 40 °C", "20 25 30 35 år", "20\u00a030\u00a040\u00a050\u00a0mg", "76361400 IE",
        "50 75 100 kcal", "30 60 90 120 minutter", "5-10-15-20-25-30 min", "1-2-3-4-5-6-7-8", "1/2/3/4/5/6/7/8",
    ],
)  # fmt: skip
def test_figures_are_no_phone_numbers(library: TinyLibrary, figures: str) -> None:
    library.body(f"\n{figures}\n")
    assert found(library) == []


PLACES = {
    "title": ("---\ntitle: Ring {}\nsummary: b\n---\n\nc\n", 2),
    "summary": ("---\ntitle: a\nsummary: Ring {}\n---\n\nc\n", 3),
    "short title": ("---\ntitle: a\nsummary: b\nshort_title: Ring {}\n---\n\nc\n", 4),
    "synonym": ("---\ntitle: a\nsummary: b\nsynonyms: [a, Ring {}]\n---\n\nc\n", 4),
    "heading": ("---\ntitle: a\nsummary: b\n---\n\n## Ring {}\n\nc\n", 6),
    "list": ("---\ntitle: a\nsummary: b\n---\n\n- c\n- d\n  - Ring {}\n", 8),
    "table": ("---\ntitle: a\nsummary: b\n---\n\n|c|\n|-|\n|Ring {}|\n", 8),
    "head of a table": ("---\ntitle: a\nsummary: b\n---\n\n|Ring {}|\n|-|\n|c|\n", 6),
    "title of a block": ("---\ntitle: a\nsummary: b\n---\n\n::: call Ring {}\n:::\n", 6),
    "block": ("---\ntitle: a\nsummary: b\n---\n\n::: call\nc\n\nRing {}\n:::\n", 9),
    "footnote": ("---\ntitle: a\nsummary: b\n---\n\n[^1]: Ring {}\n\nc[^1]\n", 6),
    "alt": ("---\ntitle: a\nsummary: b\n---\n\n![Ring {}](b.svg)\n", 6),
    "caption": ('---\ntitle: a\nsummary: b\n---\n\n![a](b.svg "Ring {}")\n', 6),
    "link": ("---\ntitle: a\nsummary: b\n---\n\n[Ring {}](https://example.org)\n", 6),
    "left out": ("---\ntitle: a\nsummary: b\n---\n\nc [Ring {}]{{.full}}\n", 6),
}


@pytest.mark.parametrize("literal", ["76 36 14 00", "info@example.org"])
@pytest.mark.parametrize(("text", "line"), PLACES.values(), ids=PLACES)
def test_literals_are_found_wherever_words_may_stand(library: TinyLibrary, text: str, line: int, literal: str) -> None:
    library.write("content/first/b.svg", LOGO)
    text = text.format(literal)
    library.write(DA, text)
    (said,) = found(library)
    assert said.startswith(f"{DA}:{line}:{text.split(chr(10))[line - 1].index(literal) + 1}: error: “{literal}”")


@pytest.mark.parametrize("text", ["76 36 **14 00**", "76 36\n14 00", "7636 [1400]{.full}", "76&nbsp;36 14 00"])
def test_a_number_in_pieces_is_found_on_its_line(library: TinyLibrary, text: str) -> None:
    library.body(f"\na\n\n{text}\n")
    (said,) = found(library)
    assert said.startswith(f"{DA}:8:1: error")


def test_the_wording_of_a_clinic_has_fields_too(library: TinyLibrary) -> None:
    library.replace("content/first/leaflet.yaml", "owner", "slots: [parking]\nowner")
    library.body("\n::: slot parking\n:::\n")
    library.write("clinics/north/first/parking.da.md", "a[^1]\n\n76 36 14 00\n\n[^1]: b@example.org\n")
    assert [line[:45] for line in found(library)] == [
        "clinics/north/first/parking.da.md:3:1: error:",
        "clinics/north/first/parking.da.md:5:7: error:",
    ]


def test_the_countries_of_the_clinics_count(library: TinyLibrary) -> None:
    library.body("\nRing 22 12 34 56 78\n")
    assert found(library) == []
    library.replace("clinics/north.yaml", "country: DK", "country: FR")
    library.replace("clinics/north.yaml", "76 36 14 00", "01 42 34 56 78")
    library.body("\nRing 01 42 34 56 78\n")
    assert len(found(library)) == 1


@pytest.mark.parametrize(
    "text", ["a" * 100_000, "a" * 100_000 + "@", "1" * 100_000, "12 " * 10_000, "1-" * 30_000, "1–" * 30_000]
)
def test_long_lines_take_seconds_at_most(library: TinyLibrary, text: str) -> None:
    library.body(f"\n{text}\n")
    loaded = subject(library)
    started = time.thread_time()
    list(contact_literal.check(loaded))
    assert time.thread_time() - started < 5


def test_thousands_are_found_each_on_its_line(library: TinyLibrary) -> None:
    library.body("\nRing 76 36 14 00\n" * 1000)
    assert [int(line.split(":")[1]) for line in found(library)] == list(range(6, 2006, 2))
