"""A draft that clinics hand out."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content.library import LeafletEntry
from pdfkit_cli.errors import Severity


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each draft that a clinic hands out."""
    handed_out = {name for clinic in context.library.clinics.values() for name in clinic.model.hands_out}
    for name, leaflet in context.library.leaflets.items():
        if name in handed_out and leaflet.model.in_use and leaflet.is_draft:
            yield leaflet.place("status"), _message(leaflet)


def _message(leaflet: LeafletEntry) -> str:
    if leaflet.changed_since_approval:
        return (
            "the text changed since it was approved, so every page has a “draft” label; have it approved again at the "
            "desk, or remove “approved_text” if it was approved elsewhere"
        )
    return "clinics hand out this draft, with a “draft” label on every page; have it reviewed and approved"


RULE = Rule("draft-leaflet", "A draft that is handed out", Severity.WARNING, check)
