"""Reviews that are due, and formats that do not exist."""

from datetime import date, timedelta

import pytest

from pdfkit_cli.errors import Finding, Severity
from tests.helpers import check_runner
from tests.helpers.tiny_library import TinyLibrary

DUE = date(2026, 11, 21)
YAML = "content/first/leaflet.yaml"


def found(library: TinyLibrary, as_of: date) -> list[Finding]:
    return check_runner.found(library, "review-overdue", as_of)


@pytest.mark.parametrize("status", ["draft", "approved"])
@pytest.mark.parametrize(("days", "overdue"), [(-1, False), (0, False), (1, True), (1000, True)])
def test_a_review_is_overdue_from_the_day_after(library: TinyLibrary, status: str, days: int, overdue: bool) -> None:
    library.replace(YAML, "status: draft", f"status: {status}\nreviewed: 2024-11-21\nreview_by: {DUE}")
    findings = found(library, DUE + timedelta(days))
    assert bool(findings) is overdue
    for finding in findings:
        assert finding.severity is Severity.WARNING
        assert str(finding).endswith(
            f"{YAML}:6:1: warning: the review was due on 2026-11-21; review the text and set “reviewed” and “review_by” [review-overdue]"
        )


def test_without_a_date_nothing_is_due(library: TinyLibrary) -> None:
    assert not found(library, date(2100, 1, 1))


def test_a_withdrawn_leaflet_needs_no_review(library: TinyLibrary) -> None:
    library.replace(YAML, "status: draft", f"status: withdrawn\nreview_by: {DUE}")
    assert not found(library, date(2100, 1, 1))


def test_a_format_that_no_layout_draws_is_named(library: TinyLibrary) -> None:
    library.replace(YAML, "[a4, a5]", "[a4, a4-larg]")
    assert check_runner.said(library, "unknown-format") == [
        f"{YAML}:8:15: error: there is no format “a4-larg”; did you mean “a4-large”? [unknown-format]"
    ]
