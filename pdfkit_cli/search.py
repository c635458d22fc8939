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

from pdfkit_cli.catalogue import Catalogue
from pdfkit_cli.folding import TERM, WORD, fold, slips, words
from pdfkit_cli.models import Appointments, FrontMatter

CODE, TITLE, SYNONYM, SUMMARY = 10.0, 10.0, 8.0, 5.0
"""What a word counts for, by where it stands."""

FAR = 0.35
"""A hit with less than this share of the best one's score is left out."""


@dataclass(frozen=True, slots=True)
class Text:
    """What there is to find of a leaflet in one language."""

    language: str
    title: str
    summary: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """What there is to find of a leaflet: its id, its texts, who hands it out, and the codes of clinics that stand for it."""

    leaflet: str
    id: str
    texts: tuple[Text, ...]
    clinics: frozenset[str] = frozenset()
    codes: tuple[tuple[str, str], ...] = ()
    """Clinic and code."""

    in_use: bool = True
    """What is withdrawn or superseded is found behind what is in use."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A leaflet that was found."""

    leaflet: str
    language: str
    score: float


def entries(catalogue: Catalogue, appointments: Appointments) -> tuple[Entry, ...]:
    """Return what there is to find of every leaflet in a library, whether it is in use or not."""
    names = {entry.model.id: name for name, entry in catalogue.leaflets.items()}
    codes: dict[str, list[tuple[str, str]]] = {}
    for clinic, behind in appointments.root.items():
        for code, what in behind.items():
            for leaflet in what.leaflets:
                codes.setdefault(names.get(leaflet, leaflet), []).append((clinic, code))
    return tuple(
        Entry(
            name,
            entry.model.id,
            tuple(
                Text(language, text.matter.title, text.matter.summary, _synonyms(text.matter))
                for language, text in sorted(entry.translations.items())
            ),
            frozenset(clinic for clinic, known in catalogue.clinics.items() if name in known.model.hands_out),
            tuple(codes.get(name, ())),
            entry.model.in_use,
        )
        for name, entry in sorted(catalogue.leaflets.items())
    )


def _synonyms(matter: FrontMatter) -> tuple[str, ...]:
    return (*matter.synonyms, *([matter.short_title] if matter.short_title else []))


_Best: TypeAlias = tuple[float, bool, str]
"""Where a term stands best in a leaflet: its score, whether that is in the language of the one who types, the language."""

_NONE: _Best = (0.0, False, "")


@dataclass(frozen=True, slots=True)
class _Posting:
    """Where a word stands: in which entry, what it counts for there, and for which clinic alone, if so."""

    entry: int
    weight: float
    language: str
    clinic: str = ""


@dataclass(frozen=True, slots=True)
class Index:
    """Leaflets by their words."""

    entries: tuple[Entry, ...]
    _words: tuple[str, ...]
    _postings: tuple[tuple[_Posting, ...], ...]
    _text: str
    """The words, each behind a line feed: what stands inside a word is found by looking through all of them at once."""

    _starts: tuple[int, ...]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Index":
        """Make an index."""
        entries = tuple(entries)
        found: dict[str, dict[tuple[int, str, str], float]] = {}
        for number, entry in enumerate(entries):
            for word, posting in _found_by(number, entry):
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

    def find(self, text: str, clinic: str | None = None, limit: int = 20, own: str = "") -> tuple[Hit, ...]:
        """Return what a person may mean, the best first; with a clinic only what it hands out.

        What is found in several languages alike is said to be found in the person's `own`. Every word that is typed should be found. Where no leaflet has them all, those that have most of them are returned.
        """
        scores: dict[int, float] = {}
        counts: dict[int, int] = {}
        leading: dict[int, _Best] = {}
        terms = TERM.findall(fold(text))
        for term in terms:
            for number, best in self._scored(term, clinic, own).items():
                scores[number] = scores.get(number, 0.0) + best[0]
                counts[number] = counts.get(number, 0) + 1
                leading[number] = max(leading.get(number, _NONE), best)
        most = max(counts.values(), default=0)
        if not most or most * 2 < len(terms):
            return ()
        hits = [
            Hit(self.entries[number].leaflet, leading[number][2], score if self.entries[number].in_use else score / 2)
            for number, score in scores.items()
            if counts[number] == most
        ]
        hits.sort(key=lambda hit: (-hit.score, hit.leaflet))
        return tuple(hit for hit in hits[:limit] if hit.score >= FAR * hits[0].score)

    def _scored(self, term: str, clinic: str | None, own: str) -> dict[int, _Best]:
        """Return the entries that have a term, and how well."""
        parts = WORD.findall(term)
        found = self._best("".join(parts), clinic, own)
        if len(parts) > 1:  # TENS-behandling, where a leaflet writes TENS behandling
            each = [self._best(part, clinic, own) for part in parts]
            for number in set.intersection(*map(set, each)):
                found[number] = max(found.get(number, _NONE), min(part[number] for part in each))
        return found

    def _best(self, term: str, clinic: str | None, own: str) -> dict[int, _Best]:
        found: dict[int, _Best] = {}
        for word, quality in self._alike(term).items():
            for posting in self._postings[word]:
                score, known = quality * posting.weight, found.get(posting.entry, _NONE)
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
        most = allowed(term)
        for offset, piece in _pieces(term, most) if most else ():
            for word, start in self._places(piece):
                if abs(start - offset) <= most and (count := slips(term, self._words[word], most)) <= most:
                    yield word, 0, count
                elif offset == 0 and len(piece) > 2 < start:
                    count = slips(term, self._words[word][start:], most)
                    if count <= most:
                        yield word, start, count

    def _within(self, term: str) -> Iterator[tuple[int, float]]:
        """Yield the words that a term begins or ends with: an ending more, or two words typed as one."""
        for cut in range(4, len(term) - 1):
            for part in (term[:cut], term[-cut:]):
                word = bisect_left(self._words, part)
                if word < len(self._words) and self._words[word] == part:
                    yield word, len(part) / len(term)


def allowed(term: str) -> int:
    """Return how many slips a term may have: none in an id, one from four letters, two from eight."""
    if len(term) < 4 or any(char.isdigit() for char in term):
        return 0
    return 1 if len(term) < 8 else 2


def _pieces(term: str, most: int) -> list[tuple[int, str]]:
    """Return pieces of a term with their offsets, of which one at least is right whatever the slips.

    Of one piece more than slips one is whole (the pigeonhole principle), but for two letters that changed places where it was cut.
    """
    cuts = [len(term) * number // (most + 1) for number in range(most + 2)]
    whole = [(first, term[first:cut]) for first, cut in pairwise(cuts)]
    return whole + [(first, term[first : cut - 1] + term[cut]) for first, cut in pairwise(cuts[:-1])]


def _found_by(number: int, entry: Entry) -> Iterator[tuple[str, _Posting]]:
    for word in words(entry.id):
        yield word, _Posting(number, CODE if word == "".join(WORD.findall(fold(entry.id))) else SUMMARY, "")
    for clinic, code in entry.codes:
        for word in words(code):
            yield word, _Posting(number, CODE, "", clinic)
    for text in entry.texts:
        title = words(text.title)
        for word in title:
            yield word, _Posting(number, TITLE + 1 / len(title), text.language)
        for synonym in text.synonyms:
            for word in words(synonym):
                yield word, _Posting(number, SYNONYM, text.language)
        for word in words(text.summary):
            yield word, _Posting(number, SUMMARY, text.language)
