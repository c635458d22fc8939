"""Searches leaflets while a user types: in any language, tolerant of spelling mistakes, best match first.

    index = SearchIndex.of(search_entries(library, appointments))
    for hit in index.find("rygsmrter", clinic="rygcenter-syddanmark", own="da"):
        hit.leaflet    # the name of its folder
        hit.language   # the language it was found in; empty for an id or a code

An index is immutable and thread-safe. Create it once per library; for 2,000 leaflets in eight languages this takes about 2 s of CPU.

The search exists twice, because the desk must work without JavaScript and the catalogue without a server. The catalogue's
`static/search.js` gets the letters and the weights from `rules`, and the same table of cases tests both.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final, NamedTuple, TypeAlias

from pdfkit_cli.content.languages.folding import LETTERS, TERM, WORD, fold_text, folded_words, prefix_osa_distance
from pdfkit_cli.content.library import Library
from pdfkit_cli.content.models import Appointments, FrontMatter

WEIGHTS: Final = {"code": 10.0, "title": 10.0, "synonym": 8.0, "summary": 5.0}
"""Score of a matching word, by where it occurs."""

MIN_RELATIVE_SCORE: Final = 0.35
"""Hits with less than this fraction of the best hit's score are left out."""


def rules() -> dict[str, object]:
    """Return the data that the search in the browser shares with this one, ready for JSON."""
    compound = {"split": _SPLIT, "first": _FIRST, "last": _LAST}
    return {"letters": LETTERS, "weights": WEIGHTS, "minRelativeScore": MIN_RELATIVE_SCORE, "compound": compound}


@dataclass(frozen=True, slots=True)
class SearchText:
    """The searchable text of a leaflet in one language."""

    language: str
    title: str
    summary: str
    synonyms: tuple[str, ...] = ()
    subject: str = ""


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """The searchable data of a leaflet: its id, its texts, the clinics that hand it out, and their codes for it."""

    leaflet: str
    id: str
    texts: tuple[SearchText, ...]
    clinics: frozenset[str] = frozenset()
    codes: tuple[tuple[str, str], ...] = ()
    """Pairs of clinic and code."""

    in_use: bool = True
    """Withdrawn and superseded leaflets rank after those in use."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A leaflet that matches the search."""

    leaflet: str
    language: str
    score: float
    guess: bool = False
    """Whether a typed word is not in it as it was typed: a misspelling, one half of a compound, or nothing at all."""


def search_entries(library: Library, appointments: Appointments) -> tuple[SearchEntry, ...]:
    """Return an entry for every leaflet in a library, in use or not."""
    names = {entry.model.id: name for name, entry in library.leaflets.items()}
    codes: dict[str, list[tuple[str, str]]] = {}
    for clinic, appointment_codes in appointments.root.items():
        for code, appointment in appointment_codes.items():
            for leaflet in appointment.leaflets:
                codes.setdefault(names.get(leaflet, leaflet), []).append((clinic, code))
    return tuple(
        SearchEntry(
            name,
            entry.model.id,
            tuple(_search_text(language, text.front_matter) for language, text in sorted(entry.translations.items())),
            frozenset(clinic for clinic, known in library.clinics.items() if name in known.model.hands_out),
            tuple(codes.get(name, ())),
            entry.in_use,
        )
        for name, entry in sorted(library.leaflets.items())
    )


def _search_text(language: str, head: FrontMatter) -> SearchText:
    return SearchText(language, head.title, head.summary, _synonyms(head), head.subject or "")


def _synonyms(front_matter: FrontMatter) -> tuple[str, ...]:
    return (*front_matter.synonyms, *([front_matter.short_title] if front_matter.short_title else []))


_BestMatch: TypeAlias = tuple[bool, float, bool, str]
"""The best match of a term in a leaflet: whether it is no guess, score, whether it is in the user's language, language."""

_NO_MATCH: _BestMatch = (False, 0.0, False, "")

_Similarity: TypeAlias = tuple[bool, float]
"""How similar a word is to a term: whether it is no guess, and a number up to 1."""

_SPLIT, _FIRST, _LAST = 0.7, 0.25, 0.2
"""Similarity of a leaflet with both parts of a compound, of one with its first part at least, with its last part at most.

What a compound is about is in its first part: a hofteprotese is about the hip, and a leaflet on knæproteser is no answer.
"""


