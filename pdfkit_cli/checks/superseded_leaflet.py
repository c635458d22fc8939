"""A superseded leaflet that a clinic still hands out."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.checks.unknown_successor import find_successors
from pdfkit_cli.content.models import Status
from pdfkit_cli.errors import Severity


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each place where a clinic hands out a superseded leaflet, with the leaflet that finally replaced it."""
    for clinic in context.library.clinics.values():
        for name in clinic.model.hands_out:
            leaflet = context.library.leaflets.get(name)
            if leaflet and leaflet.model.superseded_by and leaflet.model.status is not Status.WITHDRAWN:
                place = clinic.place("hands_out", name)
                after = find_successors(context.library, name)[-1]
                yield place, f"{name} is superseded by {after} and no longer printed; hand out {after} here"


RULE = Rule(
    "superseded-leaflet",
    "A superseded leaflet that is handed out",
    Severity.ERROR,
    check,
    blocks=False,
    protects_existing_pdfs=False,
)
