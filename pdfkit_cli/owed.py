"""What an edition owes the page: every word and picture of it, each with its place in the source.

Made from the edition, not from its HTML, so that a layout that drops a block is found out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from pdfkit_cli.blocks import (
    TITLED,
    Blank,
    Block,
    Blocks,
    Break,
    Directive,
    DirectiveName,
    Emphasis,
    Fact,
    Figure,
    Footnote,
    Heading,
    Inlines,
    Link,
    List,
    ListItem,
    Paragraph,
    Row,
    Span,
    Strong,
    Table,
    Text,
    walk,
)
from pdfkit_cli.editions import Edition
from pdfkit_cli.errors import Place
from pdfkit_cli.last import Last
from pdfkit_cli.models import Variant
from pdfkit_cli.typography import own_name


class Kind(StrEnum):
    """How something must be found.

    Texts and headings in their order, footnotes and facts anywhere, pictures and codes to scan by their words, furniture in the margins of every page
    (with `{page}` and `{pages}` in it for the numbers).
    """

    TEXT = "text"
    HEADING = "heading"
    FOOTNOTE = "footnote"
    FACT = "fact"
    PICTURE = "picture"
    CODE = "code"
    FURNITURE = "furniture"


@dataclass(frozen=True, slots=True)
class Owed:
    """Words that must be read on the page, or the alternative text of a picture that must be seen on it."""

    file: str
    line: int
    kind: Kind
    text: str
    table: int = 0
    """The line of the table that it stands in."""

    @property
    def place(self) -> Place:
        """Where it stands in the library."""
        return Place(self.file, self.line)


_Item: TypeAlias = Owed | DirectiveName
"""What is owed, or the block whose clinic's facts are owed in its place."""

_of_blocks: Last[tuple[_Item, ...]] = Last()


def owed(edition: Edition) -> tuple[Owed, ...]:
    """Return everything that an edition owes its page, in the order of the text."""
    return tuple(item for item in _Account(edition).everything() if item.text.strip())