class _Posting(NamedTuple):
    """An occurrence of a word: the index of its entry, weight, language, and the only clinic that uses it, if any."""

    entry: int
    weight: float
    language: str
    clinic: str


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """An index from words to leaflets."""

    entries: tuple[SearchEntry, ...]
    _words: tuple[str, ...]
    _postings: tuple[tuple[_Posting, ...], ...]
    _text: str
    """The words, each after a line feed: one pass over this text finds a substring of any word."""

    _starts: tuple[int, ...]
    """Offset of each word's line feed in the text."""

    @classmethod
    def of(cls, entries: Iterable[SearchEntry]) -> "SearchIndex":
        """Return an index of the entries."""
        entries = tuple(entries)
        weights: dict[tuple[str, int, str, str], float] = {}
        for number, entry in enumerate(entries):
            for word, weight, language, clinic in _weighted_words(entry):
                key = word, number, language, clinic
                weights[key] = max(weight, weights.get(key, 0.0))
        postings = defaultdict[str, list[_Posting]](list)
        for (word, number, language, clinic), weight in weights.items():
            postings[word].append(_Posting(number, weight, language, clinic))
        words = tuple(sorted(postings))
        text = "".join(f"\n{word}" for word in words)
        starts = accumulate((len(word) + 1 for word in words), initial=0)
        return cls(entries, words, tuple(tuple(postings[word]) for word in words), text, tuple(starts))

    @property
    def vocabulary(self) -> int:
        """Number of distinct words in the index."""
        return len(self._words)

    def find(self, text: str, clinic: str | None = None, limit: int = 20, own: str = "") -> tuple[SearchHit, ...]:
        """Return the best `limit` matches, the best first; with a clinic, only leaflets that it hands out.

        A leaflet should contain every typed word; if none does, those with the most words are returned, if they have at least half.
        Guesses come after all others.
        If several languages match equally well, a hit names `own`, the user's language.
        """
        matches = defaultdict[int, list[_BestMatch]](list)
        terms = TERM.findall(fold_text(text))
        scored = [self._scored(term, clinic, own) for term in terms]
        for at, (first, second) in enumerate(pairwise(terms)):  # brok operation, where a leaflet writes brokoperation
            for number, best in self._best(self._containing(first + second), clinic, own).items():
                for each in scored[at : at + 2]:
                    each[number] = max(best, each.get(number, _NO_MATCH))
        for each in scored:
            for number, best in each.items():
                matches[number].append(best)
        most = max(map(len, matches.values()), default=0)
        if not most or most * 2 < len(terms):
            return ()
        hits = [self._hit(number, each, len(terms)) for number, each in matches.items() if len(each) == most]
        hits.sort(key=lambda hit: (hit.guess, -hit.score, hit.leaflet))
        return tuple(hit for hit in hits[:limit] if hit.score >= MIN_RELATIVE_SCORE * hits[0].score)

    def _hit(self, number: int, matches: list[_BestMatch], terms: int) -> SearchHit:
        entry, score = self.entries[number], sum(match[1] for match in matches)
        guess = len(matches) < terms or not all(match[0] for match in matches)
        return SearchHit(entry.leaflet, max(matches)[3], score if entry.in_use else score / 2, guess)

    def _scored(self, term: str, clinic: str | None, own: str) -> dict[int, _BestMatch]:
        """Return the best match of a term in each entry that has one."""
        parts = WORD.findall(term)
        term = "".join(parts)
        found = self._best(self._similar_words(term), clinic, own)
        for number, match in self._split(term, clinic, own):
            found[number] = max(match, found.get(number, _NO_MATCH))
        if len(parts) > 1:  # TENS-behandling, where a leaflet writes TENS behandling
            each = [self._best(self._similar_words(part), clinic, own) for part in parts]
            for number in set.intersection(*map(set, each)):
                found[number] = max(found.get(number, _NO_MATCH), min(part[number] for part in each))
        return found

    def _split(self, term: str, clinic: str | None, own: str) -> Iterator[tuple[int, _BestMatch]]:
        """Yield the leaflets that have both parts of a compound as words of one language: knæoperation, operation i knæet."""
        for cut in range(3, len(term) - 2):
            firsts = self._weights(term[:cut], clinic)
            lasts = self._weights(term[cut:], clinic) if firsts else {}
            for entry, language in firsts.keys() & lasts.keys():
                weight = min(firsts[entry, language], lasts[entry, language])
                yield entry, (True, _SPLIT * weight, language == own, language)

    def _weights(self, part: str, clinic: str | None) -> dict[tuple[int, str], float]:
        """Return the weight of a word in its forms, by entry and language."""
        found: dict[tuple[int, str], float] = {}
        for word in self._forms(part):
            for posting in self._postings[word]:
                key = posting.entry, posting.language
                if posting.language and self._hands_out(posting, clinic):
                    found[key] = max(posting.weight, found.get(key, 0.0))
        return found

    def _hands_out(self, posting: _Posting, clinic: str | None) -> bool:
        return clinic is None or (clinic in self.entries[posting.entry].clinics and posting.clinic in ("", clinic))

    def _forms(self, part: str) -> Iterator[int]:
        """Yield a word in its forms: with an ending of two letters, or without the s that joins a compound."""
        for stem in {part, part.removesuffix("s") if len(part) > 4 else part}:
            for word in range(bisect_left(self._words, stem), len(self._words)):
                if not self._words[word].startswith(stem):
                    break
                if len(self._words[word]) <= len(stem) + 2:
                    yield word

    def _best(self, similar: Mapping[int, _Similarity], clinic: str | None, own: str) -> dict[int, _BestMatch]:
        found: dict[int, _BestMatch] = {}
        for word, (sure, quality) in similar.items():
            for posting in self._postings[word]:
                score, known = quality * posting.weight, found.get(posting.entry, _NO_MATCH)
                if (sure, score) < known[:2]:
                    continue
                best = sure, score, posting.language == own, posting.language
                if best <= known:
                    continue
                if self._hands_out(posting, clinic):
                    found[posting.entry] = best
        return found

    def _similar_words(self, term: str) -> dict[int, _Similarity]:
        """Return the words that match a term."""
        similar = self._containing(term)

        def take(word: int, quality: float) -> None:
            similar[word] = max((False, quality), similar.get(word, (False, 0.0)))

        for word, start, count in self._misspelled(term):
            share = min(1.0, len(term) / (len(self._words[word])))
            take(word, (0.5 if start else 0.75) * 0.7**count + 0.1 * share)
        for word, is_first, share in self._within(term):
            take(word, _FIRST + (0.5 - _FIRST) * share if is_first else _LAST * share)
        return similar

    def _containing(self, term: str) -> dict[int, _Similarity]:
        """Return the words that a term is in. One or two letters match only the beginning of a word."""
        similar: dict[int, _Similarity] = {}
        for word, start in self._places(term if len(term) > 2 else f"\n{term}") if term else ():
            share = len(term) / len(self._words[word])
            quality = 1.0 if share == 1 else 0.75 + 0.2 * share if start <= 0 else 0.5 + 0.2 * share
            similar[word] = max((True, quality), similar.get(word, (True, 0.0)))
        return similar

    def _places(self, needle: str) -> Iterator[tuple[int, int]]:
        """Yield each word that contains the needle, with its offset in the word; -1 if the needle begins with the line feed."""
        at = self._text.find(needle)
        while at >= 0:
            word = bisect_right(self._starts, at) - 1
            yield word, at - self._starts[word] - 1
            at = self._text.find(needle, at + 1)

    def _misspelled(self, term: str) -> Iterator[tuple[int, int, int]]:
        """Yield each word that a term may be a misspelling of, with the offset in the word and the number of edits.

        Only words that contain a piece of the term are compared. Inside a word (often a compound), the first piece must match exactly.
        """
        most = max_edits(term)
        for offset, piece in _pigeonhole_parts(term, most) if most else ():
            for word, start in self._places(piece):
                if (
                    abs(start - offset) <= most
                    and (count := prefix_osa_distance(term, self._words[word], most)) <= most
                ):
                    yield word, 0, count
                elif offset == 0 and len(piece) > 2 < start:
                    count = prefix_osa_distance(term, self._words[word][start:], most)
                    if count <= most:
                        yield word, start, count

    def _within(self, term: str) -> Iterator[tuple[int, bool, float]]:
        """Yield the words that a term begins or ends with, whether it begins with it, and their share of its length: it has another ending, or is two words in one."""
        for cut in range(4, len(term) - 1):
            for part in (term[:cut], term[-cut:]):
                word = bisect_left(self._words, part)
                if word < len(self._words) and self._words[word] == part:
                    yield word, term.startswith(part), len(part) / len(term)


