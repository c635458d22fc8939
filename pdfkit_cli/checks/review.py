"""A leaflet whose day of review is past."""

from collections.abc import Iterator
from datetime import date

from pdfkit_cli.catalogue import Catalogue
from pdfkit_cli.errors import Finding, Place, Severity
from pdfkit_cli.models import Status

CODE = "review-overdue"


def check(catalogue: Catalogue, as_of: date) -> Iterator[Finding]:
    """Yield a warning for each leaflet that should have been reviewed before `as_of`."""
    for leaflet in catalogue.leaflets.values():
        due = leaflet.model.review_by
        if due and due < as_of and leaflet.model.status is not Status.WITHDRAWN:
            place = Place(leaflet.source.name, *leaflet.positions[("review_by",)])
            yield Finding(
                CODE, f"the review was due on {due}; review the text and set new dates", place, Severity.WARNING
            )
