"""Numbers or clinic fields that differ between a translation and its source: a wrong dose can harm a patient."""

from collections import Counter
from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content import translations
from pdfkit_cli.content.languages import numbers
from pdfkit_cli.content.languages.numbers import NumberText
from pdfkit_cli.content.library import Translation
from pdfkit_cli.errors import Severity, SourceLocation


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each segment whose numbers or fields differ from the source.

    If the blocks of the two texts differ, the numbers, fields and call panels of the complete texts are compared."""
    for original, text in translations.source_translation_pairs(context.library):
        if translations.first_difference(text, original):
            yield from _text_problems(text, original)
        else:
            yield from _segment_problems(text, original)


def _segment_problems(text: Translation, original: Translation) -> Iterator[Violation]:
    for index, mine, wanted in translations.differing_numbers(text, original):
        if Counter(mine) != Counter(wanted):
            at = f"{original.source.name}:{original.segments[index].line}"
            yield (
                SourceLocation(text.source.name, text.segments[index].line),
                translations.describe_numbers(Counter(mine), Counter(wanted), at),
            )


def _text_problems(text: Translation, original: Translation) -> Iterator[Violation]:
    mine, wanted = map(Counter, numbers.compare_numbers(_all_numbers(text), _all_numbers(original)))
    mine["::: call"], wanted["::: call"] = _call_count(text), _call_count(original)
    if mine != wanted:
        yield SourceLocation(text.source.name, 1), translations.describe_numbers(mine, wanted, original.source.name)


def _all_numbers(text: Translation) -> NumberText:
    return NumberText(" ; ".join(text.written(segment).words for segment in text.segments), text.rules)


def _call_count(text: Translation) -> int:
    return sum(segment.kind == "call" for segment in text.segments)


RULE = Rule(
    "different-numbers",
    "A number that differs between a translation and its source",
    Severity.ERROR,
    check,
    safety=True,
)
