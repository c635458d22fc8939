"""Numbers that a translation has in another order: often grammar, sometimes two doses that were swapped."""

from collections import Counter
from collections.abc import Iterator

from pdfkit_cli import translations
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.errors import Place, Severity


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each passage that has the numbers of its source in another order."""
    for original, text in translations.pairs(subject.catalogue):
        if not translations.difference(text, original):
            for index, mine, wanted in translations.unlike_numbers(text, original):
                if Counter(mine) == Counter(wanted):
                    at = f"{original.source.name}:{original.passages[index].line}"
                    order = f"{', '.join(mine)} and not {', '.join(wanted)}"
                    message = f"the numbers stand in another order than at {at}: {order}; see whether each still counts the same thing"
                    yield Place(text.source.name, text.passages[index].line), message


RULE = Rule("swapped-numbers", "Numbers that a translation has in another order", Severity.WARNING, check)
