"""Extracts: which blocks a format shows of a leaflet, with what title, and what the proof then expects."""

import itertools

import pytest

from pdfkit_cli.content.blocks import Directive, Heading, walk
from pdfkit_cli.content.extracts import extract_edition, has_chosen
from pdfkit_cli.content.models import Extract
from pdfkit_cli.errors import SourceError
from pdfkit_cli.rendering.verification.expected_content import expected_content
from pdfkit_cli.rendering.verification.expected_item import ContentKind
from tests.helpers.block_examples import FACTS, NORTH, layouts, resolve
from tests.helpers.tiny_library import TinyLibrary

BODY = """
## Efter behandlingen

Hvil dig i dag.

## Øvelser

To gange om dagen.

::: exercise 3 × 10
### Løft armen

Løft den højt.
:::

::: exercise
Stræk benet.
:::

::: step after
## Hjemme

### Hold øje

::: warning Spis ikke
Før behandlingen.
:::

:::: warning Ring med det samme
- feber

::: call
:::
::::
:::

::: contact
:::
"""
EXERCISES = Extract(block="exercise", section=True, days=3)
WARNINGS = Extract(block="warning", holding="call")


@pytest.fixture(autouse=True)
def text(library: TinyLibrary) -> None:
    library.write(NORTH, FACTS)
    library.body(
        BODY.replace("::: step after", "::::: step after").replace(":::\n\n::: contact", ":::::\n\n::: contact")
    )


def expected(library: TinyLibrary, extract: Extract) -> set[str]:
    return {item.text for item in expected_content(extract_edition(resolve(library), extract))}


def test_exercises_have_the_title_and_the_text_of_their_section(library: TinyLibrary) -> None:
    shown = extract_edition(resolve(library), EXERCISES)
    assert (shown.title, shown.summary) == ("Øvelser", "")
    assert [type(block).__name__ for block in shown.blocks] == ["Paragraph", "Directive", "Directive"]


def test_only_warnings_that_say_whom_to_call(library: TinyLibrary) -> None:
    whole = resolve(library)
    (warning,) = extract_edition(whole, WARNINGS).blocks
    assert isinstance(warning, Directive)
    assert (warning.argument, extract_edition(whole, WARNINGS).title) == ("Ring med det samme", whole.title)


@pytest.mark.parametrize("extract", [EXERCISES, WARNINGS])
def test_no_level_of_headings_is_left_out(library: TinyLibrary, extract: Extract) -> None:
    blocks = extract_edition(resolve(library), extract).blocks
    levels = [node.level for node in walk(blocks) if isinstance(node, Heading | Directive) and node.level]
    assert min(levels) == 2
    assert all(later - before <= 1 for before, later in itertools.pairwise(levels))


def test_an_extract_is_out_of_date_when_its_leaflet_is(library: TinyLibrary) -> None:
    before = resolve(library)
    assert extract_edition(before, EXERCISES).digest == before.digest
    library.body(BODY.replace("Hvil dig", "Hvil dig godt").replace(":::: ", "::: "))
    library.body("\n::: exercise\nStræk benet.\n:::\n")
    after = resolve(library)
    assert extract_edition(after, EXERCISES).digest == after.digest != before.digest


def test_every_word_of_an_extract_is_expected_and_no_other(library: TinyLibrary) -> None:
    exercises, warnings = expected(library, EXERCISES), expected(library, WARNINGS)
    phrases = resolve(library).phrases
    assert {
        "Øvelser",
        "To gange om dagen.",
        "Løft armen",
        "Stræk benet.",
        phrases.morning,
        phrases.evening,
    } <= exercises
    assert {"Ring med det samme", "feber"} <= warnings
    for shown in (exercises, warnings):
        assert any("76 36 14 00" in words for words in shown)
        assert not any("Hvil dig" in words or "Spis" in words for words in shown)


def test_a_warning_says_whom_to_call_at_night(library: TinyLibrary) -> None:
    assert "112" in expected(library, WARNINGS)
    assert "112" not in expected(library, EXERCISES)


def test_each_box_of_the_chart_is_expected(library: TinyLibrary) -> None:
    edition = resolve(library)
    items = expected_content(extract_edition(edition, EXERCISES))
    boxes = [item for item in items if item.kind is ContentKind.PICTURE and item.text == edition.phrases.tick]
    assert len(boxes) == 6


def test_a_page_shows_its_extract_only(library: TinyLibrary) -> None:
    edition = resolve(library)
    html = layouts().draw(edition, "exercise-sheet")
    assert "Stræk benet." in html
    assert "Hvil dig" not in html
    assert html.count("blank/box.svg") == 28
    assert layouts().draw(edition, "a4") == layouts().draw(edition)


def test_without_such_a_block_it_is_not_drawn(library: TinyLibrary) -> None:
    library.body("\nIntet.\n")
    edition = resolve(library)
    assert not has_chosen(edition.blocks, EXERCISES)
    with pytest.raises(SourceError, match="has no ::: exercise, which exercise-sheet shows"):
        layouts().draw(edition, "exercise-sheet")
