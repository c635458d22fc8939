"""Personal fields of a leaflet: what it declares against what its text uses."""

from collections.abc import Iterable, Iterator

from pdfkit_cli.blocks import Directive, DirectiveName, Field, Heading, walk
from pdfkit_cli.errors import Finding, Place
from pdfkit_cli.markdown import Body
from pdfkit_cli.models import FrontMatter, Leaflet, PersonalType
from pdfkit_cli.source import Positions

PREFIX = "personal."
"""What `{{ personal.… }}` begins with."""


def used(body: Body, leaflet: Leaflet) -> set[str]:
    """Return the names of the personal fields that a text has room for; the appointment panel has room for all."""
    if next(_panels(body), None):
        return set(leaflet.personal)
    return {field.name.removeprefix(PREFIX) for field in _fields(body.nodes)}


def findings(body: Body, matter: FrontMatter | None, name: str, leaflet: Leaflet, head: Positions) -> Iterator[Finding]:
    """Yield what is wrong with the personal fields of a text; `head` are the positions of its front matter."""
    panel = next(_panels(body), None)
    if panel and not leaflet.personal:
        message = "the appointment panel has nothing to fill in; declare its fields under “personal:” in leaflet.yaml"
        yield Finding("undefined-field", message, Place(name, panel.line, 1))
    for unused in sorted(set(leaflet.personal) - used(body, leaflet)):
        message = f"leaflet.yaml declares the personal field “{unused}”, but the text has no room for it; write “::: appointment” or “{{{{ personal.{unused} }}}}”"
        yield Finding("unused-field", message, Place(name))
    headings = tuple(node for node in body.nodes if isinstance(node, Heading))
    for field in _fields((*walk(headings), *body.notes)):
        message = "a heading and a footnote have no room to write in; put the personal field in the text"
        yield Finding("personal-field", message, Place(name, field.line, field.column))
    if matter:
        yield from _label_findings(matter, name, leaflet, head)


def _label_findings(matter: FrontMatter, name: str, leaflet: Leaflet, head: Positions) -> Iterator[Finding]:
    for field in matter.personal:
        if field not in leaflet.personal:
            known = ", ".join(leaflet.personal) or "none"
            message = f"leaflet.yaml declares no personal field “{field}” (it declares: {known})"
            yield Finding("undefined-field", message, Place(name, *head.get(("personal", field), (1, 1))))
    labels: dict[str | PersonalType, str] = {}
    for field, kind in leaflet.personal.items():
        first = labels.setdefault(matter.personal.get(field, kind), field)
        if first != field:
            message = f"“{first}” and “{field}” would have the same label; give them their own under “personal:” in the front matter"
            yield Finding("same-label", message, Place(name, *head.get(("personal", field), (1, 1))))


def _panels(body: Body) -> Iterator[Directive]:
    return (node for node in body.nodes if isinstance(node, Directive) and node.name is DirectiveName.APPOINTMENT)


def _fields(nodes: Iterable[object]) -> Iterator[Field]:
    return (node for node in nodes if isinstance(node, Field) and node.name.startswith(PREFIX))
