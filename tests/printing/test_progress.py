"""How far a job is: sheets, and what the printer is waiting for."""

from typing import Any

import pytest

from pdfkit_cli.printing import ipp
from pdfkit_cli.printing.problems import PHRASES
from pdfkit_cli.printing.progress import (
    TROUBLES,
    JobPhase,
    JobProgress,
    Remainder,
    read_progress,
    read_troubles,
    remainder,
    seems_one_sided,
)
from pdfkit_cli.printing.ticket import JobSize
from pdfkit_cli.system.phrases import load_phrases, phrase_languages

FIVE_PAGES_TWICE = JobSize(5, 2, 2)


def progress(
    state: int, *reasons: str, printer: tuple[int, ...] = (), says: tuple[str, ...] = (), **counts: int
) -> JobProgress:
    job: dict[str, Any] = {"job-state": ipp.enum(state), "job-state-reasons": ipp.keyword(*reasons)}
    job |= {f"job-{name.replace('_', '-')}-completed": ipp.integer(count) for name, count in counts.items()}
    about = {"printer-state": ipp.enum(printer[0] if printer else 4), "printer-state-reasons": ipp.keyword(*says)}
    return read_progress(job, about, FIVE_PAGES_TWICE)


@pytest.mark.parametrize(
    ("impressions", "sheets"), [(0, 0), (1, 0), (2, 1), (4, 2), (5, 3), (6, 3), (7, 4), (10, 6), (99, 6)]
)
def test_sides_as_sheets(impressions: int, sheets: int) -> None:
    """The third sheet of a copy has one side, and the next copy begins on a new sheet."""
    assert progress(5, impressions=impressions).sheets_done == sheets


def test_sheets_where_no_sides_are_counted() -> None:
    assert progress(5, media_sheets=2).sheets_done == 2
    assert progress(5, media_sheets=-3).sheets_done == 0


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (progress(3), "waiting for the printer"),
        (progress(4, "job-incoming"), "the printer is receiving it"),
        (progress(77), "waiting for the printer"),
        (progress(5, impressions=2), "printing sheet 2 of 6"),
        (
            progress(5, impressions=2, printer=(5,), says=("media-empty-error",)),
            "the printer is waiting after 1 of 6 sheets: out of paper",
        ),
        (progress(6, "job-printing", impressions=5), "the printer is waiting after 3 of 6 sheets"),
        (
            progress(5, says=("media-jam", "door-open")),
            "the printer is waiting after 0 of 6 sheets: paper jam, a cover is open",
        ),
        (progress(7, impressions=4), "cancelled at the printer after 2 of 6 sheets"),
        (progress(8, impressions=4, says=("media-jam",)), "given up by the printer after 2 of 6 sheets"),
        (progress(9), "printed, sheets: 6"),
    ],
)
def test_words(made: JobProgress, words: str) -> None:
    assert made.words() == words


def test_what_a_printer_only_warns_of_is_left_out() -> None:
    reasons = ("media-empty-warning", "toner-low-report", "marker-supply-empty-report", "cover-open-warning", "none")
    assert read_troubles(reasons, waits=False) == ("open",)
    assert read_troubles(reasons, waits=True) == ("no-paper", "no-toner", "open")


def test_all_words_in_all_languages() -> None:
    known = load_phrases(PHRASES, "en")
    for language in phrase_languages(PHRASES):
        words = load_phrases(PHRASES, language)
        assert set(words) == set(known)
        assert set(words["problems"]) == set(known["problems"])
        assert all(set(each) - {"desk"} == {"why", "do"} for each in words["problems"].values())
        said = [
            each.get("desk", each["do"]) for code, each in words["problems"].items() if code not in NEVER_AT_THE_DESK
        ]
        assert not [do for do in said if "--" in do or ".yaml" in do or "pdfkit" in do], "no commands at the desk"
        for phase in JobPhase:
            assert JobProgress(phase, 1, 3, tuple(TROUBLES.values())).words(language)
            assert JobProgress(phase, 1, 3).words(language)
    assert set(phrase_languages(PHRASES)) == {"da", "sv", "en"}


NEVER_AT_THE_DESK = {"no-printers", "printer-unknown", "printer-open", "printer-elsewhere"}
"""Problems of what is asked for on the command line: the page offers only the printers that there are."""


@pytest.mark.parametrize(
    ("done", "rest"), [(0, Remainder(1, 1)), (2, Remainder(3, 1)), (3, Remainder(1, 0)), (5, Remainder(3, 0))]
)
def test_what_is_missing_of_two_copies_of_three_sheets(done: int, rest: Remainder) -> None:
    assert remainder(done, 3, 2) == rest


def test_the_rest_of_a_rest_counts_from_the_first_sheet_of_its_leaflet() -> None:
    """From sheet 3 of 5 on, a jam after one more: it goes on with sheet 4, and not with the second of those three."""
    assert remainder(1, 3, 1, sheets_before=2) == Remainder(4, 0)


def test_a_printer_that_took_a_sheet_for_each_page() -> None:
    assert seems_one_sided(progress(9, media_sheets=10), FIVE_PAGES_TWICE)
    assert not seems_one_sided(progress(9, media_sheets=6), FIVE_PAGES_TWICE)
    assert not seems_one_sided(progress(9), FIVE_PAGES_TWICE)
