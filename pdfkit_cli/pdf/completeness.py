"""Whether a finished PDF shows everything that its edition owes: each word in its order, each picture, all of it legible.

What is compared are letters (see `spelling`), in the order of reading (see `aloud`), whatever the direction of the text.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from pdfkit_cli.owed import Kind, Owed
from pdfkit_cli.pdf import aloud, bidi, crowding, legibility
from pdfkit_cli.pdf.crowding import Crowded
from pdfkit_cli.pdf.legibility import Margins
from pdfkit_cli.pdf.painting import ARTIFACT, Run, meet
from pdfkit_cli.pdf.reading import Mark, Reading, ReadPage
from pdfkit_cli.pdf.spelling import goes_on, letters

SMALLEST_PICTURE: Final = 4.0
"""Points that a picture must measure at least, both ways."""

_MOST_MARKS: Final = 8
"""Accents that are looked back over for their letter."""

_FOOTNOTE_NUMBER = re.compile(r"\d+\.?")


@dataclass(frozen=True, slots=True)
class Claim:
    """Where an owed text was found: the runs that show it, and on which pages."""

    owed: Owed
    runs: tuple[tuple[ReadPage, Run], ...]


@dataclass(slots=True)
class Proof:
    """What came of reading a PDF: what is wrong, and where each text stands, in the order of the text."""

    misses: list[str] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    crowded: Crowded = field(default_factory=Crowded)


_Said: TypeAlias = tuple[ReadPage, Run, str]
"""A run, its page, and what it says."""


def prove(
    reading: Reading, owed: Sequence[Owed], name: str, *, right_to_left: bool = False, margins: Margins | None = None
) -> Proof:
    """Compare what a PDF shows with what it owes. `name` is that of the edition and format, for the misses."""
    proof = Proof()
    owed = [item for item in owed if letters(item.text)]
    runs = list(aloud.tagged(reading))
    found: list[tuple[Owed, str]] = []
    notes, runs = _taken_out([item for item in owed if item.kind is Kind.FOOTNOTE], runs, found)
    shown = _Shown(runs)
    ordered = [item for item in owed if item.kind in (Kind.TEXT, Kind.HEADING)]
    proof.claims = [*notes, *_in_order(ordered, shown, found)]
    proof.claims += _anywhere([item for item in owed if item.kind is Kind.FACT], shown, found)
    found += _pictures([item for item in owed if item.kind in (Kind.PICTURE, Kind.CODE)], reading)
    furniture = [item for item in owed if item.kind is Kind.FURNITURE]
    found += [miss for page in reading.pages for miss in _furniture(furniture, page, len(reading.pages), right_to_left)]
    faults = list(_illegible(reading, proof.claims, margins))
    claimed = ((claim.owed, claim.runs) for claim in proof.claims)
    proof.crowded = crowding.crowded(claimed, faults, [item for item, _ in found], margins)
    found += proof.crowded.said.items()
    said = proof.crowded.said
    proof.misses = [
        f"{item.place} · {name}: {words}"
        for item, words in found
        if said.get(item) == words or not proof.crowded.covers(item)
    ]
    file = next((item.file for item in owed if item.kind in (Kind.HEADING, Kind.TEXT)), "")
    proof.misses += [
        f"{item.place if item else file} · {name}: “{legibility.excerpt(fault.run)}” {fault.why}, on page {fault.page.number}"
        for item, fault in faults
        if not proof.crowded.covers(item, fault.page.number)
    ]
    return proof


class _Shown:
    """What is shown, as one row of letters, in reading order."""

    def __init__(self, runs: Sequence[_Said]) -> None:
        self.runs = runs
        self.starts: list[int] = []
        self.parts: list[str] = []
        total = 0
        for _, _, text in runs:
            self.starts.append(total)
            self.parts.append(letters(text))
            total += len(self.parts[-1])
        self.whole = "".join(self.parts)
        self.free = [True] * len(runs)
        self._edges = set(self.starts) | {total}

    def find(self, text: str, position: int) -> tuple[int, int] | None:
        """Return where the letters of a text stand, from a position on, as whole words."""
        wanted = letters(text)
        start = self.whole.find(wanted, position)
        while start >= 0:
            end = start + len(wanted)
            if self._parts_words(start) and self._parts_words(end):
                return start, end
            start = self.whole.find(wanted, start + 1)
        return None

    def _parts_words(self, at: int) -> bool:
        if at in self._edges or not goes_on(self.whole[max(0, at - _MOST_MARKS) : at], self.whole[at : at + 1]):
            return True
        index = bisect_right(self.starts, at) - 1
        left = at - self.starts[index]
        for sign in self.runs[index][2]:
            if size := len(letters(sign)):
                if left < size:
                    return False
                left -= size
            elif not left and sign.isspace():
                return True
        return False

    def between(self, start: int, end: int) -> range:
        """Return the indices of the runs that show a stretch of letters."""
        first, last = bisect_right(self.starts, start) - 1, bisect_right(self.starts, end - 1) - 1
        return range(first, last + 1)


def _at_the_foot(text: str, shown: _Shown) -> tuple[int, int] | None:
    """Return where the letters of a footnote stand: behind its number, where the same words stand elsewhere, too."""
    first = place = shown.find(text, 0)
    while place:
        start = shown.between(*place).start
        if start and _FOOTNOTE_NUMBER.fullmatch(shown.parts[start - 1]):
            return place
        place = shown.find(text, place[0] + 1)
    return first


def _taken_out(
    notes: Sequence[Owed], runs: list[_Said], found: list[tuple[Owed, str]]
) -> tuple[list[Claim], list[_Said]]:
    """Find the footnotes, which stand at the foot of a page in the middle of the text, and return the runs without them."""
    claims = []
    for note in notes:
        shown = _Shown(runs)
        place = _at_the_foot(note.text, shown)
        if place is None:
            found.append((note, _lost(note.text)))
            continue
        claimed = shown.between(*place)
        claims.append(Claim(note, tuple(runs[index][:2] for index in claimed)))
        start = claimed.start
        if start and _FOOTNOTE_NUMBER.fullmatch(shown.parts[start - 1]):
            start -= 1
        runs = runs[:start] + runs[claimed.stop :]
    return claims, runs


def _in_order(items: Sequence[Owed], shown: _Shown, found: list[tuple[Owed, str]]) -> Iterator[Claim]:
    """Find each text behind the one before it. One that would be found only by passing over its successor is out of order."""
    position = 0
    for index, item in enumerate(items):
        place = shown.find(item.text, position)
        if place and place[0] > position and index + 1 < len(items):
            following = shown.find(items[index + 1].text, position)
            # Its successor stands before it: unless that, too, stands again behind it, this one is not where it should be.
            if following and following[0] < place[0] and shown.find(items[index + 1].text, place[1]) is None:
                place = None
        if place is None:
            elsewhere = shown.find(item.text, 0)
            found.append((item, _lost(item.text) if elsewhere is None else f"{_quoted(item.text)} is not in its order"))
            continue
        claimed = shown.between(*place)
        for at in claimed:
            shown.free[at] = False
        position = place[1]
        yield Claim(item, tuple(shown.runs[at][:2] for at in claimed))


def _anywhere(items: Sequence[Owed], shown: _Shown, found: list[tuple[Owed, str]]) -> Iterator[Claim]:
    """Find each fact in a place of its own, among what no text has claimed."""
    for item in items:
        place = shown.find(item.text, 0)
        while place and place[1] > place[0] and not all(shown.free[at] for at in shown.between(*place)):
            place = shown.find(item.text, place[1])
        if place is None:
            found.append((item, _lost(item.text)))
            continue
        claimed = shown.between(*place)
        # A line that has more than this fact on it may have another one.
        if sum(len(shown.parts[at]) for at in claimed) == place[1] - place[0]:
            for at in claimed:
                shown.free[at] = False
        yield Claim(item, tuple(shown.runs[at][:2] for at in claimed))


def _furniture(items: Sequence[Owed], page: ReadPage, pages: int, right_to_left: bool) -> Iterator[tuple[Owed, str]]:
    """Yield what the margins of a page do not say. From right to left each word is looked for by itself."""
    margins = [run.glyphs for run in page.runs if run.mark == ARTIFACT]
    shown = "".join(letters("".join(glyphs)) for glyphs in margins)
    for item in items:
        text = item.text.replace("{page}", str(page.number)).replace("{pages}", str(pages))
        words = text.split() if right_to_left or bidi.goes_right_to_left(text) else [text]
        if not all(_in_margin(word, margins, shown, right_to_left) for word in words):
            yield item, f"{_quoted(text)} is not in the margins of page {page.number}"


def _in_margin(word: str, margins: Sequence[tuple[str, ...]], shown: str, right_to_left: bool) -> bool:
    if not bidi.goes_right_to_left(word):
        return letters(word) in shown
    return any(bidi.stands_in(word, glyphs, right_to_left, letters) for glyphs in margins)


def _pictures(items: Sequence[Owed], reading: Reading) -> Iterator[tuple[Owed, str]]:
    """Yield the pictures that are not painted, by their alternative texts."""
    described = Counter(alt for alt, _ in drawn_pictures(reading))
    empty = Counter(letters(element.alt or "") for element in reading.described) - described
    for item in items:
        alt = letters(item.text)
        if described[alt]:
            described[alt] -= 1
        elif empty[alt]:
            empty[alt] -= 1
            yield item, f"the picture {_quoted(item.text)} is empty, or too small to be seen"
        else:
            yield item, f"the picture {_quoted(item.text)} is not on the page"


def drawn_pictures(reading: Reading) -> Iterator[tuple[str, set[int]]]:
    """Yield the pictures that are large enough to be seen: the letters of their alternative texts, the streams that paint them."""
    sizes = _sizes(reading)
    for element in reading.described:
        width, height = sizes.get(element.marks, (0.0, 0.0))
        if width >= SMALLEST_PICTURE and height >= SMALLEST_PICTURE:
            yield letters(element.alt or ""), {stream for stream, _ in element.marks}


def _sizes(reading: Reading) -> dict[tuple[Mark, ...], tuple[float, float]]:
    """Return width and height in points of what each described element paints inside its page and its clip."""
    boxes: dict[Mark, list[tuple[float, float, float, float]]] = {}
    wanted = {mark for element in reading.described for mark in element.marks}
    for page in reading.pages:
        for ink in page.inks:
            mark = ink.stream, ink.mark
            if mark in wanted:
                seen = meet(meet(ink.box, ink.clip), page.box)
                if seen[0] < seen[2] and seen[1] < seen[3]:
                    boxes.setdefault(mark, []).append(seen)
    sizes = {}
    for element in reading.described:
        parts = [box for mark in element.marks for box in boxes.get(mark, ())]
        if parts:
            lefts, bottoms, rights, tops = zip(*parts, strict=True)
            sizes[element.marks] = max(rights) - min(lefts), max(tops) - min(bottoms)
    return sizes


def _illegible(
    reading: Reading, claims: Iterable[Claim], margins: Margins | None
) -> Iterator[tuple[Owed | None, legibility.Fault]]:
    """Yield what cannot be read, with the text that it belongs to."""
    faults = [fault for page in reading.pages for fault in legibility.faults(page, margins)]
    if not faults:
        return
    owners = {id(run): claim.owed for claim in claims for _, run in claim.runs}
    following: Owed | None = None
    for _, run in reversed(list(reading.tagged())):  # a list's mark belongs to the item behind it
        following = owners.setdefault(id(run), following) if following else owners.get(id(run))
    yield from ((owners.get(id(fault.run)), fault) for fault in faults)


def _lost(text: str) -> str:
    return f"{_quoted(text)} is not on the page"


def _quoted(text: str) -> str:
    words = " ".join(text.split())
    return f"“{words if len(words) <= 80 else words[:79] + '…'}”"
