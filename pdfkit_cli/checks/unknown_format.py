"""A format that there is no layout for: nothing would be printed in it."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content.loader import did_you_mean
from pdfkit_cli.errors import Severity, SourceLocation


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each format of a leaflet that the layouts do not have."""
    for leaflet in context.library.leaflets.values():
        for index, name in enumerate(leaflet.model.formats):
            if name not in context.layouts.formats:
                place = SourceLocation(leaflet.source.name, *leaflet.positions["formats", index])
                yield place, f"there is no format “{name}”{did_you_mean(name, context.layouts.formats)}"


RULE = Rule("unknown-format", "A format that there is no layout for", Severity.ERROR, check, blocks=False)
