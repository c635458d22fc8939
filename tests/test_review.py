"""Reviews that are due, formats that do not exist, and all checks together."""

from datetime import date, timedelta

import pytest

from pdfkit_cli import catalogue, checks
from pdfkit_cli.checks import formats, review
from pdfkit_cli.errors import Finding, Severity
from pdfkit_cli.layout import Layouts, packaged
from tests.libraries import TinyLibrary

DUE = date(2026, 11, 21)
YAML = "content/first/leaflet.yaml"


def found(library: TinyLibrary, as_of: date) -> list[Finding]:
    loaded = catalogue.load(library.root)
    assert not loaded.findings
    return [*review.check(loaded, as_of)]


@pytest.mark.parametrize("status", ["draft", "approved"])
@pytest.mark.parametrize(("days", "overdue"), [(-1, False), (0, False), (1, True), (1000, True)])
def test_a_review_is_overdue_from_the_day_after(library: TinyLibrary, status: str, days: int, overdue: bool) -> None:
    library.replace(YAML, "status: draft", f"status: {status}\nreviewed: 2024-11-21\nreview_by: {DUE}")
    findings = found(library, DUE + timedelta(days))
    assert bool(findings) is overdue
    for finding in findings:
        assert finding.severity is Severity.WARNING
        assert str(finding).endswith(
            f"{YAML}:6:1: warning: the review was due on 2026-11-21; review the text and set new dates [review-overdue]"
        )


def test_without_a_date_nothing_is_due(library: TinyLibrary) -> None:
    assert not found(library, date(2100, 1, 1))


def test_a_withdrawn_leaflet_needs_no_review(library: TinyLibrary) -> None:
    library.replace(YAML, "status: draft", f"status: withdrawn\nreview_by: {DUE}")
    assert not found(library, date(2100, 1, 1))


def test_a_format_that_no_layout_draws_is_named(library: TinyLibrary) -> None:
    layouts = Layouts(packaged("layouts"), packaged("fonts"))
    library.replace(YAML, "[a4, a5]", "[a4, a4-larg]")
    (finding,) = formats.check(catalogue.load(library.root), layouts.formats)
    assert str(finding).endswith(
        f"{YAML}:8:15: error: there is no format “a4-larg”; did you mean “a4-large”? [unknown-format]"
    )


def test_all_rules_are_asked(library: TinyLibrary) -> None:
    layouts = Layouts(packaged("layouts"), packaged("fonts"))
    library.replace(YAML, "status: draft", f"status: draft\nreview_by: {DUE}")
    library.replace(YAML, "[a4, a5]", "[a4, a6]")
    library.body("\n☎ 76 36 14 00\n")
    findings = checks.check(catalogue.load(library.root), layouts, date(2100, 1, 1))
    assert {finding.code for finding in findings} == {
        "contact-literal",
        "missing-glyph",
        "review-overdue",
        "unknown-format",
    }
    assert {"contact-literal", "missing-glyph"} == checks.CODES
