"""Find a leaflet as one types: in any language, forgiving of spelling, the right one first.

    index = Index.of(entries(catalogue, appointments))
    for hit in index.find("rygsmrter", clinic="rygcenter-syddanmark", own="da"):
        hit.leaflet    # the name of its folder
        hit.language   # the language that it was found in; empty where an id or a code was typed

An index is values only: it is made once for a library (about 2 s of CPU for 2,000 leaflets in eight languages) and may be asked from
several threads. `offline/static/search.js` is the same search for a browser; one table of cases holds both to the same answers.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from pdfkit_cli.content.languages.folding import TERM, WORD, fold_text, folded_words, prefix_osa_distance
from pdfkit_cli.content.loader import Library
from pdfkit_cli.content.models import Appointments, FrontMatter

CODE_WEIGHT, TITLE_WEIGHT, SYNONYM_WEIGHT, SUMMARY_WEIGHT = 10.0, 10.0, 8.0, 5.0
"""What a word counts for, by where it stands."""

MIN_RELATIVE_SCORE = 0.35
"""A hit with less than this share of the best one's score is left out."""


@dataclass(frozen=True, slots=True)
class SearchText:
    """What there is to find of a leaflet in one language."""

    language: str
    title: str
    summary: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """What there is to find of a leaflet: its id, its texts, who hands it out, and the codes of clinics that stand for it."""

    leaflet: str
    id: str
    texts: tuple[SearchText, ...]
    clinics: frozenset[str] = frozenset()
    codes: tuple[tuple[str, str], ...] = ()
    """Clinic and code."""

    in_use: bool = True
    """What is withdrawn or superseded is found behind what is in use."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A leaflet that was found."""

    leaflet: str
    language: str
    score: float


def search_entries(library: Library, appointments: Appointments) -> tuple[SearchEntry, ...]:
    """Return what there is to find of every leaflet in a library, whether it is in use or not."""
    names = {entry.model.id: name for name, entry in library.leaflets.items()}
    codes: dict[str, list[tuple[str, str]]] = {}
    for clinic, behind in appointments.root.items():
        for code, what in behind.items():
            for leaflet in what.leaflets:
                codes.setdefault(names.get(leaflet, leaflet), []).append((clinic, code))
    return tuple(
        SearchEntry(
            name,
            entry.model.id,
            tuple(
                SearchText(language, text.front_matter.title, text.front_matter.summary, _synonyms(text.front_matter))
                for language, text in sorted(entry.translations.items())
            ),
            frozenset(clinic for clinic, known in library.clinics.items() if name in known.model.hands_out),
            tuple(codes.get(name, ())),
            entry.model.in_use,
        )
        for name, entry in sorted(library.leaflets.items())
    )


def _synonyms(front_matter: FrontMatter) -> tuple[str, ...]:
    return (*front_matter.synonyms, *([front_matter.short_title] if front_matter.short_title else []))


_BestMatch: TypeAlias = tuple[float, bool, str]
"""Where a term stands best in a leaflet: its score, whether that is in the language of the one who types, the language."""

_NO_MATCH: _BestMatch = (0.0, False, "")


