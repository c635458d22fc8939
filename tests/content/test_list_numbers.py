"""Numbers that Markdown takes for those of lists: what an author typed is on paper, is proven, and is compared with translations."""

import re

import pytest

from pdfkit_cli.content import loader, markdown
from pdfkit_cli.content.blocks import Block, List, Paragraph, plain_text
from pdfkit_cli.content.editions import EditionKey, resolve_edition
from pdfkit_cli.content.models import FrontMatter, Variant
from pdfkit_cli.content.segments import split_into_segments
from pdfkit_cli.content.yaml_source import SourceFile
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.engine import RenderError
from tests.helpers import translated_library
from tests.helpers.check_runner import said
from tests.helpers.faulty_pages import page, with_html
from tests.helpers.screen_reader import speak
from tests.helpers.tiny_library import WHOLE_FORMATS, TinyLibrary


def parsed(text: str) -> list[tuple[str, tuple[str, ...], str]]:
    """Each block of a text: what it is, its numbers, its words."""
    body, findings = markdown.parse(text, "da.md")
    assert not findings, findings
    return [_told(block) for block in body.blocks]


def _told(block: Block) -> tuple[str, tuple[str, ...], str]:
    return type(block).__name__, block.markers if isinstance(block, List) else (), plain_text(block)


def found(text: str) -> list[str]:
    _, findings = markdown.parse(text, "da.md")
    return [f"{finding.place.line}:{finding.place.column} {finding.message}" for finding in findings]


SENTENCES = [
    "24. december er klinikken lukket.",
    "1. december er klinikken lukket.",
    "24) er det hele",
    "03. februar begynder kurset.",
    "2024. Det år begyndte vi.",
    "123456789. ord",
]


@pytest.mark.parametrize("text", SENTENCES)
def test_a_number_that_belongs_to_no_list_begins_a_sentence(text: str) -> None:
    if not text.startswith("1."):
        assert parsed(text) == [("Paragraph", (), text)]
    assert parsed(f"- {text}") == [("List", ("",), text)]
    assert parsed(f"::: warning W\n- {text}\n- x\n:::")[0][2] == f"{text}x"


def test_a_sentence_takes_what_stands_in_its_item_along() -> None:
    body, _ = markdown.parse("24. december\n    - åben\n\n    Ring.\n", "da.md")
    assert [type(block).__name__ for block in body.blocks] == ["Paragraph", "List", "Paragraph"]
    assert isinstance(body.blocks[0], Paragraph)
    assert body.blocks[0].line == 1


def test_marks_stay_in_a_sentence() -> None:
    ((_, _, words),) = parsed("24. **december** er [vi]{lang=da} væk.")
    assert words == "24. december er vi væk."


