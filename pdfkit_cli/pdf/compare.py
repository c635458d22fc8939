"""Compares two PDFs of one document page by page: their pictures, with differences marked, and the changed words.

This shows people what will change; it proves nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from io import BytesIO
from itertools import zip_longest
from typing import Any, Final, TypeAlias

from PIL import Image, ImageChops, ImageFilter

from pdfkit_cli.pdf import pdfium
from pdfkit_cli.pdf.objects import UnreadableError
from pdfkit_cli.pdf.reader import document as reader_document
from pdfkit_cli.pdf.reader import words
from pdfkit_cli.pdf.reader.document import PdfContent
from pdfkit_cli.pdf.reader.words import PositionedWord, WordChange

DPI: Final = 80
"""Resolution of the pictures: an A4 page has 661 by 935 pixels, and text of 12 pt is legible."""

MIN_PIXEL_DIFFERENCE: Final = 48
"""Levels of 255 by which a pixel must differ: less is the antialiasing of an edge."""

GRID_PIXELS: Final = 8
"""Side in pixels of the squares in which differences are collected: 2.5 mm."""

MAX_PAGES: Final = 60
"""Largest number of pages rendered: a long guideline has 40."""

MAX_REGIONS: Final = 80
"""Largest number of regions marked on a page; if there are more, one region contains all of them."""

Pixels: TypeAlias = tuple[int, int, int, int]
"""Left, top, right, bottom of a region of a page's picture."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """A rendered page: its number from 1 (of the sheet side, if it is imposed), a PNG, and its size in pixels."""

    number: int
    png: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PagePair:
    """A page before and after; one of them is None where a page was added or removed.

    `regions` differ between the pictures; `gone` are the lines with changed words in the picture before, `new` in the one after.
    """

    before: PageImage | None
    after: PageImage | None
    regions: tuple[Pixels, ...]
    gone: tuple[Pixels, ...] = ()
    new: tuple[Pixels, ...] = ()

    @property
    def same(self) -> bool:
        """Whether the two pictures look the same."""
        return self.before is not None and self.after is not None and not self.regions


@dataclass(frozen=True, slots=True)
class PdfComparison:
    """All differences.

    `readable` is False where the words could not be compared; `left_out` counts pages that were not rendered.
    """

    pages: tuple[PagePair, ...]
    changes: tuple[WordChange, ...]
    margins: tuple[WordChange, ...]
    readable: bool
    left_out: int = 0

    @property
    def is_identical(self) -> bool:
        """Whether there is no visible difference."""
        return not (self.changes or self.margins or self.left_out) and all(pair.same for pair in self.pages)


def compare(before: bytes, after: bytes) -> PdfComparison:
    """Compare two PDFs. Raises UnreadableError for bytes that are not a PDF."""
    both = _read_both(before, after)
    text = tuple(words.word_changes(*map(words.body_words, both))) if both else ()
    margins = tuple(_margin_changes(*both)) if both else ()
    readings = both if both and not _is_imposed(*both) else None
    try:
        with pdfium.open_document(before) as one, pdfium.open_document(after) as other:
            pairs = _pair_pages(*readings) if readings else list(zip_longest(range(len(one)), range(len(other))))
            drawn = [(i, j) for i, j in pairs if (i or 0) < MAX_PAGES and (j or 0) < MAX_PAGES]
            pages = [_compare_page(one, other, i, j) for i, j in drawn]
    except pdfium.PdfiumError:
        raise UnreadableError("this is not a PDF that can be opened") from None
    if readings:
        pages = [_mark_changes(pair, text, *readings) for pair in pages]
    return PdfComparison(tuple(pages), text, margins, bool(both), len(pairs) - len(drawn))


def _read_both(before: bytes, after: bytes) -> tuple[PdfContent, PdfContent] | None:
    """Read both; return None if either is of a kind that this version of pdfkit does not write."""
    try:
        return reader_document.read_pdf(before), reader_document.read_pdf(after)
    except UnreadableError:
        return None


def _is_imposed(*readings: PdfContent) -> bool:
    """Return whether pages are imposed on sheets: then the sides of the sheets are compared in their order."""
    return any(len(shown.pages) != shown.sheets for shown in readings)


def _pair_pages(old: PdfContent, new: PdfContent) -> list[tuple[int | None, int | None]]:
    """Pair pages by their words, so that an inserted page does not make all later pages differ."""
    before, after = _page_texts(old), _page_texts(new)
    found: list[tuple[int | None, int | None]] = []
    for _, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        found += zip_longest(range(i1, i2), range(j1, j2))
    return found


