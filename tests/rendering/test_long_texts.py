"""What is longer than a page: tables, lists, notes; everything is on paper once, in its order, and nothing is wrong with the PDF."""

import itertools
import re
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from pypdf import PdfReader

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.content.block_specs import BLOCKS, Content, Panel, Role
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.engine import RenderError
from tests.helpers.block_examples import EXAMPLES
from tests.helpers.faulty_pages import DAY
from tests.helpers.pdf_validators import wrongs
from tests.helpers.screen_reader import speak
from tests.helpers.soak_sampling import sampled
from tests.helpers.structure_elements import elements
from tests.helpers.tiny_library import tiny

CONTACT = "email: a@example.org\nweb: https://example.org\n"
FORMATS = "a4, a5, a5-booklet, a4-large, print-shop"
"""A sample: one format of each page size, imposition and size of letters, and the one with bleed."""

WORDS = "Gå lidt hver dag, og hvil dig, når du har brug for det."


@pytest.fixture(autouse=True, scope="module")
def _prepared() -> None:
    renderer.prepare_process()


@cache
def printed(body: str, form: str, clinic: str = "north") -> bytes:
    """Return the PDF of a text, in one format, for one clinic."""
    with TemporaryDirectory() as folder:
        library = tiny(Path(folder))
        library.replace("content/first/leaflet.yaml", "a4, a5", FORMATS)
        if "{{ personal" in body:
            library.replace("content/first/leaflet.yaml", "owner:", "personal: {day: date, side: side}\nowner:")
        library.write("clinics/north.yaml", library.read("clinics/north.yaml") + CONTACT)
        library.body(body)
        project = open_project(BuildRequest(library.root, as_of=DAY))
        output_key = next(item for item in project.output_keys() if item.path == f"{clinic}/first.da.{form}.pdf")
        return renderer.render(project.draw(output_key).page).pdf


def table(head: str, rows: int = 24, note: str = "") -> str:
    """Return a table that is longer than a page; `note` is called in the first row."""
    lines = (f"| Række {row}{note * (not row)} | {WORDS} |" for row in range(rows))
    return "\n".join(("\n## Tabel\n", head, "|---|---|", *lines, ""))


def wrong(pdf: bytes, form: str) -> list[str]:
    """Return what the oracle finds, but that the words of a repeated head are no prose."""
    return [str(item) for item in wrongs(pdf, archival=form != "print-shop") if item.code not in ("TAG-002", "PAG-001")]


# Tables over pages.

HEADS = {
    "note": table("| Dag[^a] | Hvad |") + "\n[^a]: En note i hovedet.\n",
    "note in a row": table("| Dag | Hvad |", note="[^a]") + "\n[^a]: En note i en række.\n",
    "link": table("| Dag [her](https://example.org/a) | Hvad |"),
    "phone": table("| Ring {{ clinic.phone }} | {{ clinic.email }} {{ clinic.web }} |"),
    "all": table("| **Dag**[^a] [her](https://example.org/a) | *Ring*[^b] {{ clinic.phone }} |", note="[^c]")
    + "\n[^a]: En note.\n\n[^b]: Se [mere](https://example.org/b).\n\n[^c]: En tredje.\n",
    "span": table("| [Day]{lang=en} | [اليوم]{lang=ar} |"),
    "personal": table("| Fra {{ personal.day }} | Side {{ personal.side }} |"),
    "in a step": "\n::: step before\n"
    + table("| Dag[^a] | [Hvad](https://example.org/a) |")
    + ":::\n\n[^a]: En note.\n",
    "in a warning": "\n::: warning Pas på\n"
    + table("| Dag[^a] | [Hvad](https://example.org/a) |")
    + ":::\n\n[^a]: En note.\n",
}


SOME = sampled(HEADS, 3)


@pytest.mark.soak
@pytest.mark.parametrize(
    ("head", "form"),
    [
        *((head, "a5") for head in SOME),
        *(("all", form) for form in sampled(["a4", "a4-large", "a5-booklet", "print-shop"], 2)),
    ],
)
def test_a_table_over_pages_is_printed_whatever_is_in_it(head: str, form: str) -> None:
    pdf = printed(HEADS[head], form)
    assert len(PdfReader(BytesIO(pdf)).pages) > 1
    assert wrong(pdf, form) == []