def max_edits(term: str) -> int:
    """Return how many edits a term may have: one from four letters, two from eight, none if it is shorter or has digits (an id)."""
    if len(term) < 4 or any(char.isdigit() for char in term):
        return 0
    return 1 if len(term) < 8 else 2


def _pigeonhole_parts(term: str, most: int) -> list[tuple[int, str]]:
    """Return pieces of a term with their offsets, at least one of which is free of edits.

    If there is one piece more than edits, one piece is unedited (the pigeonhole principle), unless two letters were swapped across a cut.
    The added pieces cover that case.
    """
    cuts = [len(term) * number // (most + 1) for number in range(most + 2)]
    pieces = [(first, term[first:cut]) for first, cut in pairwise(cuts)]
    return pieces + [(first, term[first : cut - 1] + term[cut]) for first, cut in pairwise(cuts[:-1])]


def _weighted_words(entry: SearchEntry) -> Iterator[tuple[str, float, str, str]]:
    """Yield each word of an entry with its weight, its language, and the only clinic that uses it, if any."""
    id = "".join(WORD.findall(fold_text(entry.id)))
    for word in folded_words(entry.id):
        yield word, WEIGHTS["code" if word == id else "summary"], "", ""
    for clinic, code in entry.codes:
        for word in folded_words(code):
            yield word, WEIGHTS["code"], "", clinic
    for text in entry.texts:
        title = folded_words(text.title)
        for word in title:
            yield word, WEIGHTS["title"] + 1 / len(title), text.language, ""
        for synonym in text.synonyms:
            for word in folded_words(synonym):
                yield word, WEIGHTS["synonym"], text.language, ""
        for word in folded_words(text.summary):
            yield word, WEIGHTS["summary"], text.language, ""
