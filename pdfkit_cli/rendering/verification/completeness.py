"""Whether a finished PDF shows everything that its edition owes: each word in its order, each picture, all of it legible.

What is compared are letters (see `spelling`), in the order of reading (see `aloud`), whatever the direction of the text.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from pdfkit_cli.pdf.geometry import intersect
from pdfkit_cli.pdf.reader import aloud, bidi
from pdfkit_cli.pdf.reader.content_stream import ARTIFACT, TextRun
from pdfkit_cli.pdf.reader.document import Mark, PageContent, PdfContent
from pdfkit_cli.pdf.reader.spelling import comparable_letters, word_continues
from pdfkit_cli.rendering.verification import crowding, legibility
from pdfkit_cli.rendering.verification.crowding import Overflow
from pdfkit_cli.rendering.verification.expected_content import ContentKind, ExpectedItem
from pdfkit_cli.rendering.verification.legibility import Margins

MIN_IMAGE_SIZE: Final = 4.0
"""Points that a picture must measure at least, both ways."""

_MOST_MARKS: Final = 8
"""Accents that are looked back over for their letter."""

_FOOTNOTE_NUMBER = re.compile(r"\d+\.?")


@dataclass(frozen=True, slots=True)
class Match:
    """Where an owed text was found: the runs that show it, and on which pages."""

    expected: ExpectedItem
    runs: tuple[tuple[PageContent, TextRun], ...]


@dataclass(slots=True)
class CompletenessReport:
    """What came of reading a PDF: what is wrong, and where each text stands, in the order of the text."""

    misses: list[str] = field(default_factory=list)
    claims: list[Match] = field(default_factory=list)
    crowded: Overflow = field(default_factory=Overflow)


_SpokenRuns: TypeAlias = tuple[PageContent, TextRun, str]
"""A run, its page, and what it says."""


def verify_content(
    reading: PdfContent,
    expected: Sequence[ExpectedItem],
    name: str,
    *,
    right_to_left: bool = False,
    margins: Margins | None = None,
) -> CompletenessReport:
    """Compare what a PDF shows with what it owes. `name` is that of the edition and format, for the misses."""
    proof = CompletenessReport()
    expected = [item for item in expected if comparable_letters(item.text)]
    runs = list(aloud.tagged_runs(reading))
    found: list[tuple[ExpectedItem, str]] = []
    notes, runs = _extract_footnotes([item for item in expected if item.kind is ContentKind.FOOTNOTE], runs, found)
    shown = _ShownText(runs)
    ordered = [item for item in expected if item.kind in (ContentKind.TEXT, ContentKind.HEADING)]
    proof.claims = [*notes, *_match_in_order(ordered, shown, found)]
    proof.claims += _match_anywhere([item for item in expected if item.kind is ContentKind.FACT], shown, found)
    found += _missing_images(
        [item for item in expected if item.kind in (ContentKind.PICTURE, ContentKind.CODE)], reading
    )
    furniture = [item for item in expected if item.kind is ContentKind.FURNITURE]
    found += [
        miss
        for page in reading.pages
        for miss in _missing_furniture(furniture, page, len(reading.pages), right_to_left)
    ]
    faults = list(_illegible_texts(reading, proof.claims, margins))
    claimed = ((claim.expected, claim.runs) for claim in proof.claims)
    proof.crowded = crowding.find_overflow(claimed, faults, [item for item, _ in found], margins)
    found += proof.crowded.said.items()
    said = proof.crowded.said
    proof.misses = [
        f"{item.place} · {name}: {words}"
        for item, words in found
        if said.get(item) == words or not proof.crowded.covers(item)
    ]
    file = next((item.file for item in expected if item.kind in (ContentKind.HEADING, ContentKind.TEXT)), "")
    proof.misses += [
        f"{item.place if item else file} · {name}: {fault}"
        for item, fault in faults
        if not proof.crowded.covers(item, fault.page.number)
    ]
    return proof


class _ShownText:
    """What is shown, as one row of letters, in reading order."""

    def __init__(self, runs: Sequence[_SpokenRuns]) -> None:
        self.runs = runs
        self.starts: list[int] = []
        self.parts: list[str] = []
        total = 0
        for _, _, text in runs:
            self.starts.append(total)
            self.parts.append(comparable_letters(text))
            total += len(self.parts[-1])
        self.whole = "".join(self.parts)
        self.free = [True] * len(runs)
        self._edges = set(self.starts) | {total}

    def find(self, text: str, position: int) -> tuple[int, int] | None:
        """Return where the letters of a text stand, from a position on, as whole words."""
        wanted = comparable_letters(text)
        start = self.whole.find(wanted, position)
        while start >= 0:
            end = start + len(wanted)
            if self._parts_words(start) and self._parts_words(end):
                return start, end
            start = self.whole.find(wanted, start + 1)
        return None

    def _parts_words(self, at: int) -> bool:
        if at in self._edges or not word_continues(self.whole[max(0, at - _MOST_MARKS) : at], self.whole[at : at + 1]):
            return True
        index = bisect_right(self.starts, at) - 1
        left = at - self.starts[index]
        for sign in self.runs[index][2]:
            if size := len(comparable_letters(sign)):
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


def _find_footnote(text: str, shown: _ShownText) -> tuple[int, int] | None:
    """Return where the letters of a footnote stand: behind its number, where the same words stand elsewhere, too."""
    first = place = shown.find(text, 0)
    while place:
        start = shown.between(*place).start
        if start and _FOOTNOTE_NUMBER.fullmatch(shown.parts[start - 1]):
            return place
        place = shown.find(text, place[0] + 1)
    return first


def _extract_footnotes(
    notes: Sequence[ExpectedItem], runs: list[_SpokenRuns], found: list[tuple[ExpectedItem, str]]
) -> tuple[list[Match], list[_SpokenRuns]]:
    """Find the footnotes, which stand at the foot of a page in the middle of the text, and return the runs without them."""
    claims = []
    for note in notes:
        shown = _ShownText(runs)
        place = _find_footnote(note.text, shown)
        if place is None:
            found.append((note, _missing_text(note.text)))
            continue
        claimed = shown.between(*place)
        claims.append(Match(note, tuple(runs[index][:2] for index in claimed)))
        start = claimed.start
        if start and _FOOTNOTE_NUMBER.fullmatch(shown.parts[start - 1]):
            start -= 1
        runs = runs[:start] + runs[claimed.stop :]
    return claims, runs


def _match_in_order(
    items: Sequence[ExpectedItem], shown: _ShownText, found: list[tuple[ExpectedItem, str]]
) -> Iterator[Match]:
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
            found.append(
                (item, _missing_text(item.text) if elsewhere is None else f"{_quote(item.text)} is not in its order")
            )
            continue
        claimed = shown.between(*place)
        for at in claimed:
            shown.free[at] = False
        position = place[1]
        yield Match(item, tuple(shown.runs[at][:2] for at in claimed))


def _match_anywhere(
    items: Sequence[ExpectedItem], shown: _ShownText, found: list[tuple[ExpectedItem, str]]
) -> Iterator[Match]:
    """Find each fact in a place of its own, among what no text has claimed."""
    for item in items:
        place = shown.find(item.text, 0)
        while place and place[1] > place[0] and not all(shown.free[at] for at in shown.between(*place)):
            place = shown.find(item.text, place[1])
        if place is None:
            found.append((item, _missing_text(item.text)))
            continue
        claimed = shown.between(*place)
        # A line that has more than this fact on it may have another one.
        if sum(len(shown.parts[at]) for at in claimed) == place[1] - place[0]:
            for at in claimed:
                shown.free[at] = False
        yield Match(item, tuple(shown.runs[at][:2] for at in claimed))


def _missing_furniture(
    items: Sequence[ExpectedItem], page: PageContent, pages: int, right_to_left: bool
) -> Iterator[tuple[ExpectedItem, str]]:
    """Yield what the margins of a page do not say. From right to left each word is looked for by itself."""
    margins = [run.glyphs for run in page.runs if run.mark == ARTIFACT]
    shown = "".join(comparable_letters("".join(glyphs)) for glyphs in margins)
    for item in items:
        text = item.text.replace("{page}", str(page.number)).replace("{pages}", str(pages))
        words = text.split() if right_to_left or bidi.has_right_to_left(text) else [text]
        if not all(_is_in_margin(word, margins, shown, right_to_left) for word in words):
            yield item, f"{_quote(text)} is not in the margins of page {page.number}"


def _is_in_margin(word: str, margins: Sequence[tuple[str, ...]], shown: str, right_to_left: bool) -> bool:
    if not bidi.has_right_to_left(word):
        return comparable_letters(word) in shown
    return any(bidi.contains_visual_order(word, glyphs, right_to_left, comparable_letters) for glyphs in margins)


def _missing_images(items: Sequence[ExpectedItem], reading: PdfContent) -> Iterator[tuple[ExpectedItem, str]]:
    """Yield the pictures that are not painted, by their alternative texts."""
    described = Counter(alt for alt, _ in painted_images(reading))
    empty = Counter(comparable_letters(element.alt or "") for element in reading.described) - described
    for item in items:
        alt = comparable_letters(item.text)
        if described[alt]:
            described[alt] -= 1
        elif empty[alt]:
            empty[alt] -= 1
            yield item, f"the picture {_quote(item.text)} is empty, or too small to be seen"
        else:
            yield item, f"the picture {_quote(item.text)} is not on the page"


def painted_images(reading: PdfContent) -> Iterator[tuple[str, set[int]]]:
    """Yield the pictures that are large enough to be seen: the letters of their alternative texts, the streams that paint them."""
    sizes = _image_sizes(reading)
    for element in reading.described:
        width, height = sizes.get(element.marks, (0.0, 0.0))
        if width >= MIN_IMAGE_SIZE and height >= MIN_IMAGE_SIZE:
            yield comparable_letters(element.alt or ""), {stream for stream, _ in element.marks}


def _image_sizes(reading: PdfContent) -> dict[tuple[Mark, ...], tuple[float, float]]:
    """Return width and height in points of what each described element paints inside its page and its clip."""
    boxes: dict[Mark, list[tuple[float, float, float, float]]] = {}
    wanted = {mark for element in reading.described for mark in element.marks}
    for page in reading.pages:
        for ink in page.inks:
            mark = ink.stream, ink.mark
            if mark in wanted:
                seen = intersect(intersect(ink.box, ink.clip), page.box)
                if seen[0] < seen[2] and seen[1] < seen[3]:
                    boxes.setdefault(mark, []).append(seen)
    sizes = {}
    for element in reading.described:
        parts = [box for mark in element.marks for box in boxes.get(mark, ())]
        if parts:
            lefts, bottoms, rights, tops = zip(*parts, strict=True)
            sizes[element.marks] = max(rights) - min(lefts), max(tops) - min(bottoms)
    return sizes


def _illegible_texts(
    reading: PdfContent, claims: Iterable[Match], margins: Margins | None
) -> Iterator[tuple[ExpectedItem | None, legibility.IllegibleRun]]:
    """Yield what cannot be read, with the text that it belongs to."""
    faults = [fault for page in reading.pages for fault in legibility.find_illegible(page, margins)]
    if not faults:
        return
    owners = {id(run): claim.expected for claim in claims for _, run in claim.runs}
    following: ExpectedItem | None = None
    for _, run in reversed(list(reading.tagged())):  # a list's mark belongs to the item behind it
        following = owners.setdefault(id(run), following) if following else owners.get(id(run))
    yield from ((owners.get(id(fault.run)), fault) for fault in faults)


def _missing_text(text: str) -> str:
    return f"{_quote(text)} is not on the page"


def _quote(text: str) -> str:
    words = " ".join(text.split())
    return f"“{words if len(words) <= 80 else words[:79] + '…'}”"
