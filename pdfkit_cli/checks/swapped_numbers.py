"""Numbers in another order than in the source: often this is grammar, sometimes two doses were swapped."""

from collections import Counter
from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content import translations
from pdfkit_cli.errors import Severity, SourceLocation


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each segment that has the numbers of its source in another order."""
    for original, text in translations.source_translation_pairs(context.library):
        if not translations.first_difference(text, original):
            for index, mine, wanted in translations.differing_numbers(text, original):
                if Counter(mine) == Counter(wanted):
                    at = f"{original.source.name}:{original.segments[index].line}"
                    order = f"{', '.join(mine)} and not {', '.join(wanted)}"
                    message = f"the numbers are in another order than at {at}: {order}; check that each number still refers to the same thing"
                    yield SourceLocation(text.source.name, text.segments[index].line), message


RULE = Rule("swapped-numbers", "Numbers in another order than in the source", Severity.WARNING, check)
