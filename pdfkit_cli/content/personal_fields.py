"""Compares the personal fields that a leaflet declares with those that its text uses."""

from collections.abc import Iterable, Iterator

from pdfkit_cli.content.blocks import Directive, Field, Heading, walk
from pdfkit_cli.content.markdown import MarkdownBody
from pdfkit_cli.content.models import FrontMatter, Leaflet, PersonalType
from pdfkit_cli.content.yaml_source import Positions
from pdfkit_cli.errors import Finding, SourceLocation

FIELD_PREFIX = "personal."
"""The prefix of the name in `{{ personal.… }}`."""


def fields_in_use(body: MarkdownBody, leaflet: Leaflet) -> set[str]:
    """Return the names of the personal fields that a text uses; an appointment panel uses all of them."""
    if next(_appointment_panels(body), None):
        return set(leaflet.personal)
    return {field.name.removeprefix(FIELD_PREFIX) for field in _personal_fields(body.nodes)}


def personal_field_findings(
    body: MarkdownBody, front_matter: FrontMatter | None, name: str, leaflet: Leaflet, head: Positions
) -> Iterator[Finding]:
    """Yield the problems with the personal fields of a text; `head` contains the positions of its front matter."""
    panel = next(_appointment_panels(body), None)
    if panel and not leaflet.personal:
        message = "the appointment panel has no fields; declare them under “personal:” in leaflet.yaml"
        yield Finding("undefined-field", message, SourceLocation(name, panel.line, 1))
    for unused in sorted(set(leaflet.personal) - fields_in_use(body, leaflet)):
        message = f"leaflet.yaml declares the personal field “{unused}”, but the text does not use it; write “::: appointment” or “{{{{ personal.{unused} }}}}”"
        yield Finding("unused-field", message, SourceLocation(name))
    headings = tuple(node for node in body.nodes if isinstance(node, Heading))
    for field in _personal_fields((*walk(headings), *body.notes)):
        message = "a personal field cannot be in a heading or a footnote; move it into the text"
        yield Finding("personal-field", message, SourceLocation(name, field.line, field.column))
    if front_matter:
        yield from _label_findings(front_matter, name, leaflet, head)


def _label_findings(front_matter: FrontMatter, name: str, leaflet: Leaflet, head: Positions) -> Iterator[Finding]:
    for field in front_matter.personal:
        if field not in leaflet.personal:
            known = ", ".join(leaflet.personal) or "none"
            message = f"leaflet.yaml declares no personal field “{field}” (it declares: {known})"
            yield Finding("undefined-field", message, SourceLocation(name, *head.get(("personal", field), (1, 1))))
    labels: dict[str | PersonalType, str] = {}
    for field, kind in leaflet.personal.items():
        first = labels.setdefault(front_matter.personal.get(field, kind), field)
        if first != field:
            message = f"“{first}” and “{field}” would have the same label; give them their own under “personal:” in the front matter"
            yield Finding("same-label", message, SourceLocation(name, *head.get(("personal", field), (1, 1))))


def _appointment_panels(body: MarkdownBody) -> Iterator[Directive]:
    return (node for node in body.nodes if isinstance(node, Directive) and node.spec.personal_fields)


def _personal_fields(nodes: Iterable[object]) -> Iterator[Field]:
    return (node for node in nodes if isinstance(node, Field) and node.name.startswith(FIELD_PREFIX))
