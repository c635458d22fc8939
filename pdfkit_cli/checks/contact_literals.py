"""A phone number or e-mail address typed into a text: every clinic has its own, so it must be a field."""

import re
from collections.abc import Iterator

import phonenumbers

from pdfkit_cli.blocks import Directive, Figure, Heading, Link, List, Paragraph, Table, Text, walk
from pdfkit_cli.catalogue import Catalogue
from pdfkit_cli.errors import Finding, Place
from pdfkit_cli.source import Source

CODE = "contact-literal"
SHORTEST = 6
"""Public short numbers such as 112, 1177 and 1813 have fewer digits."""

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def check(catalogue: Catalogue) -> Iterator[Finding]:
    """Yield a finding for each phone number and e-mail address in the texts of leaflets and slots."""
    countries = sorted({clinic.model.country for clinic in catalogue.clinics.values()} | {"DK", "SE"})
    for leaflet in catalogue.leaflets.values():
        for translation in leaflet.translations.values():
            matter = translation.matter
            yield from _found(f"{matter.title}\n{matter.summary}", 2, translation.source, countries)
            blocks = (*translation.body.blocks, *(nodes for _, nodes in translation.body.footnotes))
            yield from _in_blocks(blocks, translation.source, countries)
    for clinic in catalogue.clinics.values():
        for body, text in clinic.slots.values():
            yield from _in_blocks(body.blocks, text, countries)


def _in_blocks(blocks: object, text: Source, countries: list[str]) -> Iterator[Finding]:
    line = 1
    for node in walk(blocks):
        if isinstance(node, Heading | Paragraph | List | Table | Figure | Directive):
            line = node.line
        match node:
            case Text(words):
                yield from _found(words, line, text, countries)
            case Link():
                yield from _found(node.text, node.line, text, countries)
            case Figure():
                yield from _found(f"{node.alt}\n{node.caption}", line, text, countries)
            case Directive():
                yield from _found(node.argument, line, text, countries)
            case _:
                pass


def _found(words: str, line: int, text: Source, countries: list[str]) -> Iterator[Finding]:
    literals = {match[0]: "clinic.email" for match in _EMAIL.finditer(words)}
    if sum(char.isdigit() for char in words) >= SHORTEST:
        for country in countries:
            for match in phonenumbers.PhoneNumberMatcher(words, country, leniency=phonenumbers.Leniency.VALID):
                literals[match.raw_string] = "clinic.phone"
    for literal, field in literals.items():
        at, column = _locate(literal, line, text)
        message = f"“{literal}” is a fact of one clinic; write {{{{ {field} }}}} and every clinic's print has its own"
        yield Finding(CODE, message, Place(text.name, at, column))


def _locate(literal: str, line: int, text: Source) -> tuple[int, int]:
    for number, source_line in enumerate(text.text.split("\n")[line - 1 :], start=line):
        if (column := source_line.find(literal)) >= 0:
            return number, column + 1
    return line, 1
