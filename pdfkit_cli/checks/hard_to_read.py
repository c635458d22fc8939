"""A text, or a section of it, that is harder to read than its readers should be asked to."""

from collections.abc import Iterator
from itertools import chain

from pdfkit_cli import readability
from pdfkit_cli.checks.passages import Kind, Passage, Writing, writings
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.errors import Severity

FEWEST = 40
"""So many words must a section have: in fewer, a few long ones say nothing."""

_READ = frozenset(Kind) - {Kind.SYNONYM, Kind.ALTERNATIVE}
_SECTION = 2
"""The level of heading that begins a section."""


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each section over the limit of its audience, or the text where only the whole of it is."""
    for writing in writings(subject):
        if writing.language in readability.LANGUAGES:
            limit = subject.limits.lix[writing.audience]
            sections = _sections(writing)
            hard = [problem for section in sections for problem in _over("this section", section, writing, limit)]
            yield from hard or _over("the text", [*chain.from_iterable(sections)], writing, limit)


def _over(what: str, passages: list[Passage], writing: Writing, limit: int) -> Iterator[Problem]:
    texts = [passage.words for passage in passages]
    value = readability.lix(texts)
    if round(value) > limit and sum(len(readability.words(text)) for text in texts) >= FEWEST:
        longest = max(chain.from_iterable(map(readability.sentences, texts)), key=lambda text: len(text.split()))
        name = readability.band(value, writing.language)
        message = (
            f"{what} has a LIX of {value:.0f} ({name}); for a {writing.audience} it should be {limit} or less: write "
            f"shorter sentences and words. The longest sentence: “{longest}”"
        )
        yield writing.place(passages[0].words, passages[0].line), message


def _sections(writing: Writing) -> list[list[Passage]]:
    """Cut a text before each heading of a section; title and summary are one of their own."""
    sections: list[list[Passage]] = [[]]
    for passage in writing.passages:
        if passage.kind in _READ:
            if passage.level == _SECTION or (passage.kind is Kind.FOOTNOTE) != _ends_with_footnote(sections[-1]):
                sections.append([])
            sections[-1].append(passage)
    return [section for section in sections if section]


def _ends_with_footnote(section: list[Passage]) -> bool:
    return bool(section) and section[-1].kind is Kind.FOOTNOTE


RULE = Rule("hard-to-read", "A text that is hard to read", Severity.WARNING, check)
