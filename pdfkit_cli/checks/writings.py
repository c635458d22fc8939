"""The texts of the library as rules read them: pieces of words, each with its place."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from pdfkit_cli.blocks import (
    TITLED,
    Directive,
    Fact,
    Field,
    Figure,
    Heading,
    Inlines,
    Link,
    Paragraph,
    Table,
    Text,
    walk,
)
from pdfkit_cli.catalogue import Translation
from pdfkit_cli.checks.rule import Subject
from pdfkit_cli.errors import Place
from pdfkit_cli.markdown import Body
from pdfkit_cli.models import Audience
from pdfkit_cli.source import Source

FIELD = "\N{OBJECT REPLACEMENT CHARACTER}"
"""What stands for a fact of the clinic in the words of a piece."""


class Kind(StrEnum):
    """What a piece is. A synonym is for searching, and is not read."""

    TITLE = "title"
    SUMMARY = "summary"
    SYNONYM = "synonym"
    HEADING = "heading"
    ARGUMENT = "argument"
    PARAGRAPH = "paragraph"
    CELL = "cell"
    ALTERNATIVE = "alternative"
    CAPTION = "caption"
    FOOTNOTE = "footnote"


class Piece(NamedTuple):
    """Words that stand together, with the line of the file that they begin on.

    `nodes` are what they are made of, where they can be marked up; `level` is that of a heading.
    """

    kind: Kind
    words: str
    line: int
    nodes: Inlines = ()
    level: int = 0


@dataclass(frozen=True, slots=True)
class Writing:
    """One text: a leaflet in one language, or a clinic's wording of a slot in it; `words` are those of all pieces, a line each."""

    source: Source
    language: str
    audience: Audience
    pieces: tuple[Piece, ...]
    words: str

    def place(self, words: str, line: int) -> Place:
        """Return where `words` stand, on this line or below; the line itself where they are broken by a mark."""
        for number, text in enumerate(self.source.text.split("\n")[line - 1 :], start=line):
            if (column := text.find(words)) >= 0:
                return Place(self.source.name, number, column + 1)
        return Place(self.source.name, line, 1)


@lru_cache(maxsize=1)
def writings(subject: Subject) -> tuple[Writing, ...]:
    """Return every text of the library, read once for all rules."""
    return tuple(_writings(subject))


def _writings(subject: Subject) -> Iterator[Writing]:
    leaflets = subject.catalogue.leaflets
    for leaflet in leaflets.values():
        for language, text in leaflet.translations.items():
            pieces = (*_matter(text), *_passages(text.body))
            yield _writing(text.source, language, leaflet.model.audience, pieces)
    for clinic in subject.catalogue.clinics.values():
        for (name, _, language), (body, source) in clinic.slots.items():
            audience = leaflets[name].model.audience if name in leaflets else Audience.PATIENT
            yield _writing(source, language, audience, tuple(_passages(body)))


def _writing(source: Source, language: str, audience: Audience, pieces: tuple[Piece, ...]) -> Writing:
    return Writing(source, language, audience, pieces, "\n".join([piece.words for piece in pieces]))


def _matter(text: Translation) -> Iterator[Piece]:
    matter = text.matter
    yield Piece(Kind.TITLE, matter.title, 2)
    if matter.short_title:
        yield Piece(Kind.TITLE, matter.short_title, 2)
    yield Piece(Kind.SUMMARY, matter.summary, 2)
    for synonym in matter.synonyms:
        yield Piece(Kind.SYNONYM, synonym, 2)


def _words(nodes: Inlines) -> str:
    if len(nodes) == 1 and isinstance(nodes[0], Text):
        return nodes[0].text
    words = []
    for node in walk(nodes):
        if isinstance(node, Text | Fact | Link):
            words.append(node.text)
        elif isinstance(node, Field):
            words.append(FIELD)
    return "".join(words)


def _passages(body: Body) -> Iterator[Piece]:
    for node in body.nodes:
        match node:
            case Heading(level, children, line):
                yield Piece(Kind.HEADING, _words(children), line, children, level)
            case Paragraph(children, line):
                yield Piece(Kind.PARAGRAPH, _words(children), line, children)
            case Table(head, rows, line):
                for cell in (cell for row in (head, *rows) for cell in row):
                    yield Piece(Kind.CELL, _words(cell), line, cell)
            case Figure(_, alt, caption, line):
                yield Piece(Kind.ALTERNATIVE, alt, line)
                if caption:
                    yield Piece(Kind.CAPTION, caption, line)
            case Directive(name, argument, _, line, level) if argument:
                kind = Kind.HEADING if name in TITLED else Kind.ARGUMENT
                yield Piece(kind, argument, line, level=level)
            case _:
                pass
    for _, nodes in body.footnotes:
        yield Piece(Kind.FOOTNOTE, _words(nodes), 1, nodes)
