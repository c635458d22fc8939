"""A withdrawn leaflet that a clinic still hands out."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content.models import Status
from pdfkit_cli.errors import Severity


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each place where a clinic hands out a withdrawn leaflet."""
    for clinic in context.library.clinics.values():
        for name in clinic.model.hands_out:
            leaflet = context.library.leaflets.get(name)
            if leaflet and leaflet.model.status is Status.WITHDRAWN:
                place = clinic.place("hands_out", name)
                instead = f"hand out {after} instead" if (after := leaflet.model.superseded_by) else "remove it here"
                yield place, f"{name} is withdrawn and no longer printed; {instead}"


RULE = Rule(
    "withdrawn-leaflet",
    "A withdrawn leaflet that is handed out",
    Severity.ERROR,
    check,
    blocks=False,
    protects_existing_pdfs=False,
)
