"""A phone number or e-mail address typed into a text: every clinic has its own, so it must be a field."""

import re
from collections.abc import Iterator

import phonenumbers

from pdfkit_cli.blocks import Blocks, Directive, Figure, Heading, Paragraph, Table, plain, walk
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.errors import Place, Severity
from pdfkit_cli.source import Source

SHORTEST = 6
"""Public short numbers such as 112, 1177 and 1813 have fewer digits."""

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_FIGURES = re.compile(
    r"(?<!\d)(?<!\d )(?:"
    r"\d{4}-\d\d-\d\d|\d{1,2}[./-]\d{1,2}[./ -] ?\d{4}"  # dates
    r"|\d{1,2}[.:]\d\d ?[–-] ?\d{1,2}[.:]\d\d"  # from one time of day to another
    r"|\d[\d.,]*–\d[\d.,]*|(?:19|20)\d\d[/-](?:19|20)\d\d"  # ranges, years
    r")(?! ?\d)"
)
"""Figures with as many digits as a phone number, which are none."""


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each phone number and e-mail address in the texts of leaflets and slots."""
    catalogue = subject.catalogue
    countries = sorted({clinic.model.country for clinic in catalogue.clinics.values()} | {"DK", "SE"})
    for leaflet in catalogue.leaflets.values():
        for translation in leaflet.translations.values():
            matter, body = translation.matter, translation.body
            words = [(2, text) for text in (matter.title, matter.short_title or "", matter.summary, *matter.synonyms)]
            words += [*_passages(body.blocks), *((1, plain(nodes)) for _, nodes in body.footnotes)]
            yield from _found(words, translation.source, countries)
    for clinic in catalogue.clinics.values():
        for body, text in clinic.slots.values():
            notes = [(1, plain(nodes)) for _, nodes in body.footnotes]
            yield from _found([*_passages(body.blocks), *notes], text, countries)


def _passages(blocks: Blocks) -> Iterator[tuple[int, str]]:
    """Yield each run of words that a number may stand in, with its line."""
    for node in walk(blocks):
        match node:
            case Heading(children=children, line=line) | Paragraph(children=children, line=line):
                yield line, plain(children)
            case Table(head, rows, line):
                yield from ((line, plain(cell)) for row in (head, *rows) for cell in row)
            case Figure(_, alt, caption, line):
                yield line, alt
                yield line, caption
            case Directive(argument=argument, line=line):
                yield line, argument
            case _:
                pass


def _found(passages: list[tuple[int, str]], text: Source, countries: list[str]) -> Iterator[Problem]:
    lines = text.text.split("\n")
    for line, words in passages:
        for literal, field in _literals(words, countries).items():
            message = (
                f"“{literal}” is a fact of one clinic; write {{{{ {field} }}}} and every clinic's print has its own"
            )
            yield Place(text.name, *_locate(literal, line, lines)), message


def _literals(words: str, countries: list[str]) -> dict[str, str]:
    """Return what may not be typed, and the field that stands for it."""
    literals = {match[0]: "clinic.email" for match in _EMAIL.finditer(words)}
    words = _FIGURES.sub(" ; ", words)
    if sum(char.isdigit() for char in words) >= SHORTEST:
        for country in countries:
            for match in phonenumbers.PhoneNumberMatcher(words, country, leniency=phonenumbers.Leniency.VALID):
                literals[match.raw_string] = "clinic.phone"
    return literals


def _locate(literal: str, line: int, lines: list[str]) -> tuple[int, int]:
    for number, source_line in enumerate(lines[line - 1 :], start=line):
        if (column := source_line.find(literal)) >= 0:
            return number, column + 1
    return line, 1


RULE = Rule("contact-literal", "A phone number or e-mail address in a text", Severity.ERROR, check)
