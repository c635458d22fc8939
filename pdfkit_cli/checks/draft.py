"""A draft that clinics hand out."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.errors import Place, Severity
from pdfkit_cli.models import Status


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each leaflet that is handed out and that nobody has approved."""
    handed_out = {name for clinic in subject.catalogue.clinics.values() for name in clinic.model.hands_out}
    for name, leaflet in subject.catalogue.leaflets.items():
        if name in handed_out and leaflet.model.in_use and leaflet.model.status is Status.DRAFT:
            place = Place(leaflet.source.name, *leaflet.positions["status",])
            yield place, "clinics hand this out as a draft, and every page says so; have it reviewed and approved"


RULE = Rule("draft-leaflet", "A draft that is handed out", Severity.WARNING, check)