@pytest.mark.parametrize(
    ("text", "markers"),
    [
        ("1. a\n2. b", [("1.", "2.")]),
        ("3. a\n4. b", [("3.", "4.")]),
        ("0. a\n1. b", [("0.", "1.")]),
        ("24. december\n25. december", [("24.", "25.")]),
        ("6. uge\n\n12. uge", []),
        ("14. januar\n15. januar\n3. februar", []),
        ("24. december er lukket.\n\n1. Ring.\n2. Vent.", [("1.", "2.")]),
        ("24. december er lukket.\n\n1. Ring.\n\nx\n\n2. Vent.", [("1.",), ("2.",)]),
        ("1. december er vi væk.", [("1.",)]),
        ("- a\n  1. b", [("",)]),
        ("- 1. a\n  2. b", [("",)]),
        ("1. a\n2. b\n4. c", [("1.", "2.", "4.")]),
        ("3. a\n1. b\n2. c", [("1.", "2.")]),
        ("1) a\n2) b", [("1)", "2)")]),
        ("01. a\n02. b", [("01.", "02.")]),
        ("1. a\n\nx\n\n2. b\n\n![x](a.svg)\n\n3. c", [("1.",), ("2.",), ("3.",)]),
        ("1. a\n2. b\n\nx\n\n3. c", [("1.", "2."), ("3.",)]),
        ("1. a\n  - x\n2. b", [("1.",), ("",), ("2.",)]),
        ("1. ![x](a.svg)", [("1.",)]),
    ],
)
def test_a_list_has_the_numbers_that_were_typed(text: str, markers: list[tuple[str, ...]]) -> None:
    assert [numbers for kind, numbers, _ in parsed(text) if kind == "List"] == markers


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1. a\n1. b\n", "2:1 two consecutive items have the number 1; write the numbers as they should be printed (1. 2. 3.),"),
        ("- x\n\n1. maj\n1. juni\n", "4:1 two consecutive items have the number 1;"),
        ("1. a\n2. b\n2. c\n", "3:1 two consecutive items have the number 2;"),
        ("Ring den\n1. december\n", "2:1 “1.” begins a list here, in the middle of a paragraph; put an empty line before the list, or write “1\\.” if the sentence continues"),
        ("Tag 5\n- 10 mg\n", "2:1 “-” begins a list here, in the middle of a paragraph; put an empty line before the list, or write “\\-”"),
        ("medicin\n+ vitaminer\n", "2:1 “+” begins a list here"),
        ("a[^1]\n\n[^1]: 24. december\n", "3:1 a footnote can only contain plain text, not a list or a block; write a sentence that begins with a number as “24\\. december”"),
    ],
)  # fmt: skip
def test_what_may_be_meant_in_two_ways_is_named(text: str, message: str) -> None:
    (line,) = found(text)
    assert line.startswith(message)


@pytest.mark.parametrize(
    "text", ["Tag med:\n- pas\n", "Du må tage:\n1. a\n2. b\n", "i år\n2024. Det år\n", "1\\. december"]
)
def test_what_can_be_meant_in_one_way_only_is_not(text: str) -> None:
    assert not found(text)


# On paper

BODY = """
24. december er klinikken lukket, og det er den også i ugen efter, så du skal ringe en anden dag.

1. Tag plasteret af.

Vent.

2. Vask huden.

## Uger

6. uge: Svøm.

12. uge: Løb.

- 14. januar: Blodprøve
- 2. gang: ring 112
  7. trin

::: warning Ring
3. Ved feber
4. Ved kulde
2026. Altid
:::

1) Stå op
2) [Sid ned]{.full}
3) Gå

4. - En prik
5. ::: do
   - Sov
   :::
"""
NUMBERS = ["24.", "1.", "2.", "6.", "12.", "14.", "2.", "7.", "3.", "4.", "2026.", "1)", "3)", "4.", "5."]


def spoken(pdf: bytes) -> str:
    return " ".join(" ".join(part.text for part in speak(pdf)).split())


@pytest.mark.parametrize("format_name", WHOLE_FORMATS)
def test_every_number_is_on_paper_in_every_format(library: TinyLibrary, format_name: str) -> None:
    library.body(BODY)
    library.replace("content/first/leaflet.yaml", "[a4, a5]", f"[{format_name}]")
    words = spoken(renderer.render(page(library, f"north/first.da.{format_name}.pdf")).pdf)
    at = 0
    for number in NUMBERS:
        at = words.find(number, at) + len(number)
        assert at >= len(number), (number, words)


def test_the_number_is_the_label_of_its_item(library: TinyLibrary) -> None:
    library.body("\n6. a\n7. b\n\n1. c\n8. d\n")
    parts = [part for part in speak(renderer.render(page(library)).pdf) if part.types[-1] == "Lbl"]
    assert [part.text.strip() for part in parts] == ["6.", "7.", "1.", "8."]


