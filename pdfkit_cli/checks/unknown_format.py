"""A format without a layout, in which nothing can be printed."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content.suggestions import did_you_mean
from pdfkit_cli.errors import Severity, SourceLocation


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each format of a leaflet or a channel for which there is no layout."""
    library = context.library
    named = [
        (name, leaflet.place("formats", index))
        for leaflet in library.leaflets.values()
        for index, name in enumerate(leaflet.model.formats)
    ]
    settings, positions = library.settings_source.name, library.settings_positions
    for channel, limits in library.settings.channels.items():
        for index, name in enumerate(limits.formats):
            named.append((name, SourceLocation(settings, *positions["channels", channel, "formats", index])))
    for name, place in named:
        if name not in context.layouts.formats:
            yield place, f"there is no format “{name}”{did_you_mean(name, context.layouts.formats)}"


RULE = Rule("unknown-format", "A format without a layout", Severity.ERROR, check, blocks=False)
