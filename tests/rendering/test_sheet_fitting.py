"""As few sheets as the settings allow, from as few layouts."""

from dataclasses import replace

import pytest

from pdfkit_cli.rendering.page import PageFormat, PageLimits
from pdfkit_cli.rendering.page_measures import Measures
from pdfkit_cli.rendering.sheet_fitting import fit_to_sheets, with_fit_class

ONE_SIDED = PageFormat("x", pages_per_sheet=1)
SHEETS = PageFormat("x")
BOOKLET = PageFormat("x", pages_per_sheet=4, cover=True)
PHONE = PageFormat("x", pages_per_sheet=1, grows=True, preflight=PageLimits((110, 4000)))


def fitted(form: PageFormat, **layouts: Measures) -> tuple[str, list[str]]:
    """Return the setting chosen, and all that were laid out for it, with what each measures.

    `words` is a text with small pictures without them, and `words_snug` one that is also set tighter.
    """
    tried: list[str] = []

    def measure(fit: str) -> Measures:
        tried.append(fit)
        name = fit.partition(" ")[0].partition("-")[0] or "loose"
        return layouts["words" if name == "words" else f"words_{name}" if "words-only" in fit else name]

    return fit_to_sheets(measure, form, small_pictures="words_tight" in layouts), tried


@pytest.mark.parametrize(
    ("form", "loose", "won"),
    [
        (SHEETS, (1, 0.3), None),
        (SHEETS, (2, 1.9), None),
        (SHEETS, (2, 1.05), (1, 0.95)),  # a page that is nearly empty
        (SHEETS, (3, 2.1), (2, 1.9)),  # a sheet
        (SHEETS, (3, 2.4), (2, 1.8)),
        (SHEETS, (3, 2.5), None),  # more than any setting can save
        (SHEETS, (4, 3.5), None),  # neither a sheet nor a page that looks like a mistake
        (ONE_SIDED, (3, 2.1), (2, 1.9)),
        (BOOKLET, (9, 7.3), (8, 6.7)),  # seven with the front cover, and the back cover
        (BOOKLET, (10, 8.5), (8, 6.6)),
        (BOOKLET, (11, 9.9), None),
    ],
)
def test_a_tighter_setting_wins_a_sheet_or_a_nearly_empty_page(
    form: PageFormat, loose: tuple[int, float], won: tuple[int, float] | None
) -> None:
    layouts = {"snug": Measures(*won), "tight": Measures(*won)} if won else {}
    fit, tried = fitted(form, loose=Measures(*loose), open=Measures(*loose), **layouts)
    assert fit.partition("spare")[0].rstrip() == ("snug" if won else "")
    assert ("snug" in tried) == bool(won)


def test_a_tighter_setting_that_wins_nothing_is_not_kept() -> None:
    same = Measures(3, 2.35)
    assert fitted(SHEETS, loose=Measures(3, 2.4), snug=same, tight=same) == ("", ["", "tight"])


def test_the_loosest_setting_that_wins_is_kept() -> None:
    loose, won = Measures(3, 2.2), Measures(2, 1.9)
    assert fitted(SHEETS, loose=loose, snug=Measures(3, 2.1), tight=won) == ("tight", ["", "tight", "snug"])
    assert fitted(SHEETS, loose=loose, snug=won, tight=won) == ("snug", ["", "tight", "snug"])
    assert fitted(SHEETS, loose=loose, tight=Measures(2, 1.99)) == ("tight", ["", "tight"]), (
        "snug would save too little"
    )


def test_a_setting_that_wins_more_sheets_is_preferred() -> None:
    layouts = {"snug": Measures(4, 3.9), "tight": Measures(2, 2.0)}
    assert fitted(SHEETS, loose=Measures(5, 4.1, holes=0.1), **layouts)[0] == "tight"


