"""A number or a fact of the clinic that a translation has not, or has otherwise: a wrong dose harms."""

from collections import Counter
from collections.abc import Iterator

from pdfkit_cli import numbers, translations
from pdfkit_cli.catalogue import Translation
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.errors import Place, Severity
from pdfkit_cli.numbers import Written


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each passage whose numbers, fields or call panels are not those of the source, or a text's where the blocks differ."""
    for original, text in translations.pairs(subject.catalogue):
        if translations.difference(text, original):
            yield from _whole(text, original)
        else:
            yield from _passages(text, original)


def _passages(text: Translation, original: Translation) -> Iterator[Problem]:
    for index, mine, wanted in translations.unlike_numbers(text, original):
        if Counter(mine) != Counter(wanted):
            at = f"{original.source.name}:{original.passages[index].line}"
            yield Place(text.source.name, text.passages[index].line), _message(Counter(mine), Counter(wanted), at)


def _whole(text: Translation, original: Translation) -> Iterator[Problem]:
    mine, wanted = map(Counter, numbers.compared(_all(text), _all(original)))
    mine["::: call"], wanted["::: call"] = _calls(text), _calls(original)
    if mine != wanted:
        yield Place(text.source.name, 1), _message(mine, wanted, original.source.name)


def _all(text: Translation) -> Written:
    return Written(" ; ".join(text.written(passage).words for passage in text.passages), text.language)


def _calls(text: Translation) -> int:
    return sum(passage.kind == "call" for passage in text.passages)


def _message(mine: Counter[str], wanted: Counter[str], at: str) -> str:
    missing, extra = _listed(wanted - mine), _listed(mine - wanted)
    differ = [f"{missing} of the source is not here"] if missing else []
    differ += [f"{extra} is not in the source"] if extra else []
    return f"the numbers differ from {at}: {', and '.join(differ)}; write the same in digits, in brackets where a word says it better"


def _listed(some: Counter[str]) -> str:
    return ", ".join(f"“{number}”" for number in some)


RULE = Rule(
    "different-numbers", "A number that a translation has not as its source", Severity.ERROR, check, safety=True
)
