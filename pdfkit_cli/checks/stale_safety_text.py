"""A warning, or text about medicine, fasting or calling, whose source changed after it was translated."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.checks.stale_text import stale_problems
from pdfkit_cli.errors import Severity, SourceLocation


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each outdated segment that concerns patient safety, and each translation whose source cannot be read."""
    yield from (problem for harmful, problem in stale_problems(context) if harmful)
    for leaflet in context.library.leaflets.values():
        if leaflet.original is None and leaflet.model.in_use:
            for text in leaflet.translations.values():
                source = f"{leaflet.model.source_language}.md"
                message = f"{source} cannot be read, so pdfkit cannot tell whether this translation is up to date; repair {source}"
                yield SourceLocation(text.source.name, 1), message


RULE = Rule(
    "stale-safety-text", "Safety text whose source changed after it was translated", Severity.ERROR, check, safety=True
)  # fmt: skip