def test_holes_are_what_a_setting_may_win_besides() -> None:
    layouts = {"snug": Measures(3, 2.4), "tight": Measures(2, 1.9)}
    assert fitted(SHEETS, loose=Measures(3, 2.5), **layouts) == ("", [""])
    assert fitted(SHEETS, loose=Measures(3, 2.5, holes=0.1), **layouts) == ("tight", ["", "tight"])


def test_a_page_won_does_not_keep_a_sheet_from_being_won() -> None:
    layouts = {"loose": Measures(6, 5.05, holes=0.2), "snug": Measures(5, 4.6)}
    assert fitted(SHEETS, **layouts, tight=Measures(4, 3.9))[0] == "tight"
    assert fitted(SHEETS, **layouts, tight=Measures(5, 4.3))[0] == "snug"


PICTURED = {"loose": Measures(3, 2.3, pictures=0.3), "tight": Measures(3, 2.1, pictures=0.3), "snug": Measures(3, 2.2)}
WON, LOST = Measures(2, 1.9), Measures(3, 2.05)


def test_small_pictures_are_left_out_where_they_cost_a_sheet() -> None:
    tried = ["", "tight", "snug", "tight words-only", "snug words-only", "words-only"]
    assert fitted(SHEETS, **PICTURED, words_tight=LOST) == ("", tried[:4])
    assert fitted(SHEETS, **PICTURED, words_tight=WON, words_snug=LOST) == ("tight words-only", tried[:5])
    assert fitted(SHEETS, **PICTURED, words_tight=WON, words_snug=WON, words=LOST) == ("snug words-only", tried)
    assert fitted(SHEETS, **PICTURED, words_tight=WON, words_snug=WON, words=WON) == ("words-only", tried)
    assert fitted(SHEETS, loose=WON, words_tight=WON) == ("", [""]), "one sheet"
    assert fitted(SHEETS, loose=PICTURED["loose"], snug=WON, tight=WON, words_tight=WON)[0] == "snug"


@pytest.mark.parametrize(("pictures", "may_win"), [(0.05, False), (0.15, True)])
def test_small_pictures_are_left_out_only_where_they_are_high_enough_to_win_a_sheet(
    pictures: float, may_win: bool
) -> None:
    layouts = {name: replace(layout, pictures=pictures) for name, layout in PICTURED.items()}
    assert ("tight words-only" in fitted(SHEETS, **layouts, words_tight=LOST)[1]) == may_win


@pytest.mark.parametrize(("pictures", "may_win"), [(0.9, False), (1.2, True)])
def test_a_text_of_pictures_wins_a_sheet_without_them_that_no_other_setting_could(
    pictures: float, may_win: bool
) -> None:
    loose = Measures(4, 3.5, pictures=pictures)
    words = {"words_tight": WON, "words_snug": WON, "words": WON}
    assert fitted(SHEETS, loose=loose, **words)[0] == ("words-only" if may_win else "")


def test_a_hole_is_closed_by_another_setting_of_the_same_sheets() -> None:
    hole = Measures(4, 3.8, 0.6)
    still = Measures(4, 3.5, 0.5)
    assert fitted(SHEETS, loose=hole, snug=Measures(4, 3.5, 0.9)) == ("snug", ["", "snug"])
    assert fitted(SHEETS, loose=hole, snug=still, tight=Measures(3, 2.8, 0.7)) == ("tight", ["", "snug", "tight"])
    assert fitted(SHEETS, loose=hole, snug=still, tight=Measures(4, 3.1, 0.9))[0] == "", "a nearly empty last page"
    loose = Measures(5, 4.1, 0.9)
    assert fitted(SHEETS, loose=loose, snug=loose, tight=Measures(4, 3.9, 0.6))[0] == "tight", "a sheet counts more"
    words = {"words_snug": Measures(2, 1.9, 0.9), "words": Measures(3, 2.1)}
    assert fitted(SHEETS, **PICTURED, **words, words_tight=Measures(2, 1.8, 0.6))[0] == "snug words-only"
    assert fitted(BOOKLET, loose=Measures(8, 6.9, 0.6), snug=Measures(8, 6.6, 0.9)) == ("snug", ["", "snug"])


