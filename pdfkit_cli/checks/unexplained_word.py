"""Words that patients may not know, in a leaflet that does not explain them; each language has a list of such words."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.checks.texts import CheckedText, SpanKind, TextSpan, checked_texts
from pdfkit_cli.content.languages import readability
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.content.models import Audience, PlainWordList
from pdfkit_cli.errors import Severity

_IN_BRACKETS = re.compile(r"\(([^()]*)\)")
_BEFORE_BRACKET = tuple(f"{quote}{space}" for quote in ("", *'»«”“"') for space in ("", " "))


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each listed word that a text for patients uses and does not explain, where it first occurs."""
    lists: dict[str, _PlainWords] = {}
    for writing in checked_texts(context):
        if writing.audience is Audience.PATIENT and (listed := writing.rules.file.plain_words).words:
            if writing.language not in lists:
                lists[writing.language] = _PlainWords.of(listed)
            yield from _unexplained_words(writing, lists[writing.language])


class _Entry(NamedTuple):
    """An entry of a word list: a pattern, and its first letters that are not “*”, without which nothing matches it."""

    written: str
    form: str
    stem: str

    @staticmethod
    def of(written: str) -> "_Entry":
        folded = written.casefold()
        return _Entry(written, re.escape(folded).replace(r"\*", r"\w*"), folded.strip("*").partition("*")[0])


@dataclass(slots=True)
class _PlainWords:
    """The word list of a language, prepared for lookup."""

    plainer: Mapping[str, str]
    words: tuple[_Entry, ...]
    """Entries that are one word, the longest first."""

    phrases: tuple[_Entry, ...]
    """Entries with a space or a hyphen, which no single word can match."""

    beginnings: tuple[str, ...]
    """The stems of words that have to begin with them."""

    inside: tuple[str, ...]
    """The stems of the other words."""

    explained_by: tuple[str, ...]
    known: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def of(listed: PlainWordList) -> "_PlainWords":
        entries = [_Entry.of(written) for written in sorted(listed.words, key=len, reverse=True)]
        words = [entry for entry in entries if readability.WORD_PATTERN.fullmatch(entry.written.replace("*", ""))]
        return _PlainWords(
            listed.words,
            tuple(words),
            tuple(entry for entry in entries if entry not in words),
            tuple(entry.stem for entry in words if not entry.written.startswith("*")),
            tuple(entry.stem for entry in words if entry.written.startswith("*")),
            tuple(phrase.casefold() for phrase in listed.explained_by),
        )

    def entry(self, word: str) -> str:
        """Return the entry that matches a word, or an empty string."""
        if word not in self.known:
            likely = word.startswith(self.beginnings) or any(stem in word for stem in self.inside)
            self.known[word] = self._find_entry(word) if likely else ""
        return self.known[word]

    def _find_entry(self, word: str) -> str:
        likely = (entry for entry in self.words if entry.stem in word)
        return next((entry.written for entry in likely if re.fullmatch(entry.form, word)), "")

    def explain(self, word: str, sentence: str, after: str) -> bool:
        """Return whether a sentence, or the one after it (`after`), explains a word in the sentence."""
        if "(" in sentence and _has_brackets(word, sentence):
            return True
        return any(
            after.startswith(phrase[2:]) if phrase.startswith(". ") else phrase.replace("…", word) in sentence
            for phrase in self.explained_by
        )


def _has_brackets(word: str, sentence: str) -> bool:
    """Return whether brackets follow a word, or contain it."""
    if any(f"{word}{between}(" in sentence for between in _BEFORE_BRACKET):
        return True
    inside = [words for words in _IN_BRACKETS.findall(sentence) if word in words]
    return any(re.search(rf"\b{re.escape(word)}\b", words) for words in inside)


def _unexplained_words(writing: CheckedText, listed: _PlainWords) -> Iterator[Violation]:
    spans = [span for span in writing.spans if span.kind not in (SpanKind.SYNONYM, SpanKind.ALTERNATIVE)]
    folded = [span.words.casefold() for span in spans]
    found: dict[str, set[str]] = {}
    text = "\n".join(folded)
    for entry in listed.phrases:
        if entry.stem in text and (forms := set(re.findall(rf"(?<!\w){entry.form}(?!\w)", text))):
            found[entry.written] = forms
    for word in dict.fromkeys(readability.split_words(text)):
        if written := listed.entry(word):
            found.setdefault(written, set()).add(word)
    source = writing.source.text.casefold()
    for name, forms in found.items():
        containing = sorted({index for form in forms for index, words in enumerate(folded) if form in words})
        footnote = any(f"{form}[^" in source for form in forms)
        if not footnote and not _is_explained(forms, [spans[index] for index in containing], listed, writing.rules):
            span, words = spans[containing[0]], folded[containing[0]]
            at, length = next((words.find(form), len(form)) for form in forms if form in words)
            written = span.words[at : at + length]
            message = (
                f"a patient may not know “{written}”; write “{listed.plainer[name]}”, or explain it: {written} (…)"
            )
            yield writing.place(written, span.line), message


def _is_explained(forms: Iterable[str], spans: Iterable[TextSpan], listed: _PlainWords, language: Language) -> bool:
    for span in spans:
        parts = [sentence.casefold() for sentence in readability.split_sentences(span.words, language)]
        if any(
            form in part and listed.explain(form, part, after)
            for part, after in pairwise([*parts, ""])
            for form in forms
        ):
            return True
    return False


RULE = Rule("unexplained-word", "A word that a patient may not know", Severity.WARNING, check)
