"""Rules that look for a pattern in the words of every piece."""

import re
from collections.abc import Callable, Iterator

from pdfkit_cli.checks.rule import Problem, Subject
from pdfkit_cli.checks.writings import Writing, writings

Said = Callable[[re.Match[str], Writing], str]
"""What to say of a match; nothing where it is none after all."""


def search(
    subject: Subject, pattern: re.Pattern[str], say: Said, hint: re.Pattern[str] | None = None
) -> Iterator[Problem]:
    """Yield each match of the pattern of which there is something to say.

    Only texts that `hint` matches are looked into: a simpler pattern, which finds nothing much faster.
    """
    for writing in writings(subject):
        if not (hint or pattern).search(writing.words):
            continue
        for piece in writing.pieces:
            for match in pattern.finditer(piece.words):
                if message := say(match, writing):
                    yield writing.place(match[0], piece.line), message