class _Account:
    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._text = edition.leaflet.translations[edition.key.language].source
        self._file = self._text.name

    def everything(self) -> Iterator[Owed]:
        edition = self._edition
        model, phrases = edition.leaflet.model, edition.phrases
        yield Owed(edition.brand.source.name, 0, Kind.PICTURE, edition.brand.model.name)
        yield self._fact("name", edition.contact.name)
        yield self._fact("unit", edition.contact.unit)
        yield Owed(self._file, self._line_of("title"), Kind.HEADING, edition.title)
        yield Owed(self._file, self._line_of("summary"), Kind.TEXT, edition.summary)
        alone = edition.elsewhere or edition.personal  # what is filled in for a patient is not kept
        items = self._made() if alone else _of_blocks(edition.blocks, self._made)
        for item in items:
            match item:
                case Owed():
                    yield item
                case DirectiveName.CALL:
                    yield from self._call()
                case _:
                    yield from self._contact()
        for link in edition.links:
            yield Owed(self._file, link.line, Kind.FACT, f"{link.note} {link.text}")
            yield Owed(self._file, link.line, Kind.CODE, f"{phrases.scan}: {link.text}")
        if not any(item is DirectiveName.CONTACT for item in items):
            yield from self._contact()
        source = edition.leaflet.source.name
        for words in (*edition.notices, model.id, model.version):
            yield Owed(source, 0, Kind.FACT, words)
        for words in (
            model.id,
            f"{phrases.version} {model.version}",
            edition.digest[:8],
            own_name(edition.key.language),
            phrases.page,
            *edition.labels,
            phrases.short_edition if edition.key.variant is Variant.SHORT else "",
        ):
            yield Owed(source, 0, Kind.FURNITURE, words)

    def _made(self) -> tuple[_Item, ...]:
        return tuple(self._blocks(self._edition.blocks, self._file))

    def _line_of(self, key: str) -> int:
        """Return the line of the front matter on which a key stands."""
        found = re.search(rf"^{key}:", self._text.text, re.M)
        return self._text.text.count("\n", 0, found.start()) + 1 if found else 0

    def _fact(self, key: str, words: str) -> Owed:
        clinic = self._edition.clinic
        line, _ = clinic.positions.get((key,), (0, 0))
        return Owed(clinic.source.name, line, Kind.FACT, words)

    def _blocks(self, blocks: Blocks, file: str) -> Iterator[_Item]:
        for block in blocks:
            yield from self._block(block, self._edition.elsewhere.get(block, file) if self._edition.elsewhere else file)

    def _block(self, block: Block, file: str) -> Iterator[_Item]:
        match block:
            case Heading():
                yield from _words(block.children, file, block.line, Kind.HEADING)
            case Paragraph():
                yield from _words(block.children, file, block.line)
            case Row((blank,), line):
                yield Owed(file, line, Kind.TEXT, f"{blank.label}: {blank.text}")
                yield from _to_fill(block.children, file, line)
            case List():
                for marker, item in zip(block.markers, block.items, strict=True):
                    yield from self._item(marker, item, file)
            case Table():
                for number, row in enumerate((block.head, *block.rows)):
                    # Behind the heading stands the line of dashes; each row has one line.
                    line = block.line + number + (number > 0)
                    for cell in row:
                        yield from (replace(item, table=block.line) for item in _words(cell, file, line))
            case Figure():
                yield Owed(file, block.line, Kind.PICTURE, block.alt)
                yield Owed(file, block.line, Kind.TEXT, block.caption)
            case Directive():
                yield from self._directive(block, file)

    def _item(self, marker: str, item: ListItem, file: str) -> Iterator[_Item]:
        first, rest = item.blocks[:1], item.blocks[1:]
        if not marker:
            yield from self._blocks(item.blocks, file)
        elif first and isinstance(first[0], Paragraph):
            yield from _words((Text(f"{marker} "), *first[0].children), file, first[0].line)
            yield from self._blocks(rest, file)
        else:
            yield Owed(file, item.line, Kind.TEXT, marker)
            yield from self._blocks(item.blocks, file)

    def _directive(self, block: Directive, file: str) -> Iterator[_Item]:
        phrases = self._edition.phrases
        usual = {
            DirectiveName.APPOINTMENT: phrases.appointment,
            DirectiveName.CALL: phrases.call,
            DirectiveName.DO: phrases.do,
            DirectiveName.DONT: phrases.dont,
            DirectiveName.CONTACT: phrases.contact,
            DirectiveName.BRIEF: phrases.brief,
        }
        match block.name:
            case DirectiveName.EXERCISE if block.argument:
                rounds, _, repetitions = block.argument.partition("×")
                dose = phrases.dose.format(rounds=rounds.strip(), repetitions=repetitions.strip())
                yield Owed(file, block.line, Kind.FACT, dose)
            case DirectiveName.STEP:
                yield Owed(file, block.line, Kind.FACT, getattr(phrases, block.argument))
            case _ if block.name in TITLED or block.name in usual:
                title = block.argument if block.name in TITLED else ""
                yield Owed(file, block.line, Kind.HEADING, title or usual[block.name])
            case _:
                pass
        yield from self._blocks(block.blocks, file)
        if block.name in (DirectiveName.CALL, DirectiveName.CONTACT):
            yield block.name

    def _call(self) -> Iterator[Owed]:
        contact = self._edition.contact
        if contact.phone:
            yield self._fact("phone", contact.phone.text)
            yield self._fact("phone_note", contact.phone_note)
        for line in contact.hours:
            yield self._fact("hours", line)

    def _contact(self) -> Iterator[Owed]:
        contact = self._edition.contact
        if not contact.reachable:
            return
        yield self._fact("name", contact.name)
        yield self._fact("unit", contact.unit)
        yield self._fact("address", ", ".join(contact.address))
        yield from self._call()
        yield self._fact("email", contact.email.text if contact.email else "")
        if contact.web:
            yield self._fact("web", contact.web.text)
            alt = f"{self._edition.phrases.scan}: {contact.web.text}"
            yield Owed(self._edition.clinic.source.name, self._fact("web", "").line, Kind.CODE, alt)


def _words(nodes: Inlines, file: str, line: int, kind: Kind = Kind.TEXT) -> Iterator[Owed]:
    """Yield the words of a block, with the numbers that call its footnotes, then the footnotes, and the room to write in."""
    yield Owed(file, line, kind, _line(nodes))
    for node in walk(nodes):
        if isinstance(node, Footnote):
            yield Owed(file, line, Kind.FOOTNOTE, _line(node.children))
    yield from _to_fill(nodes, file, line)


def _to_fill(nodes: object, file: str, line: int) -> Iterator[Owed]:
    """Yield the lines to write on and the boxes to tick."""
    for node in walk(nodes):
        if isinstance(node, Blank) and not node.filled:
            yield from (Owed(file, line, Kind.PICTURE, node.aloud) for _ in node.choices or (node.name,))


def _line(nodes: Inlines) -> str:
    words = []
    for node in nodes:
        match node:
            case Text(text) | Fact(_, text):
                words.append(text)
            case Blank():
                words.append(node.text)
            case Emphasis(children) | Strong(children) | Span(children):
                words.append(_line(children))
            case Link(text, _, _, note):
                words.append(f"{text} {note}" if note else text)
            case Footnote(number):
                words.append(str(number))
            case Break():
                words.append(" ")
            case _:
                pass
    return "".join(words)
