"""A mark of the short variant that leaves other words or another meaning than the full text has."""

import re
from collections.abc import Iterator

from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.errors import Place, Severity
from pdfkit_cli.models import Variant

NEGATIONS = {
    "da": "ikke|aldrig|ingen|intet|ej|uden|kun|medmindre|undtagen|højst|mindst",
    "sv": "inte|aldrig|ingen|inget|inga|ej|utan|bara|endast|såvida|förutom|högst|minst",
    "en": r"not|never|no|none|without|only|unless|except|cannot|\w+n[’']t|most|least",
    "ar": "لا|لم|لن|ليس|ليست|غير|بدون|دون|فقط|إلا",
}
"""Words that turn or limit what a sentence says."""

_MARKED = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\{\.full\}")
_END = ".!?:؟…»”"
_WORD = re.compile(r"\w")


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each mark that cuts a word in two, or takes a “not” or an “only” out of its sentence."""
    for leaflet in subject.catalogue.leaflets.values():
        if Variant.SHORT in leaflet.model.variants and leaflet.model.in_use:
            for language, text in leaflet.translations.items():
                for passage in text.passages:
                    for message in _wrong(passage.words, language):
                        yield Place(text.source.name, passage.line), message


def _wrong(words: str, language: str) -> Iterator[str]:
    for mark in _MARKED.finditer(words):
        before, inside, behind = words[: mark.start()], mark[1].strip(), words[mark.end() :]
        if _joined(before, mark[1]) or _joined(mark[1], behind):
            yield f"“[{inside}]{{.full}}” cuts a word in two, and the short variant says another; mark whole words"
        elif not _whole(before, inside) and (word := _negation(inside, language)):
            yield f"without “{word}” the short variant says something else; mark the whole sentence as full"


def _joined(left: str, right: str) -> bool:
    return bool(_WORD.match(left[-1:]) and _WORD.match(right[:1]))


def _whole(before: str, inside: str) -> bool:
    """Say whether the marked words are sentences of their own."""
    return (not before.strip() or before.rstrip()[-1] in _END) and inside[-1:] in _END


def _negation(inside: str, language: str) -> str:
    found = re.search(rf"\b(?:{NEGATIONS.get(language, '(?!)')})\b", inside, re.I)
    return found[0] if found else ""


RULE = Rule("short-adds", "A mark that changes what the short variant says", Severity.ERROR, check)
