"""The content that the page of an edition must contain: every word and picture, each with its place in the source.

It is derived from the edition, not from its HTML, so that a layout that drops a block is detected.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import TypeAlias

from pdfkit_cli.content import bilingual
from pdfkit_cli.content.bilingual import Kind, Pairs
from pdfkit_cli.content.block_specs import Argument, Panel
from pdfkit_cli.content.blocks import (
    Blank,
    Block,
    Blocks,
    Break,
    Directive,
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
from pdfkit_cli.content.editions import Edition
from pdfkit_cli.content.models import Extract, Variant
from pdfkit_cli.rendering.verification.expected_item import ContentKind, ExpectedItem
from pdfkit_cli.system.caching import LastValueCache

_Item: TypeAlias = ExpectedItem | Panel
"""Content that must be on the page, or a panel of the clinic's facts that must be there instead."""

_block_cache: LastValueCache[tuple[_Item, ...]] = LastValueCache()


def expected_content(edition: Edition) -> tuple[ExpectedItem, ...]:
    """Return everything that must be on the page of an edition, in the order of the text."""
    return tuple(item for item in _ExpectedContentBuilder(edition).everything() if item.text.strip())


class _ExpectedContentBuilder:
    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._text = edition.leaflet.translations[edition.key.language].source
        self._file = self._text.name

    def everything(self) -> Iterator[ExpectedItem]:
        edition = self._edition
        model, phrases = edition.leaflet.model, edition.phrases
        yield ExpectedItem(edition.brand.source.name, 0, ContentKind.PICTURE, edition.brand.model.name)
        yield self._fact("name", edition.contact.name)
        yield self._fact("unit", edition.contact.unit)
        beside = _ExpectedContentBuilder(edition.beside) if edition.beside else None
        for builder in filter(None, (self, beside)):
            yield builder._title()
        for builder in filter(None, (self, beside)):
            yield builder._summary()
        # Values filled in for a patient are not cached; an extract is short, and would displace its leaflet.
        alone = edition.text.elsewhere or edition.personal or edition.whole
        items = self._made() if alone else _block_cache(edition.text, self._made)
        if beside:
            items = tuple(self._beside_source(bilingual.pairs(edition), beside))
        for item in items:
            yield from self._with_facts(item)
        for builder in filter(None, (self, beside)):
            yield from builder._links()
        if edition.extract:
            yield from self._beside_extract(edition.extract, items)
        elif not any(item is Panel.CONTACT for item in items):
            yield from self._contact()
        for key, role in edition.credits.items():
            words = f"{getattr(phrases, key)}: {role}"
            yield ExpectedItem(self._file, self._line_of(key), ContentKind.FACT, words)
        source = edition.leaflet.source.name
        for words in (*edition.notices, model.id, model.version):
            yield ExpectedItem(source, 0, ContentKind.FACT, words)
        for words in (
            model.id,
            f"{phrases.version} {model.version}",
            edition.digest[:8],
            edition.language.own_name,
            phrases.page,
            *edition.labels,
            phrases.short_edition if edition.key.variant is Variant.SHORT else "",
        ):
            yield ExpectedItem(source, 0, ContentKind.FURNITURE, words)

    def _title(self) -> ExpectedItem:
        return ExpectedItem(self._file, self._line_of("title"), ContentKind.HEADING, self._edition.title)

    def _summary(self) -> ExpectedItem:
        return ExpectedItem(self._file, self._line_of("summary"), ContentKind.TEXT, self._edition.summary)

    def _links(self) -> Iterator[ExpectedItem]:
        for link in self._edition.links:
            yield ExpectedItem(self._file, link.line, ContentKind.FACT, f"{link.note} {link.text}")
            yield ExpectedItem(self._file, link.line, ContentKind.CODE, f"{self._edition.phrases.scan}: {link.text}")

    def _with_facts(self, item: _Item) -> Iterator[ExpectedItem]:
        match item:
            case ExpectedItem():
                yield item
            case Panel.NUMBER:
                yield from self._number()
            case Panel.PHONE:
                yield from self._call()
            case Panel.URGENT_PHONE:
                yield from self._call()
                yield from self._out_of_hours()
            case _:
                yield from self._contact()

    def _beside_source(self, pairs: Pairs, source: "_ExpectedContentBuilder", urgent: bool = False) -> Iterator[_Item]:
        """Yield the content of pairs in the order of the page: first the translation, then the source, pair by pair.

        The contact panel has the clinic's facts once, in the language of the translation; other panels have them on each side.
        """
        for pair in pairs:
            match pair.ours, pair.theirs:
                case (Table(), Table()):
                    cells = zip(_cells(pair.ours, self._file), _cells(pair.theirs, source._file), strict=True)
                    yield from chain.from_iterable(chain.from_iterable(cells))
                case (ListItem(), ListItem()):
                    for builder, marker, first in zip((self, source), pair.markers, pair.opens, strict=True):
                        yield from builder._item(marker, ListItem(first, pair.ours.line), builder._file)
                    yield from self._beside_source(pair.inner, source, urgent)
                case (List(), List()):
                    yield from self._beside_source(pair.inner, source, urgent)
                case (Figure(), Figure(caption=caption, line=line)) if pair.kind is Kind.PICTURE:
                    yield from self._blocks((pair.ours,), self._file)
                    yield ExpectedItem(source._file, line, ContentKind.TEXT, caption)
                case (Directive(spec=spec), Directive()) if pair.kind is Kind.PANEL:
                    yield from self._head(pair.ours, self._file)
                    yield from source._head(pair.theirs, source._file)
                    yield from self._beside_source(pair.inner, source, urgent or spec.urgent)
                    panel = Panel.URGENT_PHONE if urgent and spec.panel is Panel.PHONE else spec.panel
                    if panel is Panel.CONTACT:
                        yield panel
                    elif panel in (Panel.PHONE, Panel.URGENT_PHONE):
                        yield from (*self._with_facts(panel), *source._with_facts(panel))
                case _:
                    yield from self._blocks((pair.ours,), self._file)  # type: ignore[arg-type]
                    yield from source._blocks((pair.theirs,), source._file)  # type: ignore[arg-type]

    def _made(self) -> tuple[_Item, ...]:
        return tuple(self._blocks(self._edition.blocks, self._file))

    def _beside_extract(self, extract: Extract, items: tuple[_Item, ...]) -> Iterator[ExpectedItem]:
        """Yield whom to call, if the extract does not say so, and the chart to tick."""
        phrases, source = self._edition.phrases, self._edition.leaflet.source.name
        if self._edition.contact.phone and not any(isinstance(item, Panel) for item in items):
            yield ExpectedItem(source, 0, ContentKind.FACT, phrases.call)
            yield from self._call()
        if extract.days:
            for words in (phrases.tick_days, phrases.numbered_day, phrases.morning, phrases.evening):
                yield ExpectedItem(source, 0, ContentKind.FACT, words)
        for _ in range(2 * extract.days):
            yield ExpectedItem(source, 0, ContentKind.PICTURE, phrases.tick)

    def _line_of(self, key: str) -> int:
        """Return the line of a key of the front matter; 0 where it is not found."""
        found = re.search(rf"^{key}:", self._text.text, re.M)
        return self._text.text.count("\n", 0, found.start()) + 1 if found else 0

    def _fact(self, key: str, words: str) -> ExpectedItem:
        clinic = self._edition.clinic
        line, _ = clinic.positions.get((key,), (0, 0))
        return ExpectedItem(clinic.source.name, line, ContentKind.FACT, words)

    def _blocks(self, blocks: Blocks, file: str) -> Iterator[_Item]:
        for block in blocks:
            yield from self._block(
                block, self._edition.text.elsewhere.get(block, file) if self._edition.text.elsewhere else file
            )

    def _block(self, block: Block, file: str) -> Iterator[_Item]:
        match block:
            case Heading():
                yield from _expected_words(block.children, file, block.line, ContentKind.HEADING)
            case Paragraph():
                yield from _expected_words(block.children, file, block.line)
            case Row((blank,), line):
                yield ExpectedItem(file, line, ContentKind.TEXT, f"{blank.label}: {blank.text}")
                yield from _expected_fill_in_marks(block.children, file, line)
            case List():
                for marker, item in zip(block.markers, block.items, strict=True):
                    yield from self._item(marker, item, file)
            case Table():
                yield from chain.from_iterable(_cells(block, file))
            case Figure():
                kind = ContentKind.SMALL_PICTURE if block.small else ContentKind.PICTURE
                yield ExpectedItem(file, block.line, kind, block.alt)
                yield ExpectedItem(file, block.line, ContentKind.TEXT, block.caption)
            case Directive():
                yield from self._directive(block, file)

    def _item(self, marker: str, item: ListItem, file: str) -> Iterator[_Item]:
        first, rest = item.blocks[:1], item.blocks[1:]
        if not marker:
            yield from self._blocks(item.blocks, file)
        elif first and isinstance(first[0], Paragraph):
            yield from _expected_words((Text(f"{marker} "), *first[0].children), file, first[0].line)
            yield from self._blocks(rest, file)
        else:
            yield ExpectedItem(file, item.line, ContentKind.TEXT, marker)
            yield from self._blocks(item.blocks, file)

    def _head(self, block: Directive, file: str) -> Iterator[_Item]:
        """Yield what a block prints before its content."""
        spec, phrases = block.spec, self._edition.phrases
        if spec.words:
            kind = ContentKind.PICTURE if spec.drawn_argument else ContentKind.FACT
            yield ExpectedItem(file, block.line, kind, spec.words(block.argument, phrases))
        elif spec.argument is Argument.TITLE or spec.usual_title:
            title = block.argument or getattr(phrases, spec.usual_title)
            yield ExpectedItem(file, block.line, ContentKind.HEADING, title)

    def _directive(self, block: Directive, file: str) -> Iterator[_Item]:
        spec = block.spec
        yield from self._head(block, file)
        if spec.panel is Panel.NUMBER:
            yield spec.panel
        for item in self._blocks(block.blocks, file):
            yield Panel.URGENT_PHONE if spec.urgent and item is Panel.PHONE else item
        if spec.panel not in (Panel.NONE, Panel.NUMBER):
            yield spec.panel

    def _number(self) -> Iterator[ExpectedItem]:
        if self._edition.contact.phone:
            yield self._fact("phone", self._edition.contact.phone.text)

    def _call(self) -> Iterator[ExpectedItem]:
        contact = self._edition.contact
        yield from self._number()
        if contact.phone:
            yield self._fact("phone_note", contact.phone_note)
        for line in contact.hours:
            yield self._fact("hours", line)

    def _out_of_hours(self) -> Iterator[ExpectedItem]:
        for line in self._edition.contact.out_of_hours:
            yield self._fact("out_of_hours", line.words)
            yield self._fact("out_of_hours", line.phone.text if line.phone else "")

    def _contact(self) -> Iterator[ExpectedItem]:
        contact = self._edition.contact
        if not contact.reachable:
            return
        yield self._fact("name", contact.name)
        yield self._fact("unit", contact.unit)
        yield self._fact("address", ", ".join(contact.address))
        yield from self._call()
        yield from self._out_of_hours()
        yield self._fact("email", contact.email.text if contact.email else "")
        if contact.web:
            yield self._fact("web", contact.web.text)
            alt = f"{self._edition.phrases.scan}: {contact.web.text}"
            yield ExpectedItem(self._edition.clinic.source.name, self._fact("web", "").line, ContentKind.CODE, alt)


