"""A translation, or the phrases of a language, that nobody has reviewed."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content.library import Library, Translation
from pdfkit_cli.content.segments import key_line
from pdfkit_cli.errors import Severity, SourceLocation


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each translation in use that is not marked as reviewed, and each language whose phrases are not."""
    for leaflet in context.library.leaflets.values():
        for language, text in leaflet.translations.items():
            if leaflet.model.in_use and leaflet.is_unreviewed(language):
                yield SourceLocation(text.source.name, key_line("translation", text.source)), _message(text)
    for code in sorted(_printed_languages(context.library)):
        entry = context.library.languages.get(code)
        if entry and not entry.language.file.reviewed:
            yield (
                entry.place("reviewed"),
                f"no one who reads “{code}” has reviewed the phrases in it, so every page has a label; have them read, "
                "then write “reviewed: true” in this file",
            )


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


def _printed_languages(library: Library) -> set[str]:
    return {
        language for leaflet in library.leaflets.values() if leaflet.model.in_use for language in leaflet.translations
    }


RULE = Rule("translation-unreviewed", "A translation that has not been reviewed", Severity.WARNING, check)
