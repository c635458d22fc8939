"""Which setting of a format's CSS takes a text to the fewest sheets, on pages without holes.

A layout is what a PDF costs most, so each setting is laid out only where what was measured before does not rule it out.
"""

import re
from collections.abc import Callable
from math import ceil
from typing import Final

from pdfkit_cli.rendering.page import PageFormat
from pdfkit_cli.rendering.page_measures import Measures

NEARLY_EMPTY_SHARE: Final = 0.4
"""A last page whose text ends above this share of its height looks like a mistake."""

FULL_SHARE: Final = 0.87
"""A page that text flows on from, and that ends above this share of its type area, has a hole."""

ROOM_FOR_QUESTIONS: Final = 0.55
"""In a format with a cover, a last page whose text ends above this share of its height has room for questions."""

TIGHTER_FITS: Final = {"snug": 0.15, "tight": 0.18}
"""CSS classes of every format for tighter setting, and the largest share of the content of a text that each can save.

Measured on the founding leaflets: at most 0.136 and 0.155. What a setting wins besides are holes.
"""

SNUG_SHARE: Final = 0.8
"""The largest share of what `tight` saves that `snug` saves where it wins the same sheet: at most 0.74 on the founding leaflets."""

OPENED: Final = "open"
"""The CSS class of formats with a cover for a setting with more air."""

WORDS_ONLY: Final = "words-only"
"""The CSS class of a setting without the small pictures beside the text."""

BACK_LINES: Final = range(4, 13)
"""How many lines for questions may fill what a back cover leaves empty: less looks lost, more is never filled."""

BACK_LINE, BACK_HEAD = 10.0, 20.0
"""The height in mm of such a line, and of what is above the first, as in the CSS of formats."""

_BACK_CLASS: Final = re.compile(r"\bback-(\d+)")
_PAGE_SIZE: Final = re.compile(r"page-([\d.]+)x(\d+)")


class _Trials(dict[str, Measures]):
    """What the layouts of a text measure, by setting: one that is asked for is laid out first."""

    def __init__(self, measure: Callable[[str], Measures]) -> None:
        super().__init__()
        self._measure = measure

    def __missing__(self, fit: str) -> Measures:
        self[fit] = self._measure(fit)
        return self[fit]


def fit_to_sheets(measure: Callable[[str], Measures], form: PageFormat, *, small_pictures: bool = False) -> str:
    """Return the setting in which a text takes as few sheets as it can, on pages that are not nearly empty and have no holes.

    `measure` lays the text out in a setting, and returns what that measures.
    Its small pictures, if it has any, are left out where they would cost a sheet.
    A page that grows is laid out again in the height that the text needs.
    """
    trials = _Trials(measure)
    if form.grows and form.preflight and trials[""].pages == 1:
        width, height = form.preflight.page
        return f"page-{width:g}x{ceil(height * trials[''].filled)}"
    fit = _fewest_sheets(trials, form)
    if small_pictures:
        fit = _without_pictures(trials, form, fit)
    fit = _without_holes(trials, form, fit)
    return _with_covers(trials, form, fit) if form.cover else fit


def is_words_only(fit: str) -> bool:
    """Return whether a setting leaves out the small pictures."""
    return WORDS_ONLY in fit.split()


def with_fit_class(html: str, fit: str) -> str:
    """Return HTML set as a class of the formats' CSS asks, or on a page of the size in mm of `page-110x800`; else unchanged."""
    if size := _PAGE_SIZE.fullmatch(fit):
        return html.replace("</head>", f"<style>@page {{ size: {size[1]}mm {size[2]}mm }}</style></head>", 1)
    if lines := _BACK_CLASS.search(fit):
        fit = _BACK_CLASS.sub("back", fit)
        html = html.replace("<html ", f'<html style="--back-lines: {lines[1]}" ', 1)
    return html.replace("<html ", f'<html class="{fit}" ', 1) if fit else html


