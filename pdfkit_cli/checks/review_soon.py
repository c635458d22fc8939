"""A leaflet whose review is due soon."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.errors import Severity


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each leaflet whose review is due today or within `review_soon` days."""
    for leaflet in context.library.leaflets.values():
        due = leaflet.model.review_by
        if due and leaflet.model.in_use and 0 <= (days := (due - context.as_of).days) <= context.limits.review_soon:
            place = leaflet.place("review_by")
            when = f"in {days} day{'s' if days > 1 else ''}" if days else "today"
            yield place, f"the review is due {when}, on {due}; review the text and set “reviewed” and “review_by”"


RULE = Rule("review-soon", "A leaflet whose review is due soon", Severity.WARNING, check)
