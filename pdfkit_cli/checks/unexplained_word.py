"""A word that a patient may not know, in a leaflet that does not explain it. The library lists such words by language."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from pdfkit_cli import readability
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.checks.writings import Kind, Piece, Writing, writings
from pdfkit_cli.errors import Severity
from pdfkit_cli.models import Audience, Words


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each listed word of a text for patients that the text does not explain, where it first stands."""
    lists = {language: _List.of(entry.model) for language, entry in subject.catalogue.words.items()}
    for writing in writings(subject):
        if writing.audience is Audience.PATIENT and writing.language in lists:
            yield from _unexplained(writing, lists[writing.language])


@dataclass(slots=True)
class _List:
    """The listed words of a language, made to be looked up."""

    plainer: Mapping[str, str]
    patterns: Mapping[str, re.Pattern[str]]
    """Entries of one word, the longest first."""

    phrases: Mapping[str, re.Pattern[str]]
    """Entries with a space or a hyphen in them, which a word cannot fall under."""

    explained_by: tuple[str, ...]
    known: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def of(words: Words) -> "_List":
        patterns, phrases = {}, {}
        for entry in sorted(words.words, key=len, reverse=True):
            form = re.escape(entry.casefold()).replace(r"\*", r"\w*")
            if readability.WORD.fullmatch(entry.replace("*", "")):
                patterns[entry] = re.compile(form)
            else:
                phrases[entry] = re.compile(rf"(?<!\w){form}(?!\w)")
        return _List(words.words, patterns, phrases, tuple(phrase.casefold() for phrase in words.explained_by))

    def entry(self, word: str) -> str:
        """Return the entry that a word falls under, or nothing."""
        if word not in self.known:
            self.known[word] = next((entry for entry, form in self.patterns.items() if form.fullmatch(word)), "")
        return self.known[word]

    def explain(self, word: str, sentence: str, after: str) -> bool:
        """Say whether a sentence explains a word in it, or the sentence after it does."""
        if re.search(rf"{word}[»«”“\"]? ?\(|\([^()]*\b{word}\b[^()]*\)", sentence):
            return True
        return any(
            after.startswith(phrase[2:]) if phrase.startswith(". ") else phrase.replace("…", word) in sentence
            for phrase in self.explained_by
        )


def _unexplained(writing: Writing, listed: _List) -> Iterator[Problem]:
    pieces = [piece for piece in writing.pieces if piece.kind not in (Kind.SYNONYM, Kind.ALTERNATIVE)]
    found: dict[str, set[str]] = {}
    text = "\n".join(piece.words for piece in pieces).casefold()
    for entry, pattern in listed.phrases.items():
        if forms := set(pattern.findall(text)):
            found[entry] = forms
    for word in dict.fromkeys(readability.words(text)):
        if entry := listed.entry(word):
            found.setdefault(entry, set()).add(word)
    for entry, forms in found.items():
        if not _explained(forms, pieces, writing, listed):
            piece, first = next((one, form) for one in pieces for form in forms if form in one.words.casefold())
            at = piece.words.casefold().find(first)
            written = piece.words[at : at + len(first)]
            message = (
                f"a patient may not know “{written}”; write “{listed.plainer[entry]}”, or explain it: {written} (…)"
            )
            yield writing.place(written, piece.line), message


def _explained(forms: Iterable[str], pieces: Iterable[Piece], writing: Writing, listed: _List) -> bool:
    if any(f"{form}[^" in writing.source.text.casefold() for form in forms):
        return True  # a footnote explains it
    for piece in pieces:
        parts = [sentence.casefold() for sentence in readability.sentences(piece.words)]
        if any(
            form in part and listed.explain(form, part, after)
            for part, after in pairwise([*parts, ""])
            for form in forms
        ):
            return True
    return False


RULE = Rule("unexplained-word", "A word that a patient may not know", Severity.WARNING, check)