def _fewest_sheets(trials: _Trials, form: PageFormat) -> str:
    """Return the loosest setting on the fewest sheets; if none wins a sheet, the one that wins a nearly empty last page.

    The tightest is tried first: where it wins nothing, no other does.
    """
    loose = trials[""]
    sheets = _sheets(loose, form)
    if _may_fit(loose.content, "tight", _capacity(form, sheets - 1)):
        tight = trials["tight"]
        fewest = _sheets(tight, form)
        if fewest < sheets:
            snug = loose.filled - SNUG_SHARE * (loose.filled - tight.filled)
            is_enough = snug <= _capacity(form, fewest) and _sheets(trials["snug"], form) == fewest
            return "snug" if is_enough else "tight"
    if not form.cover and loose.pages > 1 and _is_nearly_empty(loose):
        for fit in TIGHTER_FITS:
            if _may_fit(loose.content, fit, int(loose.filled)) and trials[fit].pages < loose.pages:
                return fit
    return ""


def _without_pictures(trials: _Trials, form: PageFormat, fit: str) -> str:
    """Return the loosest setting without small pictures on the fewest sheets if that wins a sheet; else the given one."""
    sheets = _sheets(trials[fit], form)
    room = _capacity(form, sheets - 1)
    if "tight" in trials:
        may_win = 0 < room >= trials["tight"].content - trials["tight"].pictures
    else:
        may_win = _may_fit(trials[""].content - trials[""].pictures, "tight", room)
    fewest = _sheets(trials[_words_only("tight")], form) if may_win else sheets
    if fewest >= sheets:
        return fit
    wins = "tight"
    for looser in ("snug", ""):
        if _sheets(trials[_words_only(looser)], form) > fewest:
            break
        wins = looser
    return _words_only(wins)


def _without_holes(trials: _Trials, form: PageFormat, fit: str) -> str:
    """Return the setting of the same sheets whose emptiest page is the fullest: boxes that are not split fall otherwise on the pages."""
    for tighter in TIGHTER_FITS:
        if trials[fit].emptiest >= FULL_SHARE:
            break
        other = _words_only(tighter) if is_words_only(fit) else tighter
        ends_well = form.cover or not _is_nearly_empty(trials[other])
        same_sheets = _sheets(trials[other], form) == _sheets(trials[fit], form)
        if same_sheets and ends_well and trials[other].emptiest > trials[fit].emptiest:
            fit = other
    return fit


def _with_covers(trials: _Trials, form: PageFormat, fit: str) -> str:
    """Open up a text that leaves more than one page over.

    The pages still left are for questions, and so is the rest of a last page that is half empty, and of the back cover.
    """
    if fit in ("", WORDS_ONLY) and _spare_pages(trials[fit], form) > 1:
        opened = f"{OPENED} {fit}".rstrip()
        is_as_short = _sheets(trials[opened], form) == _sheets(trials[fit], form)
        if is_as_short and trials[opened].pages > trials[fit].pages:
            fit = opened
    chosen = trials[fit]
    fit = f"{fit} {_lines_on_back(chosen)}".strip()
    if spare := _spare_pages(chosen, form):
        return f"{fit} spare-{spare}".lstrip()
    with_questions = f"{fit} spare-part".lstrip()
    is_half_empty = 0 < chosen.filled % 1 < ROOM_FOR_QUESTIONS
    return with_questions if is_half_empty and trials[with_questions].pages == chosen.pages else fit


def _lines_on_back(chosen: Measures) -> str:
    """Return the CSS class for the lines that a back cover has room for; nothing if they are too few."""
    lines = min(int((chosen.room - BACK_HEAD) // BACK_LINE), BACK_LINES[-1])
    return f"back-{lines}" if lines in BACK_LINES else ""


def _words_only(fit: str) -> str:
    return f"{fit} {WORDS_ONLY}".lstrip()


def _may_fit(content: float, fit: str, pages: int) -> bool:
    """Return whether so many pages' worth of text may fit on so many pages in a tighter setting, without a hole."""
    return 0 < pages >= content * (1 - TIGHTER_FITS[fit])


def _capacity(form: PageFormat, sheets: int) -> int:
    """Return on how many pages of some sheets a text may be: not on the back cover."""
    return form.pages_per_sheet * sheets - bool(form.cover)


def _sheets(layout: Measures, form: PageFormat) -> int:
    return -(-layout.pages // form.pages_per_sheet)


def _spare_pages(layout: Measures, form: PageFormat) -> int:
    return -layout.pages % form.pages_per_sheet


def _is_nearly_empty(layout: Measures) -> bool:
    """Return whether the last page is."""
    return 0 < layout.filled % 1 < NEARLY_EMPTY_SHARE
