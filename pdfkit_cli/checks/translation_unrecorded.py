"""A translation of which nobody wrote down what it was made from: whether it is out of date cannot be told."""

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
                    "nothing says which version of the source this was made from; when it says what the source "
                    f"says, run: pdfkit translated {name} {language}"
                )
                yield SourceLocation(text.source.name, 1), message


RULE = Rule("translation-unrecorded", "A translation without a record of its source", Severity.WARNING, check)