@pytest.mark.soak
@pytest.mark.parametrize("head", sampled(["note", "link"], 1))
def test_clinics_share_such_a_table(head: str) -> None:
    for clinic in ("north", "south"):
        pdf = printed(HEADS[head], "a5", clinic)
        assert wrong(pdf, "a5") == []
        assert ("76 36 14 00" if clinic == "north" else "97 66 24 00") in PdfReader(BytesIO(pdf)).pages[
            -1
        ].extract_text()


def test_a_repeated_head_is_read_once_and_has_no_links() -> None:
    reader = PdfReader(BytesIO(pdf := printed(HEADS["all"], "a5")))
    heads = [page.extract_text().count("Dag") for page in reader.pages]
    assert heads[:3] == [1, 1, 1]
    links = [
        [link["/A"]["/URI"] for link in page.get("/Annots", ()) if "/A" in link.get_object()] for page in reader.pages
    ]
    assert links[0][:2] == ["https://example.org/a", "tel:+4576361400"]
    assert "https://example.org/a" not in [uri for page in links[1:] for uri in page]
    assert [piece.text for piece in speak(pdf)].count("Dag") == 1


def test_a_note_in_a_head_stands_once_at_the_foot_of_the_first_page_in_plain_letters() -> None:
    reader = PdfReader(BytesIO(printed(HEADS["note"], "a5")))
    pages = [page.extract_text() for page in reader.pages]
    assert ["En note i hovedet" in page for page in pages] == [True] + [False] * (len(pages) - 1)


@pytest.mark.soak
@pytest.mark.parametrize("head", SOME)
def test_a_table_on_pages_with_notes_is_one_table(head: str) -> None:
    root: Any = PdfReader(BytesIO(printed(HEADS[head], "a5"))).root_object
    kinds = [str(element["/S"]) for element in elements(root["/StructTreeRoot"])]
    assert [kinds.count(kind) for kind in ("/Table", "/THead", "/TBody", "/TR")] == [1, 1, 1, 25]


# Lists of what to do and what to leave.

FOODS = [
    "brød",
    "ris",
    "pasta",
    "æg",
    "fisk",
    "kylling",
    "kalkun",
    "skinke",
    "yoghurt",
    "mælk",
    "ost",
    "smør",
    "honning",
    "gelé",
    "sukker",
    "banan",
    "melon",
    "tofu",
    "suppe",
    "te",
    "kaffe",
    "vand",
    "saft",
    "kiks",
]


def lists(do: int, dont: int, words: str = "") -> str:
    def items(count: int) -> str:
        return "".join(f"- {FOODS[number % len(FOODS)]} {number}{words}\n" for number in range(count))

    return f"\n## Mad\n\n::: do Spis\n{items(do)}:::\n\n::: dont Spis ikke\n{items(dont)}:::\n\nOg så videre.\n"


def lines(pdf: bytes) -> list[list[str]]:
    return [page.extract_text().split("\n") for page in PdfReader(BytesIO(pdf)).pages]


@pytest.mark.soak
@pytest.mark.parametrize(
    ("do", "dont", "form"),
    sampled(
        [
            (30, 30, "a5"), (30, 30, "a5-booklet"), (30, 30, "a4-large"),
            (5, 30, "a5"), (30, 5, "a4-large"), (12, 12, "a4-large"), (12, 12, "a5"),
        ],
        3,
    ),
)  # fmt: skip
def test_long_lists_go_on_over_the_page(do: int, dont: int, form: str) -> None:
    pdf = printed(lists(do, dont), form)
    assert wrong(pdf, form) == []
    if form != "a5-booklet":
        heads = [page for page in lines(pdf) for head in ("Spis", "Spis ikke") if page[-3:].count(head)]
        assert heads == []


