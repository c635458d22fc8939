"""A picture whose callouts are not those of its legend."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content.block_specs import Content
from pdfkit_cli.content.blocks import Directive, Figure, List
from pdfkit_cli.content.library import Translation
from pdfkit_cli.errors import Severity, SourceLocation


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each item of a legend without a callout in its SVG, and each SVG with a callout that no item explains."""
    for leaflet in context.library.leaflets.values():
        for translation in leaflet.translations.values():
            for node in translation.body.nodes:
                if isinstance(node, Directive) and node.spec.content is Content.LEGEND:
                    yield from _differences(node, translation)


def _differences(block: Directive, translation: Translation) -> Iterator[Violation]:
    match block.blocks:
        case (Figure() as figure, *_, List() as legend):
            picture = translation.pictures[figure.source]
        case _:
            return
    if picture.path.suffix.lower() != ".svg":
        return
    name = translation.source.name
    for number, item in enumerate(legend.items, 1):
        if number not in picture.callouts:
            message = f"{picture.name} has no callout {number}; remove this item, or give the callout in the drawing the id “callout-{number}”"
            yield SourceLocation(name, item.line, 1), message
    for number in picture.callouts:
        if number > len(legend.items):
            message = f"{picture.name} has the callout {number}, but the legend has {len(legend.items)} items; explain it, or remove “callout-{number}” from the drawing"
            yield SourceLocation(name, figure.line, 1), message


RULE = Rule("different-callouts", "A picture whose callouts are not those of its legend", Severity.ERROR, check)
