"""Links with meaningless words such as “here”: paper cannot be clicked, and screen readers list links by their words."""

import re
from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.checks.texts import TextSpan, checked_texts
from pdfkit_cli.content.blocks import Link, walk
from pdfkit_cli.errors import Severity

_MEANINGLESS = frozenset(
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
"""The words that “click here” begins with; searching for these first is much faster."""


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each link with meaningless words, and each “click here” in the text."""
    for text in checked_texts(context):
        words = text.words.casefold()
        has_links, has_verbs = "://" in text.source.text, any(verb in words for verb in _VERBS)
        for span in text.spans if has_links or has_verbs else ():
            for words_found in _link_problems(span, has_verbs):
                message = (
                    f"“{words_found}” means nothing on paper; describe where the link leads: [the words](https://…)"
                )
                yield text.place(words_found, span.line), message


def _link_problems(span: TextSpan, has_verbs: bool) -> Iterator[str]:
    links = [node.text for node in walk(span.nodes) if isinstance(node, Link)] if span.nodes else []
    yield from (words for words in links if words.strip(" .:!»«”“").casefold() in _MEANINGLESS)
    if has_verbs:
        yield from (match[0] for match in _CLICK.finditer(span.words))


RULE = Rule("link-text", "A link with meaningless words", Severity.WARNING, check)
