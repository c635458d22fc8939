"""A translation that has other blocks than its source: something was left out, added or moved."""

from collections.abc import Iterator

from pdfkit_cli import translations
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.errors import Place, Severity


def check(subject: Subject) -> Iterator[Problem]:
    """Yield the first difference between each translation and its source."""
    for original, text in translations.pairs(subject.catalogue):
        if found := translations.difference(text, original):
            line = (found.ours or text.passages[-1]).line
            yield Place(text.source.name, line), translations.tell(found, original.source.name)


RULE = Rule("different-structure", "A translation that has other blocks than its source", Severity.ERROR, check)
