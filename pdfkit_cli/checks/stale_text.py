"""Text whose source changed after it was translated."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.checks.safety_words import concerns_safety, safety_word_pattern
from pdfkit_cli.content import translations
from pdfkit_cli.content.library import LeafletEntry
from pdfkit_cli.content.translations import StaleSegment
from pdfkit_cli.errors import Severity, SourceLocation


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each outdated segment that does not concern patient safety."""
    yield from (problem for harmful, problem in stale_problems(context) if not harmful)


def stale_problems(context: CheckContext) -> Iterator[tuple[bool, Violation]]:
    """Yield each outdated segment, preceded by whether it concerns patient safety."""
    for leaflet in context.library.leaflets.values():
        if leaflet.model.in_use:
            for language in leaflet.translations:
                for segment in translations.stale_segments(leaflet, language):
                    yield _concerns_safety(context, leaflet, language, segment), _problem(leaflet, language, segment)


def _concerns_safety(context: CheckContext, leaflet: LeafletEntry, language: str, stale: StaleSegment) -> bool:
    """Return whether a segment concerns patient safety, in the source or in the translation.

    Words that were removed from the source may still be in the translation."""
    original, text = leaflet.original, leaflet.translations[language]
    words = safety_word_pattern(context.library.language(leaflet.model.source_language))
    if original and concerns_safety(original.segments, stale.index, words):
        return True
    ours = safety_word_pattern(text.rules)
    return stale.ours is not None and concerns_safety(text.segments, stale.index, ours)


def _problem(leaflet: LeafletEntry, language: str, stale: StaleSegment) -> Violation:
    name = leaflet.translations[language].source.name
    source = leaflet.original.source.name if leaflet.original else ""
    message = (
        f"the source changed after this {stale.theirs.kind} was translated (see {source}:{stale.theirs.line}); "
        f"translate it again, then run: pdfkit translated {leaflet.name} {language}"
    )
    return SourceLocation(name, stale.ours.line if stale.ours else 1), message


RULE = Rule("stale-text", "Text whose source changed after it was translated", Severity.WARNING, check)
