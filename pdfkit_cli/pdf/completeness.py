"""Whether a finished PDF shows everything that its edition owes: each word in its order, each picture, all of it legible.

What is compared are letters: white space, hyphens (a typesetter adds some at line ends) and invisible signs do not count.
An Arabic line stands in the file from left to right. Letters of one direction keep their order whatever stands between them, so a
line is compared by its Arabic letters, reversed, and by the words and numbers that stand between two of them; only the order of several
numbers or foreign words in a row, with no Arabic letter between them, is not compared.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from pdfkit_cli.owed import Kind, Owed
from pdfkit_cli.pdf import legibility
from pdfkit_cli.pdf.glyphs import FORMS
from pdfkit_cli.pdf.legibility import Margins
from pdfkit_cli.pdf.painting import ARTIFACT, Run, meet
from pdfkit_cli.pdf.reading import Mark, Reading, ReadPage

SMALLEST_PICTURE: Final = 4.0
"""Points that a picture must measure at least, both ways."""

KEPT_TEXTS = 4000
"""Lines and texts whose letters are kept: those of a body are the same for each clinic."""

_HYPHENS = "-\N{SOFT HYPHEN}\N{HYPHEN}\N{NON-BREAKING HYPHEN}"
_SAME_GLYPH = {
    "\N{MICRO SIGN}": "\N{GREEK SMALL LETTER MU}",
    "\N{INCREMENT}": "\N{GREEK CAPITAL LETTER DELTA}",
    "\N{OHM SIGN}": "\N{GREEK CAPITAL LETTER OMEGA}",
    "\N{GREEK PHI SYMBOL}": "\N{GREEK SMALL LETTER PHI}",
    "\N{MODIFIER LETTER UNASPIRATED}": "\N{SUPERSCRIPT EQUALS SIGN}",
}
"""Signs that share a glyph in the fonts: a file has one text for each glyph, and so cannot tell them apart."""

_BRACKETS = re.compile(r"[()\[\]{}<>«»‹›]")
"""Mirrored in right-to-left text, where one glyph stands for either."""

_FROM_RIGHT = re.compile(
    r"([\u0590-\u065f\u066b-\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufefc][\u0590-\u065f\u066b-\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\s]*)"
)
_WORD = re.compile(r"\w+|[^\w\s]")
_FOOTNOTE_NUMBER = re.compile(r"\d+\.?")


class _Letters(dict[int, str | None]):
    """What becomes of each character, found out when it first comes.

    A letter and its accent count for themselves, since a font may have one glyph for both; a ligature counts for its letters.
    """

    def __missing__(self, code: int) -> str | None:
        sign = chr(code)
        drop = sign in _HYPHENS or unicodedata.category(sign)[0] in "ZC"
        self[code] = None if drop else self._parts(_SAME_GLYPH.get(sign, sign))
        return self[code]

    def _parts(self, sign: str) -> str:
        if ord(sign) in FORMS:
            return unicodedata.normalize("NFKC", sign)
        return sign if _FROM_RIGHT.match(sign) else unicodedata.normalize("NFD", sign)


_LETTERS = _Letters()


@lru_cache(maxsize=KEPT_TEXTS)
def letters(text: str) -> str:
    """Return what counts of a text."""
    return text.translate(_LETTERS)


def forget() -> None:
    """Forget the letters of every text that this process has read."""
    for kept in (letters, _of_run, _mirrored, _canonical):
        kept.cache_clear()


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


def prove(
    reading: Reading, owed: Sequence[Owed], name: str, *, right_to_left: bool = False, margins: Margins | None = None
) -> Proof:
    """Compare what a PDF shows with what it owes. `name` is that of the edition and format, for the misses."""
    proof = Proof()
    owed = [item for item in owed if letters(item.text)]
    runs = list(reading.tagged())
    found: list[tuple[Owed, str]] = []
    notes, runs = _taken_out([item for item in owed if item.kind is Kind.FOOTNOTE], runs, right_to_left, found)
    shown = (_Arabic if right_to_left else _Latin)(runs)
    ordered = [item for item in owed if item.kind in (Kind.TEXT, Kind.HEADING)]
    proof.claims = [*notes, *_in_order(ordered, shown, found)]
    proof.claims += _anywhere([item for item in owed if item.kind is Kind.FACT], shown, found)
    found += _pictures([item for item in owed if item.kind in (Kind.PICTURE, Kind.CODE)], reading)
    furniture = [item for item in owed if item.kind is Kind.FURNITURE]
    found += [miss for page in reading.pages for miss in _furniture(furniture, page, len(reading.pages), right_to_left)]
    proof.misses = [f"{item.place} · {name}: {words}" for item, words in found]
    proof.misses += _illegible(reading, proof.claims, owed, name, margins)
    return proof


def _goes_on(sign: str) -> bool:
    """Say whether a word goes on with a letter, or with the accent of the letter before."""
    return sign.isalnum() or (unicodedata.combining(sign) > 0 and not _FROM_RIGHT.match(sign))


class _Latin:
    """What is shown, as one row of letters, in reading order."""

    def __init__(self, runs: Sequence[tuple[ReadPage, Run]]) -> None:
        self.runs = runs
        self.starts: list[int] = []
        self.parts: list[str] = []
        total = 0
        for _, run in runs:
            self.starts.append(total)
            self.parts.append(_of_run(run.glyphs))
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
        if at in self._edges or not (self.whole[at - 1].isalnum() and _goes_on(self.whole[at])):
            return True
        index = bisect_right(self.starts, at) - 1
        left = at - self.starts[index]
        for sign in "".join(self.runs[index][1].glyphs):
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


class _Arabic(_Latin):
    """The same for text from right to left, found by whole lines."""

    def find(self, text: str, position: int) -> tuple[int, int] | None:
        wanted = _BRACKETS.sub("", text)
        count = len(letters(wanted))
        first = bisect_right(self.starts, position - 1) if position else 0
        if not count:
            return position, position
        for index in range(first, len(self.runs)):
            last = self._fits(wanted, index)
            if last is not None:
                return self.starts[index], self.starts[last] + len(self.parts[last])
        return self._within(wanted, first)

    def _fits(self, text: str, index: int) -> int | None:
        """Return the run with which a text ends that begins with run `index`, or None."""
        rest = text
        while index < len(self.runs):
            line = _mirrored(self.runs[index][1].glyphs)
            count = len(letters(line))
            head, rest = _cut(rest, count)
            if len(letters(head)) < count or _canonical(head, False) != _canonical(line, True):
                return None
            if not letters(rest):
                return index
            index += 1
        return None

    def _within(self, text: str, first: int) -> tuple[int, int] | None:
        """Find a text that is a part of one line."""
        wanted = _canonical(text, False)
        foreign = not _FROM_RIGHT.search(text)
        for index in range(first, len(self.runs)):
            line = _canonical(_mirrored(self.runs[index][1].glyphs), True)
            if Counter(wanted) <= Counter(line) if foreign else "".join(wanted) in "".join(line):
                return self.starts[index], self.starts[index] + len(letters(text))
        return None


@lru_cache(maxsize=KEPT_TEXTS)
def _of_run(glyphs: tuple[str, ...]) -> str:
    line = "".join(glyphs)
    return letters(_words_turned(glyphs) if _FROM_RIGHT.search(line) else line)


def _words_turned(glyphs: tuple[str, ...]) -> str:
    """Return a line from left to right, with Arabic words in it turned into their order."""
    parts: list[str] = []
    arabic: list[str] = []
    between: list[str] = []
    for glyph in glyphs:
        if _FROM_RIGHT.search(glyph):
            arabic += [*between, glyph]
            between = []
        elif arabic and not glyph.isalnum():
            between.append(glyph)
        else:
            parts += [*reversed(arabic), *between, glyph]
            arabic, between = [], []
    return "".join([*parts, *reversed(arabic), *between])


@lru_cache(maxsize=KEPT_TEXTS)
def _mirrored(glyphs: tuple[str, ...]) -> str:
    """Return a line from right to left: Arabic in its order, the rest reversed."""
    line = "".join(glyph[::-1] if _FROM_RIGHT.search(glyph) else glyph for glyph in glyphs)
    return _BRACKETS.sub("", line)[::-1]


@lru_cache(maxsize=KEPT_TEXTS)
def _canonical(text: str, mirrored: bool) -> tuple[str, ...]:
    """Return the Arabic of a text in its order, and between it the sorted words and numbers."""
    parts: list[str] = []
    for index, part in enumerate(_FROM_RIGHT.split(text)):
        if index % 2:
            parts.append(_marks_sorted(part))
        else:
            words = _WORD.findall(unicodedata.normalize("NFC", part[::-1] if mirrored else part))
            parts += sorted(word for word in map(letters, words) if word)
    return tuple(parts)


def _marks_sorted(text: str) -> str:
    """Return Arabic with the marks of each word behind it: where a mark stands in the file is the font's affair."""
    words = []
    for word in unicodedata.normalize("NFD", text).split():
        marks = sorted(sign for sign in word if unicodedata.combining(sign))
        words.append("".join(sign for sign in word if not unicodedata.combining(sign)) + "".join(marks))
    return "".join(map(letters, words))


