"""A translation whose blocks differ from its source: something was left out, added or moved."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content import translations
from pdfkit_cli.errors import Severity, SourceLocation


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield the first difference between each translation and its source."""
    for original, text in translations.source_translation_pairs(context.library):
        if found := translations.first_difference(text, original):
            line = (found.ours or text.segments[-1]).line
            yield SourceLocation(text.source.name, line), translations.describe_difference(found, original.source.name)


RULE = Rule("different-structure", "A translation whose blocks differ from its source", Severity.ERROR, check)