def _page_texts(shown: PdfContent) -> list[str]:
    pages = [""] * len(shown.pages)
    for word in words.body_words(shown):
        pages[word.page - 1] += word.letters + " "
    return pages


def _margin_changes(old: PdfContent, new: PdfContent) -> Iterator[WordChange]:
    """Yield each change in the margins once, though it is on every page."""
    known = set()
    for before, after in zip(words.margin_words(old), words.margin_words(new), strict=False):
        for change in words.word_changes(before, after):
            texts = words.words_as_text(change.gone), words.words_as_text(change.new)
            if texts not in known:
                known.add(texts)
                yield change


# Pictures


def _compare_page(one: Any, other: Any, before: int | None, after: int | None) -> PagePair:
    old, new = _render_page(one, before), _render_page(other, after)
    regions = tuple(_changed_regions(old, new)) if old and new else ()
    return PagePair(_page_image(before, old), _page_image(after, new), regions)


def _render_page(document: Any, index: int | None) -> Image.Image | None:
    if index is None:
        return None
    picture: Image.Image = document[index].render(scale=DPI / 72).to_pil().convert("RGB")
    return picture


def _page_image(index: int | None, drawn: Image.Image | None) -> PageImage | None:
    if index is None or drawn is None:
        return None
    out = BytesIO()
    drawn.quantize(64, dither=Image.Dither.NONE).save(out, "PNG")
    return PageImage(index + 1, out.getvalue(), *drawn.size)


def _changed_regions(old: Image.Image, new: Image.Image) -> Iterator[Pixels]:
    """Yield the bounding boxes of differences, each a few squares larger than the difference."""
    size = max(old.width, new.width), max(old.height, new.height)
    differ = ImageChops.difference(_on_paper(old, size), _on_paper(new, size))
    cells = (
        differ.point(lambda level: 255 * (level > MIN_PIXEL_DIFFERENCE))
        .reduce(GRID_PIXELS)
        .point(lambda level: 255 * (level > 0))
    )
    cells = cells.filter(ImageFilter.MaxFilter(3))
    boxes = list(_clusters(cells))
    if len(boxes) > MAX_REGIONS:
        boxes = [cells.getbbox() or (0, 0, *cells.size)]
    for box in boxes:
        left, top, right, bottom = (edge * GRID_PIXELS for edge in box)
        yield left, top, min(size[0], right), min(size[1], bottom)


def _on_paper(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    paper = Image.new("L", size, 255)
    paper.paste(picture.convert("L"))
    return paper


def _clusters(cells: Image.Image) -> Iterator[Pixels]:
    """Yield the box of each group of squares that touch each other."""
    width = cells.width
    left_over = {divmod(at, width)[::-1] for at, level in enumerate(cells.tobytes()) if level}
    while left_over:
        group, edge = set(), [left_over.pop()]
        while edge:
            x, y = edge.pop()
            group.add((x, y))
            near = {(x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)} & left_over
            left_over -= near
            edge += near
        xs, ys = [x for x, _ in group], [y for _, y in group]
        yield min(xs), min(ys), max(xs) + 1, max(ys) + 1


# Positions of the changed words


def _mark_changes(pair: PagePair, changes: Sequence[WordChange], old: PdfContent, new: PdfContent) -> PagePair:
    gone = [word for change in changes for word in change.gone]
    come = [word for change in changes for word in change.new]
    return PagePair(
        pair.before, pair.after, pair.regions,
        _changed_lines(gone, pair.before, old), _changed_lines(come, pair.after, new),
    )  # fmt: skip


def _changed_lines(
    changed: Sequence[PositionedWord], picture: PageImage | None, shown: PdfContent
) -> tuple[Pixels, ...]:
    """Return the lines of a page with changed words, in pixels of its picture."""
    if picture is None:
        return ()
    page = shown.pages[picture.number - 1]
    boxes = dict.fromkeys(box for word in changed if word.page == picture.number for box in word.boxes)
    scale, left, top = DPI / 72, page.box[0], page.box[3]
    return tuple(
        (round((x0 - left) * scale) - 2, round((top - y1) * scale) - 2, round((x1 - left) * scale) + 2, round((top - y0) * scale) + 4)
        for x0, y0, x1, y1 in boxes
    )  # fmt: skip