def _cut(text: str, count: int) -> tuple[str, str]:
    """Cut a text behind so many letters."""
    seen = 0
    for at, sign in enumerate(text):
        if seen >= count and letters(sign):
            return text[:at], text[at:]
        seen += len(letters(sign))
    return text, ""


def _taken_out(
    notes: Sequence[Owed], runs: list[tuple[ReadPage, Run]], right_to_left: bool, found: list[tuple[Owed, str]]
) -> tuple[list[Claim], list[tuple[ReadPage, Run]]]:
    """Find the footnotes, which stand at the foot of a page in the middle of the text, and return the runs without them."""
    claims = []
    for note in notes:
        shown = (_Arabic if right_to_left else _Latin)(runs)
        place = shown.find(note.text, 0)
        if place is None:
            found.append((note, _lost(note.text)))
            continue
        claimed = shown.between(*place)
        claims.append(Claim(note, tuple(runs[index] for index in claimed)))
        start = claimed.start
        if start and _FOOTNOTE_NUMBER.fullmatch(shown.parts[start - 1]):
            start -= 1
        runs = runs[:start] + runs[claimed.stop :]
    return claims, runs


def _in_order(items: Sequence[Owed], shown: _Latin, found: list[tuple[Owed, str]]) -> Iterator[Claim]:
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
        yield Claim(item, tuple(shown.runs[at] for at in claimed))


