"""The text of a PDF as a screen reader reads it aloud: the text of its glyphs, or the actual text that replaces them.

Glyphs are in painting order, from left to right, and right-to-left text is read in the opposite order.
An actual text is accepted only if the painted line is that text, in the visual order of a paragraph of its direction.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from typing import Final

from pdfkit_cli.pdf.reader import bidi
from pdfkit_cli.pdf.reader.content_stream import TextRun
from pdfkit_cli.pdf.reader.document import ActualText, PageContent, PdfContent
from pdfkit_cli.pdf.reader.spelling import comparable_letters


def replacement_text(reading: PdfContent) -> dict[int, str]:
    """Return the accepted actual texts by the ids of the runs that they replace; an empty string where another text is painted."""
    wanted = {mark for spoken in reading.spoken for mark in spoken.marks}
    runs: dict[tuple[int, int], list[TextRun]] = {}
    for page in reading.pages:
        for run in page.runs:
            if (mark := (run.stream, run.mark)) in wanted:
                runs.setdefault(mark, []).append(run)
    texts: dict[int, str] = {}
    for spoken in reading.spoken:
        texts.update(_lines(spoken, [run for mark in spoken.marks for run in runs.get(mark, ())]))
    return texts


def tagged_runs(reading: PdfContent) -> Iterator[tuple[PageContent, TextRun, str]]:
    """Yield the text that is content, in reading order: each run with its page and its text."""
    texts = replacement_text(reading)
    for page, run in reading.tagged():
        yield page, run, texts.get(id(run), "".join(run.glyphs))


def text_from_glyphs(run: TextRun) -> str:
    """Return the text of a run from its glyphs alone: Arabic words from right to left, numbers and other words from left to right."""
    if not any(map(bidi.has_right_to_left, run.glyphs)):
        return "".join(run.glyphs)
    groups = [(turned, list(words)) for turned, words in groupby(_words(run.glyphs), bidi.has_right_to_left)]
    return " ".join(word for turned, words in reversed(groups) for word in (reversed(words) if turned else words))


def _words(glyphs: Iterable[str]) -> Iterator[str]:
    """Yield the words of a line from left to right, the letters of each in reading order."""
    for is_space, group in groupby(glyphs, str.isspace):
        word = list(group)
        if not is_space:
            yield "".join(reversed(word) if any(map(bidi.has_right_to_left, word)) else word)


def _lines(spoken: ActualText, runs: list[TextRun]) -> Iterator[tuple[int, str]]:
    """Split an actual text into its lines; yield the id of each run with its line."""
    rest = spoken.text
    right_to_left = runs_right_to_left(spoken.language)
    for index, run in enumerate(runs):
        line, rest = bidi.split_line(rest, len(comparable_letters("".join(run.glyphs))), comparable_letters)
        if index == len(runs) - 1:
            line += rest  # text that is read aloud but not painted
        yield id(run), line if bidi.matches_visual_order(line, run.glyphs, right_to_left, comparable_letters) else ""


_RIGHT_TO_LEFT: Final = frozenset((
    "ajp", "apc", "ar", "ara", "arb", "bal", "bcc", "bgn", "ckb", "cld", "div", "drw", "dv", "fa",
    "fas", "he", "heb", "iw", "ji", "kas", "ks", "lrc", "mzn", "nqo", "pbu", "per", "pes", "prs", "ps",
    "pus", "rhg", "sd", "sdh", "skr", "snd", "syr", "tnf", "trw", "ug", "uig", "ur", "urd", "ydd", "yi",
    "yid",
))  # fmt: skip
"""The codes of languages that CLDR writes from right to left."""


@cache
def runs_right_to_left(language: str) -> bool:
    """Return whether a language is written from right to left."""
    if len(language) <= 3 and language.islower() and language.isascii() and language.isalpha():
        return language in _RIGHT_TO_LEFT  # without Babel: to load it takes each render worker 0.03 s of CPU
    from babel import Locale, UnknownLocaleError
    from babel.core import get_global

    code = get_global("language_aliases").get(language, language).replace("_", "-")
    try:
        return Locale.parse(code, sep="-").text_direction == "rtl"
    except (UnknownLocaleError, ValueError):
        return False
