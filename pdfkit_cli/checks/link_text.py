"""A link whose words say nothing: on paper nobody can click, and a screen reader lists links by their words."""

import re
from collections.abc import Iterator

from pdfkit_cli.blocks import Link, walk
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.checks.writings import Piece, writings
from pdfkit_cli.errors import Severity

_NOTHING = frozenset(
    (
        "link", "linket", "dette link", "her", "læs mere", "læs mere her", "se her", "se mere", "mere", "hjemmeside",
        "hjemmesiden", "länk", "länken", "denna länk", "här", "läs mer", "läs mer här", "se här", "mer", "hemsida",
        "hemsidan", "webbplats", "webbplatsen", "this link", "here", "read more", "read more here", "see here", "more",
        "website", "رابط", "الرابط", "هنا", "اقرأ المزيد", "المزيد",
    )
)  # fmt: skip
_CLICK = re.compile(
    r"(?:klik|tryk|klicka|tryck|click|press) (?:her|här|here|på linket|på länken|on the link)\b|اضغط هنا|انقر هنا",
    re.I,
)
_VERBS = ("klik", "tryk", "klick", "tryck", "click", "press", "اضغط", "انقر")
"""What “click here” begins with: to look for these first is much faster."""


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each link whose words say nothing, and each “click here” in the text."""
    for writing in writings(subject):
        words = writing.words.casefold()
        if not ("://" in writing.source.text or any(verb in words for verb in _VERBS)):
            continue
        for piece in writing.pieces:
            for said in _found(piece):
                message = f"“{said}” says nothing on paper; name what it leads to: [the words](https://…)"
                yield writing.place(said, piece.line), message


def _found(piece: Piece) -> Iterator[str]:
    links = [node.text for node in walk(piece.nodes) if isinstance(node, Link)] if piece.nodes else []
    yield from (words for words in links if words.strip(" .:!»«”“").casefold() in _NOTHING)
    yield from (match[0] for match in _CLICK.finditer(piece.words))


RULE = Rule("link-text", "A link whose words say nothing", Severity.WARNING, check)
