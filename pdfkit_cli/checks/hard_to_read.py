"""A text, or a section of one, that is too hard for its readers."""

from collections.abc import Iterator
from itertools import chain

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.checks.texts import CheckedText, SpanKind, TextSpan, checked_texts
from pdfkit_cli.content.languages import readability
from pdfkit_cli.content.languages.readability import WordCount, count_words, lix_score, total_count
from pdfkit_cli.errors import Severity

MIN_WORDS = 40
"""Shorter sections are not measured, because a few long words would decide the result."""

_RUNNING_TEXT_KINDS = frozenset(SpanKind) - {SpanKind.SYNONYM, SpanKind.ALTERNATIVE}
_SECTION = 2
"""The level of heading that begins a section."""


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each section whose LIX exceeds the audience's limit; if none does, the text if its LIX does."""
    for text in checked_texts(context):
        if text.rules.file.lix:
            limit = context.limits.lix[text.audience]
            sections = _sections(text)
            counts = [total_count(count_words(span.words, text.rules) for span in section) for section in sections]
            if hard := [
                section for section, counted in zip(sections, counts, strict=True) if _exceeds_limit(counted, limit)
            ]:
                yield from (_problem("this section", section, text, limit) for section in hard)
            elif _exceeds_limit(total_count(counts), limit):
                yield _problem("the text", [*chain.from_iterable(sections)], text, limit)


def _exceeds_limit(counted: WordCount, limit: int) -> bool:
    return counted.words >= MIN_WORDS and round(lix_score(counted)) > limit


def _problem(what: str, spans: list[TextSpan], text: CheckedText, limit: int) -> Violation:
    value = lix_score(total_count(count_words(span.words, text.rules) for span in spans))
    every = chain.from_iterable(readability.split_sentences(span.words, text.rules) for span in spans)
    longest = max(every, key=lambda sentence: len(sentence.split()))
    message = (
        f"{what} has a LIX of {value:.0f} ({readability.lix_band(value, text.rules.file.lix or ())}); for a {text.audience} it should "
        f"be {limit} or less: write shorter sentences and words. The longest sentence: “{longest}”"
    )
    return text.place(spans[0].words, spans[0].line), message


def _sections(text: CheckedText) -> list[list[TextSpan]]:
    """Divide a text into sections, each beginning with its heading; title and summary are a section of their own."""
    sections: list[list[TextSpan]] = [[]]
    for span in text.spans:
        if span.kind in _RUNNING_TEXT_KINDS:
            if span.level == _SECTION or (span.kind is SpanKind.FOOTNOTE) != _ends_with_footnote(sections[-1]):
                sections.append([])
            sections[-1].append(span)
    return [section for section in sections if section]


def _ends_with_footnote(section: list[TextSpan]) -> bool:
    return bool(section) and section[-1].kind is SpanKind.FOOTNOTE


RULE = Rule("hard-to-read", "A text that is hard to read", Severity.WARNING, check)
