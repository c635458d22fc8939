"""A translation without a record of its source, so that pdfkit cannot tell whether it is out of date."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.errors import Severity, SourceLocation


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each translation in use that has no record."""
    for name, leaflet in context.library.leaflets.items():
        recorded = leaflet.made_from[0].made_from if leaflet.made_from else {}
        for language, text in leaflet.translations.items():
            if leaflet.model.in_use and language != leaflet.model.source_language and language not in recorded:
                message = (
                    "there is no record of which version of the source this was translated from; if it matches the source, "
                    f"run: pdfkit translated {name} {language}"
                )
                yield SourceLocation(text.source.name, 1), message


RULE = Rule("translation-unrecorded", "A translation without a record of its source", Severity.WARNING, check)
