"""A sentence so long that its beginning is forgotten at its end."""

from collections.abc import Iterator

from pdfkit_cli import readability
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.checks.writings import Kind, writings
from pdfkit_cli.errors import Severity


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each sentence with more words than library.yaml allows."""
    limit = subject.limits.sentence_words
    for writing in writings(subject):
        for piece in writing.pieces:
            if piece.kind is Kind.SYNONYM or piece.words.count(" ") < limit:
                continue
            for sentence in readability.sentences(piece.words):
                if (count := len(readability.words(sentence))) > limit:
                    start = " ".join(sentence.split()[:4])
                    message = f"this sentence has {count} words, and {limit} are enough; make two of it: “{sentence}”"
                    yield writing.place(start, piece.line), message


RULE = Rule("long-sentence", "A sentence that is too long", Severity.WARNING, check)
