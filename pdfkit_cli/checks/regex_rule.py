"""Rules that look for a pattern in the words of every span."""

import re
from collections.abc import Callable, Iterator

from pdfkit_cli.checks.rule import CheckContext, Violation
from pdfkit_cli.checks.texts import CheckedText, checked_texts

MessageFor = Callable[[re.Match[str], CheckedText], str]
"""Returns the message for a match; empty where it is none after all."""


def search_pattern(
    context: CheckContext, pattern: re.Pattern[str], say: MessageFor, hint: re.Pattern[str] | None = None
) -> Iterator[Violation]:
    """Yield each match of the pattern that has a message.

    Only texts that `hint` matches are looked into: a simpler pattern, which finds nothing much faster.
    """
    for text in checked_texts(context):
        if not (hint or pattern).search(text.words):
            continue
        for span in text.spans:
            for match in pattern.finditer(span.words):
                if message := say(match, text):
                    yield text.place(match[0], span.line), message
