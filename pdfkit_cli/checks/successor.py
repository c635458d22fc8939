"""A leaflet that is superseded by one that is not there, or in a circle."""

from collections.abc import Iterator

from pdfkit_cli.catalogue import Catalogue, near
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.errors import Place, Severity


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each `superseded_by` that leads to no leaflet, or back to where it began."""
    catalogue = subject.catalogue
    content = catalogue.names("content")
    for name, leaflet in catalogue.leaflets.items():
        if (after := leaflet.model.superseded_by) is None:
            continue
        place = Place(leaflet.source.name, *leaflet.positions["superseded_by",])
        if catalogue.lacks("content", after):
            yield place, f"there is no leaflet “{after}”{near(after, content - {name})}"
        elif name in (chain := successors(catalogue, name)):
            yield place, f"superseded in a circle: {' → '.join((name, *chain))}; one of them must stay in use"


def successors(catalogue: Catalogue, name: str) -> tuple[str, ...]:
    """Return the leaflets that took the place of one, each the successor of that before it; a circle ends where it closes."""
    chain: list[str] = []
    while (leaflet := catalogue.leaflets.get(name)) and (after := leaflet.model.superseded_by) and after not in chain:
        chain.append(after)
        name = after
    return tuple(chain)


RULE = Rule("unknown-successor", "A leaflet that is superseded by none that is there", Severity.ERROR, check)
