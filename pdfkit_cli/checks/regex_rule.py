"""The search for a pattern in the words of every span, which several rules share."""

import re
from collections.abc import Callable, Iterator

from pdfkit_cli.checks.rule import CheckContext, Violation
from pdfkit_cli.checks.texts import CheckedText, checked_texts
from pdfkit_cli.content.languages.language import Language

MessageFor = Callable[[re.Match[str], CheckedText], str]
"""Returns the message for a match, or an empty string if the match is not a problem."""


PatternFor = Callable[[Language], re.Pattern[str]]
"""Returns the pattern for texts in a language."""


def search_pattern(
    context: CheckContext,
    pattern: re.Pattern[str] | PatternFor,
    message_for: MessageFor,
    hint: re.Pattern[str] | None = None,
) -> Iterator[Violation]:
    """Yield a violation for each match for which `message_for` returns a message.

    `hint` is a simpler pattern, which is much faster; only texts that it matches are searched.
    """
    for text in checked_texts(context):
        wanted = pattern if isinstance(pattern, re.Pattern) else pattern(text.rules)
        if not (hint or wanted).search(text.words):
            continue
        for span in text.spans:
            for match in wanted.finditer(span.words):
                if message := message_for(match, text):
                    yield text.place(match[0], span.line), message