def test_a_short_edition_has_the_numbers_of_the_full_one(library: TinyLibrary) -> None:
    library.body("\n1. a\n2. [b]{.full}\n3. c\n\n::: full\n4. d\n:::\n")
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4, a5]\nvariants: [full, short]")
    edition = resolve_edition(loader.load_library(library.root), EditionKey("north", "first", "da", Variant.SHORT))
    (block,) = edition.blocks
    assert isinstance(block, List)
    assert block.markers == ("1.", "3.")


def test_arabic_lists_keep_their_numbers(library: TinyLibrary) -> None:
    danish = "\n6. Svøm.\n7. Løb.\n\n24. december er lukket.\n\nx\n\n112. Ring.\n113. Ring igen.\n"
    arabic = "\n6. يمكنك السباحة في الماء.\n7. يمكنك الجري.\n\n24. ديسمبر العيادة مغلقة.\n\nكلمة\n\n112. اتصل.\n113. اتصل مرة أخرى.\n"
    translated_library.write(library, danish, arabic, "ar")
    library.replace("clinics/north.yaml", "[da]", "[ar]")
    library.replace("content/first/ar.md", "A title", "عنوان")
    library.replace("content/first/ar.md", "A short summary", "ملخص")
    words = spoken(renderer.render(page(library, "north/first.ar.a4.pdf")).pdf)
    assert {"6", "7", "24", "112", "113"} <= set(re.findall(r"\d+", words))


# Proven


@pytest.mark.parametrize(("old", "new"), [("'6. '", "'7. '"), ("'6. '", "none"), ("24.", "1."), ("24.", "")])
def test_a_number_that_is_not_printed_as_typed_is_a_miss(library: TinyLibrary, old: str, new: str) -> None:
    library.body("\n6. uge\n7. uge\n\nog\n\n24. december\n")
    good = page(library)
    renderer.render(good)
    with pytest.raises(RenderError, match="is not on the page"):
        renderer.render(with_html(good, old, new))


def test_a_list_that_is_counted_otherwise_is_a_miss(library: TinyLibrary) -> None:
    library.body("\n1. en\n2. to\n")
    good = page(library)
    with pytest.raises(RenderError, match=re.escape("“1. en” is not on the page")):
        renderer.render(with_html(good, "<ol>", '<ol style="counter-reset: list-item 3">'))


# Compared


@pytest.mark.parametrize(
    ("danish", "english", "message"),
    [
        (
            "24. december lukket.",
            "26. December closed.",
            "“24” in the source is missing here, and “26” is not in the source",
        ),
        ("6. uge\n8. uge", "6. week\n9. week", "“8” in the source is missing here, and “9”"),
        ("1. a\n2. b", "1. a\n3. b", "“2” in the source is missing here, and “3”"),
        ("- 14. januar", "- 15 January", "“14” in the source is missing here, and “15”"),
        ("24. december lukket.", "Closed on 24 December.", ""),
        ("1. a\n2. b", "1. a\n2. b", ""),
    ],
)
def test_translations_have_the_same_numbers(library: TinyLibrary, danish: str, english: str, message: str) -> None:
    translated_library.write(library, danish, english)
    lines = said(library, "different-numbers")
    assert message in " ".join(lines)
    assert bool(lines) == bool(message)


def test_two_steps_that_changed_places_are_seen(library: TinyLibrary) -> None:
    translated_library.write(library, "3. 5 mg", "5. 3 mg")
    (line,) = said(library, "swapped-numbers")
    assert "5, 3, mg and not 3, 5, mg" in line


def test_a_list_that_is_counted_from_1_has_the_digest_that_it_always_had() -> None:
    """Else every translation of a text with such a list would be out of date."""
    body, _ = markdown.parse("1. a\n2. b\n\n5. c\n6. d\n", "da.md")
    segments = split_into_segments(FrontMatter(title="t", summary="s"), body, SourceFile("da.md", "", ""))[2:]
    assert [segment.marker for segment in segments] == ["1.", "2.", "5.", "6."]
    assert [segment.digest == segment._replace(marker="").digest for segment in segments] == [True, True, False, False]