@dataclass(frozen=True, slots=True)
class _Posting:
    """Where a word stands: in which entry, what it counts for there, and for which clinic alone, if so."""

    entry: int
    weight: float
    language: str
    clinic: str = ""


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """Leaflets by their words."""

    entries: tuple[SearchEntry, ...]
    _words: tuple[str, ...]
    _postings: tuple[tuple[_Posting, ...], ...]
    _text: str
    """The words, each behind a line feed: what stands inside a word is found by looking through all of them at once."""

    _starts: tuple[int, ...]

    @classmethod
    def of(cls, entries: Iterable[SearchEntry]) -> "SearchIndex":
        """Make an index."""
        entries = tuple(entries)
        found: dict[str, dict[tuple[int, str, str], float]] = {}
        for number, entry in enumerate(entries):
            for word, posting in _postings_of(number, entry):
                best = found.setdefault(word, {})
                key = posting.entry, posting.language, posting.clinic
                best[key] = max(posting.weight, best.get(key, 0.0))
        ordered = tuple(sorted(found))
        starts, position = [], 0
        for word in ordered:
            starts.append(position)
            position += len(word) + 1
        postings = (
            tuple(
                _Posting(number, weight, language, clinic) for (number, language, clinic), weight in found[word].items()
            )
            for word in ordered
        )
        return cls(entries, ordered, tuple(postings), "".join(f"\n{word}" for word in ordered), tuple(starts))

    @property
    def vocabulary(self) -> int:
        """How many different words there are to find."""
        return len(self._words)

    def find(self, text: str, clinic: str | None = None, limit: int = 20, own: str = "") -> tuple[SearchHit, ...]:
        """Return what a person may mean, the best first; with a clinic only what it hands out.

        What is found in several languages alike is said to be found in the person's `own`. Every word that is typed should be found. Where no leaflet has them all, those that have most of them are returned.
        """
        scores: dict[int, float] = {}
        counts: dict[int, int] = {}
        leading: dict[int, _BestMatch] = {}
        terms = TERM.findall(fold_text(text))
        for term in terms:
            for number, best in self._scored(term, clinic, own).items():
                scores[number] = scores.get(number, 0.0) + best[0]
                counts[number] = counts.get(number, 0) + 1
                leading[number] = max(leading.get(number, _NO_MATCH), best)
        most = max(counts.values(), default=0)
        if not most or most * 2 < len(terms):
            return ()
        hits = [
            SearchHit(
                self.entries[number].leaflet, leading[number][2], score if self.entries[number].in_use else score / 2
            )
            for number, score in scores.items()
            if counts[number] == most
        ]
        hits.sort(key=lambda hit: (-hit.score, hit.leaflet))
        return tuple(hit for hit in hits[:limit] if hit.score >= MIN_RELATIVE_SCORE * hits[0].score)

    def _scored(self, term: str, clinic: str | None, own: str) -> dict[int, _BestMatch]:
        """Return the entries that have a term, and how well."""
        parts = WORD.findall(term)
        found = self._best("".join(parts), clinic, own)
        if len(parts) > 1:  # TENS-behandling, where a leaflet writes TENS behandling
            each = [self._best(part, clinic, own) for part in parts]
            for number in set.intersection(*map(set, each)):
                found[number] = max(found.get(number, _NO_MATCH), min(part[number] for part in each))
        return found

    def _best(self, term: str, clinic: str | None, own: str) -> dict[int, _BestMatch]:
        found: dict[int, _BestMatch] = {}
        for word, quality in self._alike(term).items():
            for posting in self._postings[word]:
                score, known = quality * posting.weight, found.get(posting.entry, _NO_MATCH)
                if score < known[0]:
                    continue
                best = score, posting.language == own, posting.language
                if best <= known:
                    continue
                if clinic is None or (clinic in self.entries[posting.entry].clinics and posting.clinic in ("", clinic)):
                    found[posting.entry] = best
        return found

    def _alike(self, term: str) -> dict[int, float]:
        """Return the words that may be meant by a term, each with how much it is like it, up to 1."""
        alike: dict[int, float] = {}

        def take(word: int, quality: float) -> None:
            alike[word] = max(quality, alike.get(word, 0.0))

        length = len(term)
        for word, start in self._places(term) if length > 2 else self._beginnings(term):
            share = length / len(self._words[word])
            take(word, 1.0 if share == 1 else 0.75 + 0.2 * share if start == 0 else 0.5 + 0.2 * share)
        for word, start, count in self._misspelled(term):
            share = min(1.0, length / (len(self._words[word])))
            take(word, (0.5 if start else 0.75) * 0.7**count + 0.1 * share)
        for word, share in self._within(term):
            take(word, 0.5 * share)
        return alike

    def _beginnings(self, term: str) -> Iterator[tuple[int, int]]:
        if term:
            first, behind = bisect_left(self._words, term), bisect_left(self._words, term + "\U0010ffff")
            yield from ((word, 0) for word in range(first, behind))

    def _places(self, needle: str) -> Iterator[tuple[int, int]]:
        """Yield each word that holds the letters, and where in it."""
        at = self._text.find(needle)
        while at >= 0:
            word = bisect_right(self._starts, at) - 1
            yield word, at - self._starts[word] - 1
            at = self._text.find(needle, at + 1)

    def _misspelled(self, term: str) -> Iterator[tuple[int, int, int]]:
        """Yield each word that a term may be a slip of: the word, where in it, how many slips.

        Its pieces say which words to look at. In the middle of a word, which is often a compound, the first piece has to be right.
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

    def _within(self, term: str) -> Iterator[tuple[int, float]]:
        """Yield the words that a term begins or ends with: an ending more, or two words typed as one."""
        for cut in range(4, len(term) - 1):
            for part in (term[:cut], term[-cut:]):
                word = bisect_left(self._words, part)
                if word < len(self._words) and self._words[word] == part:
                    yield word, len(part) / len(term)


def max_edits(term: str) -> int:
    """Return how many slips a term may have: none in an id, one from four letters, two from eight."""
    if len(term) < 4 or any(char.isdigit() for char in term):
        return 0
    return 1 if len(term) < 8 else 2


def _pigeonhole_parts(term: str, most: int) -> list[tuple[int, str]]:
    """Return pieces of a term with their offsets, of which one at least is right whatever the slips.

    Of one piece more than slips one is whole (the pigeonhole principle), but for two letters that changed places where it was cut.
    """
    cuts = [len(term) * number // (most + 1) for number in range(most + 2)]
    whole = [(first, term[first:cut]) for first, cut in pairwise(cuts)]
    return whole + [(first, term[first : cut - 1] + term[cut]) for first, cut in pairwise(cuts[:-1])]


def _postings_of(number: int, entry: SearchEntry) -> Iterator[tuple[str, _Posting]]:
    for word in folded_words(entry.id):
        yield (
            word,
            _Posting(number, CODE_WEIGHT if word == "".join(WORD.findall(fold_text(entry.id))) else SUMMARY_WEIGHT, ""),
        )
    for clinic, code in entry.codes:
        for word in folded_words(code):
            yield word, _Posting(number, CODE_WEIGHT, "", clinic)
    for text in entry.texts:
        title = folded_words(text.title)
        for word in title:
            yield word, _Posting(number, TITLE_WEIGHT + 1 / len(title), text.language)
        for synonym in text.synonyms:
            for word in folded_words(synonym):
                yield word, _Posting(number, SYNONYM_WEIGHT, text.language)
        for word in folded_words(text.summary):
            yield word, _Posting(number, SUMMARY_WEIGHT, text.language)