def _anywhere(items: Sequence[Owed], shown: _Latin, found: list[tuple[Owed, str]]) -> Iterator[Claim]:
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
        yield Claim(item, tuple(shown.runs[at] for at in claimed))


def _furniture(items: Sequence[Owed], page: ReadPage, pages: int, right_to_left: bool) -> Iterator[tuple[Owed, str]]:
    """Yield what the margins of a page do not say. From right to left each word is looked for by itself."""
    margins = [run.glyphs for run in page.runs if run.mark == ARTIFACT]
    shown = "".join(map(_of_run, margins))
    if right_to_left:
        shown += "".join(letters(_mirrored(glyphs)) for glyphs in margins)
    for item in items:
        text = item.text.replace("{page}", str(page.number)).replace("{pages}", str(pages))
        words = text.split() if right_to_left else [text]
        if not all(letters(word) in shown for word in words):
            yield item, f"{_quoted(text)} is not in the margins of page {page.number}"


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
    reading: Reading, claims: Iterable[Claim], owed: Sequence[Owed], name: str, margins: Margins | None
) -> Iterator[str]:
    faults = [fault for page in reading.pages for fault in legibility.faults(page, margins)]
    if not faults:
        return
    owners = {id(run): claim.owed for claim in claims for _, run in claim.runs}
    following: Owed | None = None
    for _, run in reversed(list(reading.tagged())):  # a list's mark belongs to the item behind it
        following = owners.setdefault(id(run), following) if following else owners.get(id(run))
    file = next((item.file for item in owed if item.kind in (Kind.HEADING, Kind.TEXT)), "")
    for fault in faults:
        item = owners.get(id(fault.run))
        place = str(item.place) if item else file
        yield f"{place} · {name}: “{legibility.excerpt(fault.run)}” {fault.why}, on page {fault.page.number}"


def _lost(text: str) -> str:
    return f"{_quoted(text)} is not on the page"


def _quoted(text: str) -> str:
    words = " ".join(text.split())
    return f"“{words if len(words) <= 80 else words[:79] + '…'}”"
