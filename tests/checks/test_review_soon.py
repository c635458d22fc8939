"""Reviews that are due soon."""

from datetime import date, timedelta

import pytest

from tests.helpers import check_runner
from tests.helpers.tiny_library import TinyLibrary

DUE = date(2026, 11, 21)
YAML = "content/first/leaflet.yaml"


def said(library: TinyLibrary, as_of: date) -> list[str]:
    return check_runner.said(library, "review-soon", as_of)


def due(library: TinyLibrary, more: str = "") -> None:
    library.write(YAML, library.read(YAML) + f"review_by: {DUE}\n{more}")


@pytest.mark.parametrize(("days", "soon"), [(-1, False), (0, True), (1, True), (60, True), (61, False)])
def test_a_review_is_due_soon_within_sixty_days(library: TinyLibrary, days: int, soon: bool) -> None:
    due(library)
    assert bool(said(library, DUE - timedelta(days))) is soon


def test_it_says_how_many_days_and_where(library: TinyLibrary) -> None:
    due(library)
    assert said(library, DUE - timedelta(2)) == [
        f"{YAML}:9:1: warning: the review is due in 2 days, on 2026-11-21; review the text and set “reviewed” and “review_by” [review-soon]"
    ]
    assert "due in 1 day, on" in said(library, DUE - timedelta(1))[0]
    assert "due today, on" in said(library, DUE)[0]


def test_the_library_may_set_another_number_of_days(library: TinyLibrary) -> None:
    due(library)
    library.replace("library.yaml", "languages:", "checks: {review_soon: 90}\nlanguages:")
    assert said(library, DUE - timedelta(90))
    assert not said(library, DUE - timedelta(91))


@pytest.mark.parametrize("state", ["status: withdrawn", "status: draft\nsuperseded_by: next"])
def test_what_is_not_in_use_needs_no_review(library: TinyLibrary, state: str) -> None:
    due(library)
    library.replace(YAML, "status: draft", state)
    assert not said(library, DUE)
    assert not check_runner.said(library, "review-overdue", DUE + timedelta(1))
