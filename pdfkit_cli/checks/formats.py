"""A format that there is no layout for: nothing would be printed in it."""

from collections.abc import Iterator, Mapping

from pdfkit_cli.catalogue import Catalogue, near
from pdfkit_cli.errors import Finding, Place
from pdfkit_cli.models import Format


def check(catalogue: Catalogue, formats: Mapping[str, Format]) -> Iterator[Finding]:
    """Yield a finding for each format of a leaflet that the layouts do not have."""
    for leaflet in catalogue.leaflets.values():
        for index, name in enumerate(leaflet.model.formats):
            if name not in formats:
                place = Place(leaflet.source.name, *leaflet.positions["formats", index])
                yield Finding("unknown-format", f"there is no format “{name}”{near(name, formats)}", place)
