"""Two PDFs of one leaflet, page by page: their pictures with what differs marked, and the words that were changed.

For a keeper who looks at what a build would publish. Nothing is proved here; that is done when a PDF is rendered.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import SequenceMatcher
from io import BytesIO
from itertools import zip_longest
from typing import Any, Final, TypeAlias

from PIL import Image, ImageChops, ImageFilter

from pdfkit_cli.pdf import pdfium, reading, words
from pdfkit_cli.pdf.objects import UnreadableError
from pdfkit_cli.pdf.reading import Reading
from pdfkit_cli.pdf.words import Change, Word

DPI: Final = 80
"""How finely pages are drawn: an A4 page has 661 by 935 pixels, on which 12 pt can be read."""

TELLS: Final = 48
"""Levels of 255 by which a pixel must differ: less is the smoothing of an edge."""

CELL: Final = 8
"""Pixels of a side of the squares that differences are gathered in: 2.5 mm."""

MOST_PAGES: Final = 60
"""Pages that are drawn at all: a long guideline has 40."""

MOST_REGIONS: Final = 80
"""Regions that are marked on a page; where there are more, one that holds them all."""

Pixels: TypeAlias = tuple[int, int, int, int]
"""Left, top, right, bottom of a part of a page's picture."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as it looks: its number from 1 (of the sheet side, where it is imposed), a PNG, and its size in pixels."""

    number: int
    png: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PagePair:
    """A page before and after; one of them is none where a page was added or removed.

    `regions` look different, in both pictures; `gone` and `new` are lines in which words were changed, in the one and the other.
    """

    before: Picture | None
    after: Picture | None
    regions: tuple[Pixels, ...]
    gone: tuple[Pixels, ...] = ()
    new: tuple[Pixels, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nobody can tell the two apart."""
        return self.before is not None and self.after is not None and not self.regions


@dataclass(frozen=True, slots=True)
class Differences:
    """Everything that differs. `readable` says whether the words could be compared; `left_out` counts pages that were not drawn."""

    pages: tuple[PagePair, ...]
    changes: tuple[Change, ...]
    margins: tuple[Change, ...]
    readable: bool
    left_out: int = 0

    @property
    def none(self) -> bool:
        """Whether a reader sees no difference at all."""
        return not (self.changes or self.margins or self.left_out) and all(pair.same for pair in self.pages)


def compare(before: bytes, after: bytes) -> Differences:
    """Compare what is published with what would be. Raises UnreadableError for bytes that are no PDF."""
    old, new = _readings(before, after)
    text = tuple(words.changes(words.body(old), words.body(new))) if old and new else ()
    margins = tuple(_margins(old, new)) if old and new else ()
    with _opened(before) as one, _opened(after) as other:
        counts = len(one), len(other)
        pairs = _pairs(old, new) if old and new and not _imposed(old, new) else _in_order(*counts)
        drawn = [(i, j) for i, j in pairs if (i or 0) < MOST_PAGES and (j or 0) < MOST_PAGES]
        looks = [_look(one, other, i, j) for i, j in drawn]
    if old and new and not _imposed(old, new):
        looks = [_marked(pair, text, old, new) for pair in looks]
    return Differences(tuple(looks), text, margins, bool(old and new), len(pairs) - len(drawn))


def _readings(before: bytes, after: bytes) -> tuple[Reading | None, Reading | None]:
    """Read both; nothing where one of them is of a kind that pdfkit does not write, which another version may have."""
    try:
        return reading.read(before), reading.read(after)
    except UnreadableError:
        return None, None


@contextmanager
def _opened(pdf: bytes) -> Iterator[Any]:
    try:
        with pdfium.opened(pdf) as document:
            yield document
    except pdfium.PdfiumError:
        raise UnreadableError("this is no PDF that can be opened") from None


def _imposed(*readings: Reading) -> bool:
    """Whether pages stand two-up on sheets: then the sides of the sheets are compared as they come."""
    return any(len(shown.pages) != shown.sheets for shown in readings)


def _pairs(old: Reading, new: Reading) -> list[tuple[int | None, int | None]]:
    """Pair pages by their words, so that a page put in does not make all behind it differ."""
    before, after = _texts(old), _texts(new)
    found: list[tuple[int | None, int | None]] = []
    for _, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        found += zip_longest(range(i1, i2), range(j1, j2))
    return found


def _texts(shown: Reading) -> list[str]:
    pages = [""] * len(shown.pages)
    for word in words.body(shown):
        pages[word.page - 1] += word.letters + " "
    return pages


def _in_order(before: int, after: int) -> list[tuple[int | None, int | None]]:
    return list(zip_longest(range(before), range(after)))


def _margins(old: Reading, new: Reading) -> Iterator[Change]:
    """Yield each different change in the margins once: they say the same on every page."""
    known = set()
    for before, after in zip(words.furniture(old), words.furniture(new), strict=False):
        for change in words.changes(before, after):
            what = words.said(change.gone), words.said(change.new)
            if what not in known:
                known.add(what)
                yield change


# Pictures


def _look(one: Any, other: Any, before: int | None, after: int | None) -> PagePair:
    old, new = _drawn(one, before), _drawn(other, after)
    regions = tuple(_regions(old, new)) if old and new else ()
    return PagePair(_picture(before, old), _picture(after, new), regions)


def _drawn(document: Any, index: int | None) -> Image.Image | None:
    if index is None:
        return None
    picture: Image.Image = document[index].render(scale=DPI / 72).to_pil().convert("RGB")
    return picture


def _picture(index: int | None, drawn: Image.Image | None) -> Picture | None:
    if index is None or drawn is None:
        return None
    out = BytesIO()
    drawn.quantize(64, dither=Image.Dither.NONE).save(out, "PNG")
    return Picture(index + 1, out.getvalue(), *drawn.size)


def _regions(old: Image.Image, new: Image.Image) -> Iterator[Pixels]:
    """Yield the boxes of what looks different, each a few squares larger than it is."""
    size = max(old.width, new.width), max(old.height, new.height)
    differ = ImageChops.difference(_on_paper(old, size), _on_paper(new, size))
    cells = differ.point(lambda level: 255 * (level > TELLS)).reduce(CELL).point(lambda level: 255 * (level > 0))
    cells = cells.filter(ImageFilter.MaxFilter(3))
    boxes = list(_clusters(cells))
    if len(boxes) > MOST_REGIONS:
        boxes = [cells.getbbox() or (0, 0, *cells.size)]
    for left, top, right, bottom in boxes:
        yield left * CELL, top * CELL, min(size[0], right * CELL), min(size[1], bottom * CELL)


def _on_paper(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    paper = Image.new("L", size, 255)
    paper.paste(picture.convert("L"))
    return paper


def _clusters(cells: Image.Image) -> Iterator[Pixels]:
    """Yield the box of each group of squares that touch."""
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


# Where the words are that were changed


def _marked(pair: PagePair, changes: Sequence[Change], old: Reading, new: Reading) -> PagePair:
    gone = [word for change in changes for word in change.gone]
    come = [word for change in changes for word in change.new]
    return PagePair(
        pair.before, pair.after, pair.regions,
        _lines(gone, pair.before, old), _lines(come, pair.after, new),
    )  # fmt: skip


def _lines(changed: Sequence[Word], picture: Picture | None, shown: Reading) -> tuple[Pixels, ...]:
    """Return the lines of a page in which there are such words, in pixels of its picture."""
    if picture is None:
        return ()
    page = shown.pages[picture.number - 1]
    boxes = dict.fromkeys(box for word in changed if word.page == picture.number for box in word.boxes)
    scale, left, top = DPI / 72, page.box[0], page.box[3]
    return tuple(
        (round((x0 - left) * scale) - 2, round((top - y1) * scale) - 2, round((x1 - left) * scale) + 2, round((top - y0) * scale) + 4)
        for x0, y0, x1, y1 in boxes
    )  # fmt: skip
