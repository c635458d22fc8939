"""A translation that nobody has reviewed."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.errors import Place, Severity
from pdfkit_cli.passages import line_of


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each translation in use that is not marked as reviewed."""
    for leaflet in subject.catalogue.leaflets.values():
        for language, text in leaflet.translations.items():
            mine = language == leaflet.model.source_language
            if leaflet.model.in_use and not mine and text.matter.translation != "reviewed":
                yield (
                    Place(text.source.name, line_of("translation", text.source)),
                    "nobody has reviewed this translation, and every page says so; have it read by somebody who "
                    "knows both languages, then write “translation: reviewed”",
                )


RULE = Rule("translation-unreviewed", "A translation that nobody has reviewed", Severity.WARNING, check)