def test_a_long_list_of_long_items_begins_below_its_heading() -> None:
    pdf = printed(lists(40, 40, " og meget andet, som man kan spise hver dag"), "a5")
    assert wrong(pdf, "a5") == []
    assert {"Mad", "Spis"} <= set(lines(pdf)[0])


OPENINGS = [
    re.findall(rf"^:::+ ({name}\b.*)$", "\n".join(EXAMPLES.values()), re.M)[0]
    for name, spec in BLOCKS.items()
    if spec.role is Role.DRAWN
    and spec.content is Content.ANY
    and spec.panel is not Panel.CONTACT
    and not spec.personal_fields
]
"""How each block begins that may hold a long text, as an author writes it."""


@pytest.mark.soak
@pytest.mark.parametrize("block", sampled(OPENINGS, 3))
def test_a_block_longer_than_a_page_begins_below_its_heading(block: str) -> None:
    items = "".join(f"- Punkt nummer {number}: {WORDS}\n" for number in range(34))
    inner = "### Øvelse\n\n" * ("exercise" in block) + items
    pdf = printed(f"\n## Overskrift\n\n::: {block}\n{inner}:::\n", "a5")
    assert wrong(pdf, "a5") == []
    first = "\n".join(lines(pdf)[0])
    assert "Overskrift" in first
    assert "nummer 3:" in first


# Tables with long words.

MEDICINES = """\
| Medicin | Styrke | Morgen | Aften | Bemærkning |
|---|---|---|---|---|
| Levothyroxinnatrium | 100 mikrogram | 1–2 tabletter | 0 tabletter | Tages fastende en halv time før morgenmaden |
| Metforminhydrochlorid | 500 mg | 1–2 tabletter | 1–2 tabletter | Stop 2 dage før kontrastundersøgelsen |
| **Bendroflumethiazid** med kaliumklorid | 0,5 mg/ml | 1 tablet | – | Blodtryksbehandling |
"""


def around(block: str, inner: str) -> str:
    return f"\n## Medicin\n\n::: {block}\n{inner}:::\n" if block else f"\n## Medicin\n\n{inner}"


@pytest.mark.soak
@pytest.mark.parametrize(
    ("block", "form"),
    sampled([*(("", form) for form in FORMATS.split(", ")), ("warning Pas på", "a5"), ("brief", "a5")], 3),
)
def test_a_table_of_five_columns_with_long_words_fits(block: str, form: str) -> None:
    pdf = printed(around(block, MEDICINES), form)
    assert wrong(pdf, form) == []
    words = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    for dose in ("100 mikrogram", "500 mg", "0,5 mg/ml"):
        assert dose in words.replace("\N{NO-BREAK SPACE}", " ")


# What no page has room for is said once, where it is written.


def refused(body: str, form: str) -> list[str]:
    with pytest.raises(RenderError) as raised:
        printed(body, form)
    return [line.partition("/leaflets/")[2] for line in str(raised.value).split("\n")]


def of_rows(*rows: tuple[str, str]) -> str:
    return "\n## Tabel\n\n| A | B |\n|---|---|\n" + "".join(f"| {one} | {other} |\n" for one, other in rows)


PLACE = "content/first/da.md:{line}:1 · da · north · {form}: "


@pytest.mark.soak
@pytest.mark.parametrize(
    ("cells", "form"),
    sampled(itertools.product([("to", WORDS * 70), (WORDS * 45, WORDS * 60)], ["a5", "a4-large"]), 2),
)
def test_a_row_longer_than_a_page_is_named_once(cells: tuple[str, str], form: str) -> None:
    body = of_rows(("et", WORDS), cells, ("tre", WORDS))
    assert refused(body, form) == [
        f"{PLACE.format(line=11, form=form)}the row is longer than a page; divide it into rows, or write it as text"
    ]


@pytest.mark.soak
@pytest.mark.parametrize("cells", sampled([("to", WORDS * 27), (WORDS * 12, WORDS * 13)], 1))
def test_a_row_nearly_as_long_as_a_page_is_printed(cells: tuple[str, str]) -> None:
    pdf = printed(of_rows(("et", WORDS), cells, ("tre", WORDS)), "a5")
    assert wrong(pdf, "a5") == []
    assert len(PdfReader(BytesIO(pdf)).pages) > 2


