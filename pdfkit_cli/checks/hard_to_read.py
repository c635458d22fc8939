"""A text, or a section of it, that is harder to read than its readers should be asked to."""

from collections.abc import Iterator
from itertools import chain

from pdfkit_cli import readability
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.checks.writings import Kind, Piece, Writing, writings
from pdfkit_cli.errors import Severity
from pdfkit_cli.readability import Count, count, lix, total

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
            counts = [total(count(piece.words) for piece in section) for section in sections]
            if hard := [section for section, counted in zip(sections, counts, strict=True) if _over(counted, limit)]:
                yield from (_problem("this section", section, writing, limit) for section in hard)
            elif _over(total(counts), limit):
                yield _problem("the text", [*chain.from_iterable(sections)], writing, limit)


def _over(counted: Count, limit: int) -> bool:
    return counted.words >= FEWEST and round(lix(counted)) > limit


def _problem(what: str, pieces: list[Piece], writing: Writing, limit: int) -> Problem:
    value = lix(total(count(piece.words) for piece in pieces))
    every = chain.from_iterable(readability.sentences(piece.words) for piece in pieces)
    longest = max(every, key=lambda sentence: len(sentence.split()))
    message = (
        f"{what} has a LIX of {value:.0f} ({readability.band(value, writing.language)}); for a {writing.audience} it should "
        f"be {limit} or less: write shorter sentences and words. The longest sentence: “{longest}”"
    )
    return writing.place(pieces[0].words, pieces[0].line), message


def _sections(writing: Writing) -> list[list[Piece]]:
    """Cut a text before each heading of a section; title and summary are one of their own."""
    sections: list[list[Piece]] = [[]]
    for piece in writing.pieces:
        if piece.kind in _READ:
            if piece.level == _SECTION or (piece.kind is Kind.FOOTNOTE) != _ends_with_footnote(sections[-1]):
                sections.append([])
            sections[-1].append(piece)
    return [section for section in sections if section]


def _ends_with_footnote(section: list[Piece]) -> bool:
    return bool(section) and section[-1].kind is Kind.FOOTNOTE


RULE = Rule("hard-to-read", "A text that is hard to read", Severity.WARNING, check)
