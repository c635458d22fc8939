"""A withdrawn leaflet that a clinic still hands out."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.errors import Place, Severity
from pdfkit_cli.models import Status


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each withdrawn leaflet where a clinic hands it out."""
    for clinic in subject.catalogue.clinics.values():
        for name in clinic.model.hands_out:
            leaflet = subject.catalogue.leaflets.get(name)
            if leaflet and leaflet.model.status is Status.WITHDRAWN:
                place = Place(clinic.source.name, *clinic.positions["hands_out", name])
                instead = f"hand out {after} instead" if (after := leaflet.model.superseded_by) else "take it out here"
                yield place, f"{name} is withdrawn and no longer printed; {instead}"


RULE = Rule(
    "withdrawn-leaflet", "A withdrawn leaflet that is handed out", Severity.ERROR, check, blocks=False, hides=False
)