def _cells(table: Table, file: str) -> Iterator[tuple[ExpectedItem, ...]]:
    """Yield the content of each cell of a table."""
    for number, row in enumerate((table.head, *table.rows)):
        # The line of dashes follows the heading; each row has one line.
        line = table.line + number + (number > 0)
        for cell in row:
            yield tuple(replace(item, table=table.line) for item in _expected_words(cell, file, line))


def _expected_words(
    nodes: Inlines, file: str, line: int, kind: ContentKind = ContentKind.TEXT
) -> Iterator[ExpectedItem]:
    """Yield the words of a block, with the numbers that call its footnotes, then the footnotes, and the room to write in."""
    yield ExpectedItem(file, line, kind, _line_text(nodes))
    for node in walk(nodes):
        if isinstance(node, Footnote):
            yield ExpectedItem(file, line, ContentKind.FOOTNOTE, _line_text(node.children))
    yield from _expected_fill_in_marks(nodes, file, line)


def _expected_fill_in_marks(nodes: object, file: str, line: int) -> Iterator[ExpectedItem]:
    """Yield the lines to write on and the boxes to tick."""
    for node in walk(nodes):
        if isinstance(node, Blank) and not node.filled:
            yield from (ExpectedItem(file, line, ContentKind.PICTURE, node.aloud) for _ in node.choices or (node.name,))


def _line_text(nodes: Inlines) -> str:
    words = []
    for node in nodes:
        match node:
            case Text(text) | Fact(_, text):
                words.append(text)
            case Blank():
                words.append(node.text)
            case Emphasis(children) | Strong(children) | Span(children):
                words.append(_line_text(children))
            case Link(text, _, _, note):
                words.append(f"{text} {note}" if note else text)
            case Footnote(number):
                words.append(str(number))
            case Break():
                words.append(" ")
            case _:
                pass
    return "".join(words)
