"""Words that patients may not know, in a leaflet that does not explain them; each language has a list of such words."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.checks.texts import CheckedText, SpanKind, TextSpan, checked_texts
from pdfkit_cli.content.languages import readability
from pdfkit_cli.content.models import Audience, PlainWordList
from pdfkit_cli.errors import Severity


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each listed word that a text for patients uses and does not explain, where it first occurs."""
    lists = {language: _PlainWords.of(entry.model) for language, entry in context.library.words.items()}
    for writing in checked_texts(context):
        if writing.audience is Audience.PATIENT and writing.language in lists:
            yield from _unexplained_words(writing, lists[writing.language])


@dataclass(slots=True)
class _PlainWords:
    """The word list of a language, prepared for lookup."""

    plainer: Mapping[str, str]
    patterns: Mapping[str, re.Pattern[str]]
    """Entries that are one word, the longest first."""

    phrases: Mapping[str, re.Pattern[str]]
    """Entries with a space or a hyphen, which no single word can match."""

    explained_by: tuple[str, ...]
    known: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def of(words: PlainWordList) -> "_PlainWords":
        patterns, phrases = {}, {}
        for entry in sorted(words.words, key=len, reverse=True):
            form = re.escape(entry.casefold()).replace(r"\*", r"\w*")
            if readability.WORD_PATTERN.fullmatch(entry.replace("*", "")):
                patterns[entry] = re.compile(form)
            else:
                phrases[entry] = re.compile(rf"(?<!\w){form}(?!\w)")
        return _PlainWords(words.words, patterns, phrases, tuple(phrase.casefold() for phrase in words.explained_by))

    def entry(self, word: str) -> str:
        """Return the entry that matches a word, or an empty string."""
        if word not in self.known:
            self.known[word] = next((entry for entry, form in self.patterns.items() if form.fullmatch(word)), "")
        return self.known[word]

    def explain(self, word: str, sentence: str, after: str) -> bool:
        """Return whether a sentence, or the one after it (`after`), explains a word in the sentence."""
        if re.search(rf"{word}[»«”“\"]? ?\(|\([^()]*\b{word}\b[^()]*\)", sentence):
            return True
        return any(
            after.startswith(phrase[2:]) if phrase.startswith(". ") else phrase.replace("…", word) in sentence
            for phrase in self.explained_by
        )


def _unexplained_words(writing: CheckedText, listed: _PlainWords) -> Iterator[Violation]:
    spans = [span for span in writing.spans if span.kind not in (SpanKind.SYNONYM, SpanKind.ALTERNATIVE)]
    found: dict[str, set[str]] = {}
    text = "\n".join(span.words for span in spans).casefold()
    for entry, pattern in listed.phrases.items():
        if forms := set(pattern.findall(text)):
            found[entry] = forms
    for word in dict.fromkeys(readability.split_words(text)):
        if entry := listed.entry(word):
            found.setdefault(entry, set()).add(word)
    for entry, forms in found.items():
        if not _is_explained(forms, spans, writing, listed):
            span, first = next((one, form) for one in spans for form in forms if form in one.words.casefold())
            at = span.words.casefold().find(first)
            written = span.words[at : at + len(first)]
            message = (
                f"a patient may not know “{written}”; write “{listed.plainer[entry]}”, or explain it: {written} (…)"
            )
            yield writing.place(written, span.line), message


def _is_explained(forms: Iterable[str], spans: Iterable[TextSpan], writing: CheckedText, listed: _PlainWords) -> bool:
    if any(f"{form}[^" in writing.source.text.casefold() for form in forms):
        return True  # a footnote explains it
    for span in spans:
        parts = [sentence.casefold() for sentence in readability.split_sentences(span.words)]
        if any(
            form in part and listed.explain(form, part, after)
            for part, after in pairwise([*parts, ""])
            for form in forms
        ):
            return True
    return False


RULE = Rule("unexplained-word", "A word that a patient may not know", Severity.WARNING, check)
