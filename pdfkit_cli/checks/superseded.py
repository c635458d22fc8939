"""A superseded leaflet that a clinic still hands out."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.checks.successor import successors
from pdfkit_cli.errors import Place, Severity
from pdfkit_cli.models import Status


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each superseded leaflet where a clinic hands it out, with the last of its successors."""
    for clinic in subject.catalogue.clinics.values():
        for name in clinic.model.hands_out:
            leaflet = subject.catalogue.leaflets.get(name)
            if leaflet and leaflet.model.superseded_by and leaflet.model.status is not Status.WITHDRAWN:
                place = Place(clinic.source.name, *clinic.positions["hands_out", name])
                after = successors(subject.catalogue, name)[-1]
                yield place, f"{name} is superseded by {after} and no longer printed; hand out {after} here"


RULE = Rule(
    "superseded-leaflet", "A superseded leaflet that is handed out", Severity.ERROR, check, blocks=False, hides=False
)
