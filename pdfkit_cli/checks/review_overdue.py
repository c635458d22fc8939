"""A leaflet whose review is overdue."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.errors import Severity


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each leaflet that should have been reviewed by now."""
    for leaflet in context.library.leaflets.values():
        due = leaflet.model.review_by
        if due and due < context.as_of and leaflet.model.in_use:
            place = leaflet.place("review_by")
            yield place, f"the review was due on {due}; review the text and set “reviewed” and “review_by”"


RULE = Rule("review-overdue", "A leaflet whose review is overdue", Severity.WARNING, check)
