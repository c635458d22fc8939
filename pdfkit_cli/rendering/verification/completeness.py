"""Checks that a finished PDF shows everything that its edition must contain: each word in order, each picture, all legible.

Letters are compared (see `spelling`) in reading order (see `aloud`), whatever the direction of the text.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from pdfkit_cli.pdf.geometry import Box, contains, intersect
from pdfkit_cli.pdf.reader import aloud, bidi
from pdfkit_cli.pdf.reader.content_stream import ARTIFACT, TextRun
from pdfkit_cli.pdf.reader.document import Mark, PageContent, PdfContent
from pdfkit_cli.pdf.reader.spelling import comparable_letters, word_continues
from pdfkit_cli.rendering.verification import crowding, legibility
from pdfkit_cli.rendering.verification.crowding import Overflow
from pdfkit_cli.rendering.verification.expected_item import PICTURES, ContentKind, ExpectedItem
from pdfkit_cli.rendering.verification.legibility import MARGIN_TOLERANCE, Margins, text_area
from pdfkit_cli.rendering.verification.shaping import Shaper

MIN_IMAGE_SIZE: Final = 4.0
"""The least width and height of a picture in points."""

_MOST_MARKS: Final = 8
"""The most combining marks between a letter and the end of a text."""

_FOOTNOTE_NUMBER = re.compile(r"\d+\.?")


@dataclass(frozen=True, slots=True)
class Match:
    """Where an expected text was found: the runs that show it, each with its page."""

    expected: ExpectedItem
    runs: tuple[tuple[PageContent, TextRun], ...]


@dataclass(frozen=True, slots=True)
class CompletenessReport:
    """The result of reading a PDF back.

    It contains the problems as messages, the place of each text in the order of the text, and the content that does not fit a page.
    """

    misses: tuple[str, ...]
    matches: tuple[Match, ...]
    overflow: Overflow


_SpokenRun: TypeAlias = tuple[PageContent, TextRun, str]
"""A run, its page, and its text as read aloud."""

_Misses: TypeAlias = list[tuple[ExpectedItem, str]]
"""Expected items that were not found, and the problem with each."""


def verify_content(
    reading: PdfContent,
    expected: Sequence[ExpectedItem],
    name: str,
    *,
    right_to_left: bool = False,
    margins: Margins | None = None,
    shaper: Shaper | None = None,
) -> CompletenessReport:
    """Compare the content of a PDF with the expected content. `name` identifies the edition and format in messages.

    `shaper` knows the fonts of the page; without it, glyphs that are marked with their text are believed.
    """
    expected = [item for item in expected if comparable_letters(item.text)]
    missing: _Misses = []
    notes, runs = _extract_footnotes(_of_kind(expected, ContentKind.FOOTNOTE), aloud.tagged_runs(reading), missing)
    shown = _ShownText(runs)
    text = _of_kind(expected, ContentKind.TEXT, ContentKind.HEADING)
    matches = [*notes, *_match_in_order(text, shown, missing)]
    matches += _match_anywhere(_of_kind(expected, ContentKind.FACT), shown, missing)
    missing += _missing_images(_of_kind(expected, *PICTURES), reading)
    missing += _overhanging_images(_of_kind(expected, *PICTURES), reading, margins)
    furniture = _of_kind(expected, ContentKind.FURNITURE)
    for page in reading.pages:
        missing += _missing_furniture(furniture, page, len(reading.pages), right_to_left)
    illegible = list(_illegible_texts(reading, matches, margins, shaper))
    found = ((match.expected, match.runs) for match in matches)
    overflow = crowding.find_overflow(found, illegible, [item for item, _ in missing], margins)
    missing = [(item, words) for item, words in missing if not overflow.covers(item)]
    file = text[0].file if text else ""
    messages = [
        *(f"{item.place} · {name}: {words}" for item, words in (*missing, *overflow.messages.items())),
        *(
            f"{item.place if item else file} · {name}: {fault}"
            for item, fault in illegible
            if not overflow.covers(item, fault.page.number)
        ),
    ]
    return CompletenessReport(tuple(messages), tuple(matches), overflow)


def _of_kind(expected: Iterable[ExpectedItem], *kinds: ContentKind) -> list[ExpectedItem]:
    return [item for item in expected if item.kind in kinds]


class _ShownText:
    """The letters that are shown, in reading order."""

    def __init__(self, runs: Sequence[_SpokenRun]) -> None:
        self.runs = runs
        self.starts: list[int] = []
        self.parts: list[str] = []
        total = 0
        for _, _, text in runs:
            self.starts.append(total)
            self.parts.append(comparable_letters(text))
            total += len(self.parts[-1])
        self.letters = "".join(self.parts)
        self.free = [True] * len(runs)
        self._edges = set(self.starts) | {total}

    def find(self, text: str, position: int) -> tuple[int, int] | None:
        """Return the first place of a text, as complete words, from a position on."""
        wanted = comparable_letters(text)
        start = self.letters.find(wanted, position)
        while start >= 0:
            end = start + len(wanted)
            if self._separates_words(start) and self._separates_words(end):
                return start, end
            start = self.letters.find(wanted, start + 1)
        return None

    def _separates_words(self, at: int) -> bool:
        if at in self._edges or not word_continues(
            self.letters[max(0, at - _MOST_MARKS) : at], self.letters[at : at + 1]
        ):
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
        """Return the indices of the runs that show the letters of a range."""
        first, last = bisect_right(self.starts, start) - 1, bisect_right(self.starts, end - 1) - 1
        return range(first, last + 1)

    def match(self, item: ExpectedItem, place: tuple[int, int], *, keep_free: bool = False) -> Match:
        """Return the match of an item in a place; its runs are not available for other items any more."""
        matched = self.between(*place)
        for at in matched:
            self.free[at] = self.free[at] and keep_free
        return Match(item, tuple(self.runs[at][:2] for at in matched))


def _find_footnote(text: str, shown: _ShownText) -> tuple[int, int] | None:
    """Return the place of a footnote: the one after a number, if the same words occur several times."""
    first = place = shown.find(text, 0)
    while place:
        start = shown.between(*place).start
        if start and _FOOTNOTE_NUMBER.fullmatch(shown.parts[start - 1]):
            return place
        place = shown.find(text, place[0] + 1)
    return first


def _extract_footnotes(
    notes: Sequence[ExpectedItem], tagged: Iterable[_SpokenRun], missing: _Misses
) -> tuple[list[Match], list[_SpokenRun]]:
    """Find the footnotes, which interrupt the text at the foot of a page, and return the runs without them."""
    matches, runs = [], list(tagged)
    for note in notes:
        shown = _ShownText(runs)
        place = _find_footnote(note.text, shown)
        if place is None:
            missing.append((note, _missing_text(note.text)))
            continue
        matched = shown.between(*place)
        matches.append(Match(note, tuple(runs[index][:2] for index in matched)))
        start = matched.start
        if start and _FOOTNOTE_NUMBER.fullmatch(shown.parts[start - 1]):
            start -= 1
        runs = runs[:start] + runs[matched.stop :]
    return matches, runs


def _match_in_order(items: Sequence[ExpectedItem], shown: _ShownText, missing: _Misses) -> Iterator[Match]:
    """Find each text after the previous one. A text that is found only after its successor is out of order."""
    position = 0
    for index, item in enumerate(items):
        place = shown.find(item.text, position)
        if place and place[0] > position and index + 1 < len(items):
            following = shown.find(items[index + 1].text, position)
            # The next text comes before it: unless that occurs again after it, this one is out of order.
            if following and following[0] < place[0] and shown.find(items[index + 1].text, place[1]) is None:
                place = None
        if place is None:
            elsewhere = shown.find(item.text, 0)
            out_of_order = f"{_quote(item.text)} is not in its order"
            missing.append((item, _missing_text(item.text) if elsewhere is None else out_of_order))
            continue
        position = place[1]
        yield shown.match(item, place)


def _match_anywhere(items: Sequence[ExpectedItem], shown: _ShownText, missing: _Misses) -> Iterator[Match]:
    """Find each fact in a place of its own, in runs that show no other text."""
    for item in items:
        place = shown.find(item.text, 0)
        while place and place[1] > place[0] and not all(shown.free[at] for at in shown.between(*place)):
            place = shown.find(item.text, place[1])
        if place is None:
            missing.append((item, _missing_text(item.text)))
            continue
        # A line that contains more than this fact may contain another one.
        alone = sum(len(shown.parts[at]) for at in shown.between(*place)) == place[1] - place[0]
        yield shown.match(item, place, keep_free=not alone)


def _missing_furniture(
    items: Sequence[ExpectedItem], page: PageContent, pages: int, right_to_left: bool
) -> Iterator[tuple[ExpectedItem, str]]:
    """Yield the furniture missing from the margins of a page. Right-to-left text is searched word by word."""
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
    """Yield the pictures that are not painted, identified by their alternative texts."""
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


def _overhanging_images(
    items: Iterable[ExpectedItem], reading: PdfContent, margins: Margins | None
) -> Iterator[tuple[ExpectedItem, str]]:
    """Yield the pictures that run over the edge of the page, or with `margins` into them."""
    shown = image_boxes(reading)
    overhanging: dict[str, int] = {}
    for element in reading.described:
        for page, box in shown.get(element.marks, ()):
            if not contains(text_area(page.box, margins) if margins else page.box, box, MARGIN_TOLERANCE):
                overhanging.setdefault(comparable_letters(element.alt or ""), page.number)
    for item in items:
        if page_number := overhanging.pop(comparable_letters(item.text), 0):
            yield item, f"the picture {_quote(item.text)} runs out of the text area of page {page_number}"


def painted_images(reading: PdfContent) -> Iterator[tuple[str, set[int]]]:
    """Yield the pictures that are large enough to be seen: the letters of their alternative texts, and the streams that paint them."""
    sizes = _image_sizes(reading)
    for element in reading.described:
        width, height = sizes.get(element.marks, (0.0, 0.0))
        if width >= MIN_IMAGE_SIZE and height >= MIN_IMAGE_SIZE:
            yield comparable_letters(element.alt or ""), {stream for stream, _ in element.marks}


def _image_sizes(reading: PdfContent) -> dict[tuple[Mark, ...], tuple[float, float]]:
    """Return the width and height in points of what each described element paints inside the page and the clip."""
    sizes = {}
    for marks, shown in image_boxes(reading).items():
        parts = [seen for page, box in shown if (seen := intersect(box, page.box))[0] < seen[2] and seen[1] < seen[3]]
        if parts:
            lefts, bottoms, rights, tops = zip(*parts, strict=True)
            sizes[marks] = max(rights) - min(lefts), max(tops) - min(bottoms)
    return sizes


def image_boxes(reading: PdfContent) -> dict[tuple[Mark, ...], list[tuple[PageContent, Box]]]:
    """Return the page and the box inside the clip of everything that each described element paints."""
    boxes: dict[Mark, list[tuple[PageContent, Box]]] = {}
    wanted = {mark for element in reading.described for mark in element.marks}
    for page in reading.pages:
        for ink in page.inks:
            mark = ink.stream, ink.mark
            seen = intersect(ink.box, ink.clip)
            if mark in wanted and seen[0] < seen[2] and seen[1] < seen[3]:
                boxes.setdefault(mark, []).append((page, seen))
    return {
        element.marks: [part for mark in element.marks for part in boxes.get(mark, ())] for element in reading.described
    }


def _illegible_texts(
    reading: PdfContent, matches: Iterable[Match], margins: Margins | None, shaper: Shaper | None
) -> Iterator[tuple[ExpectedItem | None, legibility.IllegibleRun]]:
    """Yield the runs that cannot be read, with the text that each belongs to."""
    faults = [fault for page in reading.pages for fault in legibility.find_illegible(page, margins)]
    faults += [
        legibility.IllegibleRun(page, run, legibility.IllegibleReason.OTHER_GLYPHS)
        for page in reading.pages
        for run in page.runs
        if run.shaping and shaper and not shaper.paints_its_text(run)
    ]
    if not faults:
        return
    owners = {id(run): match.expected for match in matches for _, run in match.runs}
    following: ExpectedItem | None = None
    for _, run in reversed(list(reading.tagged())):  # a list marker belongs to the item after it
        following = owners.setdefault(id(run), following) if following else owners.get(id(run))
    yield from ((owners.get(id(fault.run)), fault) for fault in faults)


def _missing_text(text: str) -> str:
    return f"{_quote(text)} is not on the page"


def _quote(text: str) -> str:
    words = " ".join(text.split())
    return f"“{words if len(words) <= 80 else words[:79] + '…'}”"
