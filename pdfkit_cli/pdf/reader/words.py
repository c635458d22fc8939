"""The words of a finished PDF in reading order, each with its position, and the differences from those of another PDF."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from pdfkit_cli.pdf.geometry import Box
from pdfkit_cli.pdf.reader import aloud
from pdfkit_cli.pdf.reader.content_stream import ARTIFACT, TextRun
from pdfkit_cli.pdf.reader.document import PageContent, PdfContent

SPACE: Final = 0.12
"""Smallest gap in ems between two runs of a line that counts as a space: a space is 0.2 em in Source Sans 3."""

SAME_LINE: Final = 2.0
"""Points by which the baselines in one line may differ."""

MAX_WORDS: Final = 20_000
"""Largest number of words compared, from the beginning: a long guideline has 6,000."""

CONTEXT_WORDS: Final = 3
"""Words shown before and after a change."""

_BIDI_CONTROLS = dict.fromkeys([0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Characters that control the direction of a text, and are not part of a word."""
_HYPHENS = re.compile("[-\u00ad\u2010\u2011]")


@dataclass(frozen=True, slots=True)
class PositionedWord:
    """A word as it is painted: its page (from 1), and its boxes, one for each line that it is on, in points of that page."""

    text: str
    page: int
    boxes: tuple[Box, ...]

    @property
    def letters(self) -> str:
        """The word without hyphens, which it may have at a line end."""
        return _HYPHENS.sub("", unicodedata.normalize("NFC", self.text))


@dataclass(frozen=True, slots=True)
class WordChange:
    """Words that were replaced by others; either may be empty. `lead` and `tail` are the words before and after them."""

    gone: tuple[PositionedWord, ...]
    new: tuple[PositionedWord, ...]
    lead: str
    tail: str


def body_words(shown: PdfContent) -> tuple[PositionedWord, ...]:
    """Return the words of the text in reading order, without those in the margins of each page."""
    texts = aloud.replacement_text(shown)
    runs = ((page, run, texts.get(id(run)) or aloud.text_from_glyphs(run)) for page, run in shown.tagged())
    return tuple(_words(runs))[:MAX_WORDS]


def margin_words(shown: PdfContent) -> tuple[tuple[PositionedWord, ...], ...]:
    """Return the words in the margins, page by page."""
    return tuple(
        tuple(_words((page, run, aloud.text_from_glyphs(run)) for run in page.runs if run.mark == ARTIFACT))[:MAX_WORDS]
        for page in shown.pages
    )


def word_changes(before: Sequence[PositionedWord], after: Sequence[PositionedWord]) -> Iterator[WordChange]:
    """Yield the differences between two texts. A word that only moved to another line or page has not changed."""
    old, new = [word.letters for word in before], [word.letters for word in after]
    start = _common_prefix_length(old, new)
    end = _common_prefix_length(old[start:][::-1], new[start:][::-1])
    matcher = SequenceMatcher(None, old[start : len(old) - end], new[start : len(new) - end], autojunk=False)
    for kind, *edges in matcher.get_opcodes():
        if kind != "equal":
            i1, i2, j1, j2 = (start + edge for edge in edges)
            around = (
                words_as_text(before[max(0, i1 - CONTEXT_WORDS) : i1]),
                words_as_text(before[i2 : i2 + CONTEXT_WORDS]),
            )
            yield WordChange(tuple(before[i1:i2]), tuple(after[j1:j2]), *around)


def _common_prefix_length(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the number of words that two texts have in common at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (ours, theirs) in pairs if ours != theirs), min(len(one), len(other)))


def words_as_text(words: Iterable[PositionedWord]) -> str:
    """Return words as a line of text."""
    return " ".join(word.text for word in words)


def _words(runs: Iterable[tuple[PageContent, TextRun, str]]) -> Iterator[PositionedWord]:
    """Join runs into words: a word may continue in the next run, and after a hyphen in the next line."""
    open_word: PositionedWord | None = None
    last: tuple[PageContent, TextRun] | None = None
    for page, run, text in runs:
        parts = _join_phone_numbers(text.translate(_BIDI_CONTROLS).split())
        joined = open_word and last and parts and _continues(open_word, *last, page, run)
        for part in parts:
            if open_word and joined:
                open_word = PositionedWord(
                    _join_hyphenated(open_word.text, part), open_word.page, (*open_word.boxes, run.box)
                )
            else:
                if open_word:
                    yield open_word
                open_word = PositionedWord(part, page.number, (run.box,))
            joined = False
        last = page, run
    if open_word:
        yield open_word


def _join_phone_numbers(words: Iterable[str]) -> list[str]:
    """Join the groups of a phone number."""
    found: list[str] = []
    for word in words:
        if found and word.isdecimal() and found[-1].replace(" ", "").removeprefix("+").isdecimal():
            found[-1] += f" {word}"
        else:
            found.append(word)
    return found


def _continues(
    word: PositionedWord, page: PageContent, run: TextRun, next_page: PageContent, following: TextRun
) -> bool:
    """Return whether a run continues the last word of the run before it."""
    one, other = run.box, following.box
    if page is next_page and abs(one[1] - other[1]) <= SAME_LINE:
        gap = max(other[0] - one[2], one[0] - other[2])
        ends_on_space = run.glyphs[-1].isspace() or following.glyphs[0].isspace()
        return gap < SPACE * following.size and not ends_on_space
    return bool(_HYPHENS.fullmatch(word.text[-1:])) and len(word.text) > 1


def _join_hyphenated(head: str, tail: str) -> str:
    return _HYPHENS.sub("", head[-1]).join((head[:-1], tail)) if _HYPHENS.fullmatch(head[-1]) else head + tail
