"""Words of a PDF in reading order, and what was changed between two."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdfkit_cli.pdf.geometry import Box
from pdfkit_cli.pdf.reader import words
from pdfkit_cli.pdf.reader.content_stream import ARTIFACT, TextRun
from pdfkit_cli.pdf.reader.document import PageContent, PdfContent
from pdfkit_cli.pdf.reader.words import PositionedWord, WordChange

PAPER: Box = (0.0, 0.0, 595.0, 842.0)


def run(text: str, mark: int, x: float = 72.0, y: float = 700.0, width: float = 0.0) -> TextRun:
    """A run of letters at 10 pt, one glyph a letter."""
    box = (x, y, x + (width or 5.0 * len(text)), y + 6.6)
    return TextRun(tuple(text), box, PAPER, 10.0, (0.0, 0.0, 0.0), mark, stream=1)


def reading(*pages: tuple[TextRun, ...]) -> PdfContent:
    made = tuple(
        PageContent(number, number, PAPER, tuple(replace(one, stream=number) for one in runs), ())
        for number, runs in enumerate(pages, 1)
    )
    order = tuple((one.stream, one.mark) for page in made for one in page.runs if one.mark != ARTIFACT)
    return PdfContent(made, len(made), order, ())


def texts(*runs: TextRun) -> list[str]:
    return [word.text for word in words.body_words(reading(runs))]


def test_a_run_is_cut_at_its_spaces() -> None:
    assert texts(run("Ring til os", 0), run("i morgen", 1, y=680)) == ["Ring", "til", "os", "i", "morgen"]


def test_a_word_goes_on_in_the_next_run_of_a_line() -> None:
    assert texts(run("Hvor", 0), run("dan", 1, x=92), run("går det", 2, x=110)) == ["Hvordan", "går", "det"]


def test_a_space_at_the_end_of_a_run_ends_the_word() -> None:
    assert texts(run("Hvor ", 0), run("dan", 1, x=97)) == ["Hvor", "dan"]


def test_a_word_goes_on_behind_a_hyphen_in_the_next_line() -> None:
    assert texts(run("en smerte-", 0), run("behandling her", 1, y=680)) == ["en", "smertebehandling", "her"]
    assert texts(run("7 -", 0), run("9", 1, y=680)) == ["7", "-", "9"]


def test_a_phone_number_is_one_word() -> None:
    assert texts(run("Ring 76 36 14 00 nu", 0)) == ["Ring", "76 36 14 00", "nu"]


def test_arabic_is_turned_into_its_order() -> None:
    line = "ةدحاو ةعاس 76 36 14 00 يلاوح"
    assert texts(run(line, 0)) == ["حوالي", "76 36 14 00", "ساعة", "واحدة"]


def test_margins_are_no_text() -> None:
    shown = reading((run("Side 1 af 2", ARTIFACT), run("Tekst", 0)), (run("Side 2 af 2", ARTIFACT),))
    assert [word.text for word in words.body_words(shown)] == ["Tekst"]
    assert [words.words_as_text(page) for page in words.margin_words(shown)] == ["Side 1 af 2", "Side 2 af 2"]


def test_a_word_knows_its_page_and_lines() -> None:
    shown = reading((run("en smerte-", 0),), (run("klinik", 0),))
    (_, split), (first, second) = words.body_words(shown), (shown.pages[0].runs[0].box, shown.pages[1].runs[0].box)
    assert (split.text, split.page, split.boxes) == ("smerteklinik", 1, (first, second))


def word(text: str) -> PositionedWord:
    return PositionedWord(text, 1, (PAPER,))


def row(text: str) -> list[PositionedWord]:
    return [word(part) for part in text.split()]


def told(before: str, after: str) -> list[tuple[str, str, str, str]]:
    found = words.word_changes(row(before), row(after))
    return [
        (change.lead, words.words_as_text(change.gone), words.words_as_text(change.new), change.tail)
        for change in found
    ]


def test_a_change_stands_between_the_words_around_it() -> None:
    assert told("du må ikke køre bil i dag", "du må gerne køre bil i dag") == [("du må", "ikke", "gerne", "køre bil i")]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a b c", "a b c", []),
        ("", "a b", [("", "", "a b", "")]),
        ("a b", "", [("", "a b", "", "")]),
        ("a b c d e", "a x c y e", [("a", "b", "x", "c d e"), ("a b c", "d", "y", "e")]),
        ("a a a", "a a", [("a a", "a", "", "")]),
        ("smerte-behandling her", "smertebehandling her", []),
    ],
)
def test_changes(before: str, after: str, expected: list[tuple[str, str, str, str]]) -> None:
    assert told(before, after) == expected


TEXTS = st.lists(st.sampled_from(["og", "du", "må", "ikke", "bil"]), max_size=20).map(" ".join)


@given(TEXTS, TEXTS)
def test_changes_make_the_one_text_into_the_other(before: str, after: str) -> None:
    old, new = row(before), row(after)
    found: list[WordChange] = list(words.word_changes(old, new))
    gone, come = [part for one in found for part in one.gone], [part for one in found for part in one.new]
    assert len(old) - len(gone) == len(new) - len(come)
    assert all(one.gone or one.new for one in found)
    assert (found == []) == (before.split() == after.split())
