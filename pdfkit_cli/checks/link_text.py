"""Links with meaningless words such as “here”: paper cannot be clicked, and screen readers list links by their words."""

import re
from collections.abc import Iterator
from functools import lru_cache

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.checks.texts import TextSpan, checked_texts
from pdfkit_cli.content.blocks import Link, walk
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.errors import Severity


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each link with meaningless words, and each “click here” in the text."""
    for text in checked_texts(context):
        words = text.words.casefold()
        has_links, has_verbs = "://" in text.source.text, any(verb in words for verb in _verbs(text.rules))
        for span in text.spans if has_links or has_verbs else ():
            for words_found in _link_problems(span, text.rules, has_verbs):
                message = (
                    f"“{words_found}” means nothing on paper; describe where the link leads: [the words](https://…)"
                )
                yield text.place(words_found, span.line), message


def _link_problems(span: TextSpan, language: Language, has_verbs: bool) -> Iterator[str]:
    links = [node.text for node in walk(span.nodes) if isinstance(node, Link)] if span.nodes else []
    yield from (words for words in links if words.strip(" .:!»«”“").casefold() in language.file.vague_links)
    if has_verbs:
        yield from (match[0] for match in _click_here(language).finditer(span.words))


@lru_cache(256)
def _click_here(language: Language) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(map(re.escape, language.file.click_here)) or '(?!)'})\b", re.I)


@lru_cache(256)
def _verbs(language: Language) -> frozenset[str]:
    """Return the words that “click here” begins with; searching for these first is much faster."""
    return frozenset(phrase.casefold().partition(" ")[0] for phrase in language.file.click_here)


RULE = Rule("link-text", "A link with meaningless words", Severity.WARNING, check)
