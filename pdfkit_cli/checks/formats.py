"""A format that there is no layout for: nothing would be printed in it."""

from collections.abc import Iterator

from pdfkit_cli.catalogue import near
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.errors import Place, Severity


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each format of a leaflet that the layouts do not have."""
    for leaflet in subject.catalogue.leaflets.values():
        for index, name in enumerate(leaflet.model.formats):
            if name not in subject.layouts.formats:
                place = Place(leaflet.source.name, *leaflet.positions["formats", index])
                yield place, f"there is no format “{name}”{near(name, subject.layouts.formats)}"


RULE = Rule("unknown-format", "A format that there is no layout for", Severity.ERROR, check, blocks=False)