def test_a_sheet_of_a_booklet_is_not_given_up_for_a_page() -> None:
    """Six pages or seven, it is two sheets: nothing is set tighter, and what is left over gets lines."""
    assert fitted(BOOKLET, loose=Measures(7, 5.1)) == ("spare-1", [""])


def test_a_booklet_with_pages_left_over_is_opened_and_gets_lines_on_the_rest() -> None:
    loose = Measures(6, 4.8)
    assert fitted(BOOKLET, loose=loose, open=Measures(7, 5.9)) == ("open spare-1", ["", "open"])
    assert fitted(BOOKLET, loose=loose, open=Measures(8, 6.9)) == ("open", ["", "open"])
    assert fitted(BOOKLET, loose=loose, open=Measures(6, 4.9))[0] == "spare-2", "air that fills no page"
    assert fitted(BOOKLET, loose=loose, open=Measures(9, 7.1))[0] == "spare-2", "air that costs a sheet"


def test_a_booklet_that_was_set_tighter_is_not_opened_again() -> None:
    won = Measures(4, 2.95)
    assert fitted(BOOKLET, loose=Measures(5, 3.1), snug=won, tight=won)[0] == "snug"
    won = Measures(6, 4.9)
    assert fitted(BOOKLET, loose=Measures(9, 7.1), snug=won, tight=won)[0] == "snug spare-2"


def test_the_rest_of_a_last_page_that_is_half_empty_is_for_questions() -> None:
    """Unless they need a page of their own there."""
    loose = Measures(8, 6.3)
    assert fitted(BOOKLET, loose=loose, spare=loose) == ("spare-part", ["", "spare-part"])
    assert fitted(BOOKLET, loose=loose, spare=Measures(9, 6.3)) == ("", ["", "spare-part"])
    assert fitted(BOOKLET, loose=Measures(8, 6.6)) == ("", [""])


@pytest.mark.parametrize(
    ("form", "room", "fit"),
    [(BOOKLET, 59.0, ""), (BOOKLET, 60.0, "back-4"), (BOOKLET, 95.0, "back-7"), (BOOKLET, 400.0, "back-12"), (SHEETS, 95.0, "")],
)  # fmt: skip
def test_what_a_back_cover_leaves_empty_is_for_questions(form: PageFormat, room: float, fit: str) -> None:
    assert fitted(form, loose=Measures(8, 7.8, room=room)) == (fit, [""])


def test_the_lines_on_a_back_cover_are_laid_out_with_those_before_it() -> None:
    assert fitted(BOOKLET, loose=Measures(7, 5.1, room=95.0)) == ("back-7 spare-1", [""])


def test_a_page_that_grows_is_as_high_as_its_text() -> None:
    """In whole millimetres, and not less."""
    assert fitted(PHONE, loose=Measures(1, 0.2001)) == ("page-110x801", [""])


def test_a_text_longer_than_a_page_that_grows_is_left_as_it_is() -> None:
    assert fitted(PHONE, loose=Measures(2, 1.6)) == ("", [""])


def test_a_setting_is_a_class_and_a_size_is_that_of_a_page() -> None:
    html = '<html lang="da"><head></head>'
    assert with_fit_class(html, "") == html
    assert with_fit_class(html, "open spare-1") == '<html class="open spare-1" lang="da"><head></head>'
    assert (
        with_fit_class(html, "snug back-7 spare-1")
        == '<html class="snug back spare-1" style="--back-lines: 7" lang="da"><head></head>'
    )
    assert (
        with_fit_class(html, "page-110x801")
        == '<html lang="da"><head><style>@page { size: 110mm 801mm }</style></head>'
    )
