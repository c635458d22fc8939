"""A translation that has not been reviewed."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content.library import Translation
from pdfkit_cli.content.segments import key_line
from pdfkit_cli.errors import Severity, SourceLocation


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each translation in use that is not marked as reviewed."""
    for leaflet in context.library.leaflets.values():
        for language, text in leaflet.translations.items():
            if leaflet.model.in_use and leaflet.is_unreviewed(language):
                yield SourceLocation(text.source.name, key_line("translation", text.source)), _message(text)


def _message(text: Translation) -> str:
    if text.changed_since_review:
        return (
            "this translation changed since it was reviewed, so every page has a label; have it reviewed again at the "
            "desk, or remove “reviewed_text” if it was reviewed elsewhere"
        )
    return (
        "this translation has not been reviewed, so every page has a label; have it read by someone who "
        "knows both languages, then write “translation: reviewed”"
    )


RULE = Rule("translation-unreviewed", "A translation that has not been reviewed", Severity.WARNING, check)