def test_headings_longer_than_a_page_are_named_once() -> None:
    body = f"\n## Tabel\n\n| A {WORDS * 50} | B |\n|---|---|\n| et | to |\n"
    assert refused(body, "a5") == [
        f"{PLACE.format(line=8, form='a5')}the headings of the table are not on the page, since they are longer than one; shorten them"
    ]


@pytest.mark.soak
@pytest.mark.parametrize("form", sampled(["a5", "a4"], 1))
def test_a_footnote_longer_than_a_page_is_named_once(form: str) -> None:
    body = f"\n## Note\n\nEn tekst[^1] med note.\n\n{WORDS * 12}\n\n[^1]: {WORDS * 120}\n"
    assert refused(body, form) == [
        f"{PLACE.format(line=8, form=form)}the footnote has no room at the foot of a page; shorten it, or write it in the text"
    ]


def test_a_footnote_of_half_a_page_is_printed() -> None:
    pdf = printed(f"\n## Note\n\nEn tekst[^1] med note.\n\n[^1]: {WORDS * 24}\n", "a5")
    assert wrong(pdf, "a5") == []


@pytest.mark.soak
@pytest.mark.parametrize("form", sampled(["a5", "a4"], 1))
def test_a_table_wider_than_the_page_is_named_once(form: str) -> None:
    (said,) = refused(of_rows(("1234567" * 8, "7654321" * 8)), form)
    assert said.endswith(": the table is wider than the page; write shorter words, or fewer columns")


def test_what_else_is_wrong_is_said_too() -> None:
    body = of_rows(("et", WORDS * 60)) + of_rows(("1234567" * 8, "7654321" * 8))
    said = refused(body, "a5")
    assert [line.rpartition(": ")[2].partition(";")[0] for line in said] == [
        "the row is longer than a page", "the table is wider than the page",
    ]  # fmt: skip


NOTES = {
    "heading": "\n## Et[^1]\n\nTekst.\n\n### To[^2]\n\nTekst.\n",
    "list": "\n- et[^1]\n- to\n  - tre[^2]\n\n1. fire[^3]\n2. fem\n",
    "do": "\n::: do Gør\n- et[^1]\n- to[^2]\n:::\n\n::: dont Lad være\n- tre[^3]\n- fire\n:::\n",
    "warning": "\n::: warning Pas på\nTekst[^1].\n\n- et[^2]\n:::\n",
    "call": "\n::: call Ring\nTekst[^1].\n:::\n",
    "brief": "\n::: brief\nTekst[^1].\n\n- et[^2]\n:::\n",
    "topic": "\n::: topic Emne\nTekst[^1].\n:::\n",
    "step": "\n::: step before\n## Overskrift[^1]\n\nTekst[^2].\n:::\n",
    "exercise": "\n## Alt\n\n::: exercise 3 × 10\n### Øvelse[^1]\n\nTekst[^2].\n:::\n",
    "bold": "\n**Vigtigt[^1]** og *andet[^2]*.\n",
    "many": "\n" + "\n".join(f"Afsnit {number}[^{number}]. {WORDS}\n" for number in range(1, 41)),
}


def with_notes(body: str) -> str:
    """Return a text with the notes that it calls."""
    return body + "".join(f"\n[^{number}]: Note {number} om det.\n" for number in re.findall(r"\[\^(\d+)\]", body))


@pytest.mark.soak
@pytest.mark.parametrize("where", sampled(NOTES, 1))
def test_footnotes_stand_wherever_words_do(where: str) -> None:
    assert wrong(printed(with_notes(NOTES[where]), "a5"), "a5") == []


def test_footnotes_stand_everywhere_in_one_text() -> None:
    count = itertools.count(1)
    bodies = "".join(body for where, body in NOTES.items() if where != "many")
    body = re.sub(r"\[\^\d+\]", lambda _: f"[^{next(count)}]", bodies)
    assert wrong(printed(with_notes(body), "a5"), "a5") == []
