"""A passage whose source changed after it was translated."""

from collections.abc import Iterator

from pdfkit_cli import translations
from pdfkit_cli.catalogue import LeafletEntry
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.checks.safety_words import concerns_safety, pattern
from pdfkit_cli.errors import Place, Severity
from pdfkit_cli.translations import Stale


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each passage that is out of date and does not concern the safety of the patient."""
    yield from (problem for harmful, problem in problems(subject) if not harmful)


def problems(subject: Subject) -> Iterator[tuple[bool, Problem]]:
    """Yield each passage that is out of date, and whether it concerns the safety of the patient."""
    for leaflet in subject.catalogue.leaflets.values():
        if leaflet.model.in_use:
            for language in leaflet.translations:
                for passage in translations.stale(leaflet, language):
                    yield _harmful(subject, leaflet, language, passage), _problem(leaflet, language, passage)


def _harmful(subject: Subject, leaflet: LeafletEntry, language: str, stale: Stale) -> bool:
    """Look at the source and at the translation: what is gone from the source may still stand in the other."""
    original, text = leaflet.original, leaflet.translations[language]
    words = pattern(subject.limits, leaflet.model.source_language)
    if original and concerns_safety(original.passages, stale.index, words):
        return True
    ours = pattern(subject.limits, language)
    return stale.ours is not None and concerns_safety(text.passages, stale.index, ours)


def _problem(leaflet: LeafletEntry, language: str, stale: Stale) -> Problem:
    name = leaflet.translations[language].source.name
    source = leaflet.original.source.name if leaflet.original else ""
    message = (
        f"the source changed after this {stale.theirs.kind} was translated (see {source}:{stale.theirs.line}); "
        f"translate it again, then run: pdfkit translated {leaflet.name} {language}"
    )
    return Place(name, stale.ours.line if stale.ours else 1), message


RULE = Rule("stale-text", "A passage whose source changed after it was translated", Severity.WARNING, check)
