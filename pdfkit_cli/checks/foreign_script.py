"""Words in another script that are not marked with their language: a screen reader mispronounces them."""

import re
from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.checks.texts import checked_texts
from pdfkit_cli.content.blocks import Emphasis, Inlines, Link, Span, Strong, Text
from pdfkit_cli.errors import Severity

_LATIN = r"[A-Za-zÀ-ÖØ-öø-ɏ][A-Za-zÀ-ÖØ-öø-ɏ'’-]*"
_SCRIPTS = {
    "Latn": re.compile(rf"{_LATIN}(?:[ /]{_LATIN})+"),
    "Arab": re.compile(
        r"[\u0620-\u065f\u066e-\u06d3\u0750-\u077f]{2,}(?: [\u0620-\u065f\u066e-\u06d3\u0750-\u077f]+)*"
    ),
    "Cyrl": re.compile(r"[\u0400-\u052f]{2,}(?: [\u0400-\u052f]+)*"),
    "Grek": re.compile(r"[\u0370-\u03ff]{2,}(?: [\u0370-\u03ff]+)*"),
}
"""Words in each script. A single word in Latin letters is taken for a name, such as RFA, and a single Greek letter for a symbol."""
_NOT_LATIN = re.compile("[\u0370-\u077f]")
"""Letters of the non-Latin scripts. Most texts have none, so this quick test skips them."""


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each run of words in a script that the language does not use, outside a span with a language."""
    for text in checked_texts(context):
        script = text.rules.script
        if script not in _SCRIPTS or (script == "Latn" and not _NOT_LATIN.search(text.words)):
            continue
        others = [pattern for name, pattern in _SCRIPTS.items() if name != script]
        for span in text.spans:
            for words in _words_without_language(span.nodes):
                for match in (match for pattern in others for match in pattern.finditer(words)):
                    message = f"“{match[0]}” is in another script; mark its language, so that screen readers pronounce it correctly: [{match[0]}]{{lang=…}}"
                    yield text.place(match[0], span.line), message


def _words_without_language(nodes: Inlines) -> Iterator[str]:
    for node in nodes:
        match node:
            case Text(text) | Link(text=text):
                yield text
            case Span(children, lang="") | Emphasis(children) | Strong(children):
                yield from _words_without_language(children)
            case _:
                pass


RULE = Rule("foreign-script", "Words in another script without their language", Severity.WARNING, check)
