"""A sentence so long that readers forget how it began."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.checks.texts import SpanKind, checked_texts
from pdfkit_cli.content.languages import readability
from pdfkit_cli.errors import Severity


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each sentence with more words than library.yaml allows."""
    limit = context.limits.sentence_words
    for text in checked_texts(context):
        for span in text.spans:
            if span.kind is SpanKind.SYNONYM or span.words.count(" ") < limit:
                continue
            for sentence in readability.split_sentences(span.words, text.rules):
                if (count := len(readability.split_words(sentence))) > limit:
                    start = " ".join(sentence.split()[:4])
                    message = (
                        f"this sentence has {count} words, but the limit is {limit}; divide it in two: “{sentence}”"
                    )
                    yield text.place(start, span.line), message


RULE = Rule("long-sentence", "A sentence that is too long", Severity.WARNING, check)
