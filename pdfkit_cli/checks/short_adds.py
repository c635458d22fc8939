"""A `{.full}` mark that gives the short variant other words or another meaning than the full text."""

import re
from collections.abc import Iterator
from functools import lru_cache

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.content.models import Variant
from pdfkit_cli.errors import Severity, SourceLocation

_MARKED = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\{\.full\}")
_END = ".!?:؟…»”"
_WORD = re.compile(r"\w")


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each mark that divides a word, or removes a “not” or an “only” from its sentence."""
    for leaflet in context.library.leaflets.values():
        if Variant.SHORT in leaflet.model.variants and leaflet.model.in_use:
            for text in leaflet.translations.values():
                for segment in text.segments:
                    for message in _changes_of_meaning(segment.words, text.rules):
                        yield SourceLocation(text.source.name, segment.line), message


def _changes_of_meaning(words: str, language: Language) -> Iterator[str]:
    for mark in _MARKED.finditer(words):
        before, inside, after = words[: mark.start()], mark[1].strip(), words[mark.end() :]
        if _would_join_words(before, mark[1]) or _would_join_words(mark[1], after):
            yield f"“[{inside}]{{.full}}” divides a word, so the short variant would print another word; mark complete words"
        elif not _is_whole_sentence(before, inside) and (word := _negation(inside, language)):
            yield f"without “{word}” the short variant would mean something else; mark the complete sentence as full"


def _would_join_words(left: str, right: str) -> bool:
    return bool(_WORD.match(left[-1:]) and _WORD.match(right[:1]))


def _is_whole_sentence(before: str, inside: str) -> bool:
    """Return whether the marked words are one or more complete sentences."""
    return (not before.strip() or before.rstrip()[-1] in _END) and inside[-1:] in _END


def _negation(inside: str, language: Language) -> str:
    found = _reversing(language).search(inside)
    return found[0] if found else ""


@lru_cache(256)
def _reversing(language: Language) -> re.Pattern[str]:
    """Return a pattern of the words that reverse or limit the meaning of a sentence."""
    words = (re.escape(word).replace(r"\*", r"\w+") for word in (*language.file.negations, *language.file.limits))
    return re.compile(rf"\b(?:{'|'.join(words) or '(?!)'})\b", re.I)


RULE = Rule("short-adds", "A mark that changes the meaning of the short variant", Severity.ERROR, check)
