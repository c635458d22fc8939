"""The texts of the library, divided into spans of words with their places, for the rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from pdfkit_cli.checks.rule import CheckContext
from pdfkit_cli.content.block_specs import Argument
from pdfkit_cli.content.blocks import (
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
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.content.library import Translation
from pdfkit_cli.content.markdown import MarkdownBody
from pdfkit_cli.content.models import Audience
from pdfkit_cli.content.yaml_source import SourceFile
from pdfkit_cli.errors import SourceLocation

FIELD_PLACEHOLDER = "\N{OBJECT REPLACEMENT CHARACTER}"
"""The placeholder for a fact of the clinic in the words of a span."""


class SpanKind(StrEnum):
    """The kind of a span. Synonyms are only searched, not printed."""

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


class TextSpan(NamedTuple):
    """Consecutive words, with the line of the file that they begin on.

    `nodes` are the inline nodes, if the text can have markup; `level` is the level of a heading.
    """

    kind: SpanKind
    words: str
    line: int
    nodes: Inlines = ()
    level: int = 0


@dataclass(frozen=True, slots=True)
class CheckedText:
    """One text: a leaflet in one language, or a clinic's wording of a slot in it. `words` joins the words of all spans by line feeds."""

    source: SourceFile
    language: str
    rules: Language
    audience: Audience
    spans: tuple[TextSpan, ...]
    words: str

    def place(self, words: str, line: int) -> SourceLocation:
        """Return the place of `words`, on this line or below; the line itself if the words are not found as such."""
        for number, text in enumerate(self.source.text.split("\n")[line - 1 :], start=line):
            if (column := text.find(words)) >= 0:
                return SourceLocation(self.source.name, number, column + 1)
        return SourceLocation(self.source.name, line, 1)


@lru_cache(maxsize=1)
def checked_texts(context: CheckContext) -> tuple[CheckedText, ...]:
    """Return every text of the library, read once for all rules."""
    return tuple(_read_texts(context))


def _read_texts(context: CheckContext) -> Iterator[CheckedText]:
    leaflets = context.library.leaflets
    for leaflet in leaflets.values():
        for text in leaflet.translations.values():
            spans = (*_front_matter_spans(text), *_body_spans(text.body))
            yield _checked_text(text.source, text.rules, leaflet.model.audience, spans)
    for clinic in context.library.clinics.values():
        for (name, _, language), (body, source) in clinic.slots.items():
            audience = leaflets[name].model.audience if name in leaflets else Audience.PATIENT
            yield _checked_text(source, context.library.language(language), audience, tuple(_body_spans(body)))


def _checked_text(source: SourceFile, rules: Language, audience: Audience, spans: tuple[TextSpan, ...]) -> CheckedText:
    return CheckedText(source, rules.code, rules, audience, spans, "\n".join([span.words for span in spans]))


def _front_matter_spans(text: Translation) -> Iterator[TextSpan]:
    front_matter = text.front_matter
    yield TextSpan(SpanKind.TITLE, front_matter.title, 2)
    if front_matter.short_title:
        yield TextSpan(SpanKind.TITLE, front_matter.short_title, 2)
    yield TextSpan(SpanKind.SUMMARY, front_matter.summary, 2)
    for synonym in front_matter.synonyms:
        yield TextSpan(SpanKind.SYNONYM, synonym, 2)


def _span_words(nodes: Inlines) -> str:
    if len(nodes) == 1 and isinstance(nodes[0], Text):
        return nodes[0].text
    words = []
    for node in walk(nodes):
        if isinstance(node, Text | Fact | Link):
            words.append(node.text)
        elif isinstance(node, Field):
            words.append(FIELD_PLACEHOLDER)
    return "".join(words)


def _body_spans(body: MarkdownBody) -> Iterator[TextSpan]:
    for node in body.nodes:
        match node:
            case Heading(level, children, line):
                yield TextSpan(SpanKind.HEADING, _span_words(children), line, children, level)
            case Paragraph(children, line):
                yield TextSpan(SpanKind.PARAGRAPH, _span_words(children), line, children)
            case Table(head, rows, line):
                for cell in (cell for row in (head, *rows) for cell in row):
                    yield TextSpan(SpanKind.CELL, _span_words(cell), line, cell)
            case Figure(_, alt, caption, line):
                yield TextSpan(SpanKind.ALTERNATIVE, alt, line)
                if caption:
                    yield TextSpan(SpanKind.CAPTION, caption, line)
            case Directive(_, argument, _, line, level) if argument and node.spec.argument is not Argument.NAME:
                kind = SpanKind.HEADING if node.spec.argument is Argument.TITLE else SpanKind.ARGUMENT
                yield TextSpan(kind, argument, line, level=level)
            case _:
                pass
    for _, nodes in body.footnotes:
        yield TextSpan(SpanKind.FOOTNOTE, _span_words(nodes), 1, nodes)
