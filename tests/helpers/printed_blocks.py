"""The blocks of a finished PDF in reading order, with the kinds that its tags name and the places where its ink is.

It looks at the file only: whatever laid it out, a stranded heading is one that the tags call a heading and whose text is on the next page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pikepdf import Array, Dictionary, Pdf

from pdfkit_cli.pdf.geometry import Box, intersect
from pdfkit_cli.pdf.reader.content_stream import PaintedArea, TextRun
from pdfkit_cli.pdf.reader.document import Mark, PageContent, read_pdf

INLINE = {"Span", "Em", "Strong", "Link", "Reference", "Quote", "Lbl", "LBody"}
"""The types of elements that are parts of a block: a block is a paragraph, a heading, an item, a note, a cell, a picture."""

SAME_LINE = 3.0
"""Points by which the feet of the parts of one line may differ: a call of a note stands higher."""

MM = 72 / 25.4


@dataclass(frozen=True)
class Line:
    """A line of text, or a picture: where it is, in points, and what it says."""

    page: int
    column: int
    box: Box
    text: str

    @property
    def region(self) -> tuple[int, int]:
        """The page and the column: what text flows from and to."""
        return self.page, self.column


@dataclass(frozen=True)
class Block:
    """A block: the elements around it from the outside in, each with its type and its number in the file, and its lines."""

    path: tuple[tuple[str, int], ...]
    lines: tuple[Line, ...]

    @property
    def kind(self) -> str:
        """The type of the innermost element."""
        return self.path[-1][0]

    def inside(self, kind: str) -> int:
        """Return the number of the innermost element of a type around it, or 0."""
        return next((number for name, number in reversed(self.path) if name == kind), 0)

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


@dataclass(frozen=True)
class Printed:
    """A PDF as its reader sees it."""

    pages: tuple[PageContent, ...]
    blocks: tuple[Block, ...]


def printed(pdf: bytes, columns: int = 1) -> Printed:
    """Return the blocks of a PDF whose text is in columns of equal width. The pages of a booklet are pages again."""
    pages = read_pdf(pdf).pages
    painted: dict[Mark, list[tuple[PageContent, TextRun | PaintedArea]]] = {}
    for page in pages:
        items: tuple[TextRun | PaintedArea, ...] = (*page.runs, *page.inks)
        for item in items:
            painted.setdefault((item.stream, item.mark), []).append((page, item))
    with Pdf.open(BytesIO(pdf)) as opened:
        root = opened.Root["/StructTreeRoot"]["/K"]
        marks = list(_marks(root, None, ()))
    blocks: dict[tuple[tuple[str, int], ...], list[Line]] = {}  # a note interrupts the paragraph that calls it
    for path, mark in marks:
        for page, item in painted.get(mark, ()):
            _add(blocks.setdefault(path, []), _line(page, item, columns))
    return Printed(pages, tuple(Block(path, tuple(lines)) for path, lines in blocks.items()))


def _line(page: PageContent, item: TextRun | PaintedArea, columns: int) -> Line:
    box = item.box if isinstance(item, TextRun) else intersect(intersect(item.box, item.clip), page.box)
    share = ((box[0] + box[2]) / 2 - page.box[0]) / (page.box[2] - page.box[0])
    text = "".join(item.glyphs) if isinstance(item, TextRun) else ""
    return Line(page.number, int(share * columns), box, text)


def _add(lines: list[Line], line: Line) -> None:
    """Add a part of a line to the lines of a block."""
    last = lines[-1] if lines else None
    joins = last and last.page == line.page and (
        abs(last.box[1] - line.box[1]) <= SAME_LINE or bool(last.text) is bool(line.text) is False
    )  # fmt: skip
    if last and joins:
        pairs = list(zip(last.box, line.box, strict=True))
        box = (*map(min, pairs[:2]), *map(max, pairs[2:]))
        lines[-1] = Line(line.page, last.column, box, last.text + line.text)  # type: ignore[arg-type]
    else:
        lines.append(line)


def _marks(
    kid: Any, page: Any, path: tuple[tuple[str, int], ...]
) -> Iterator[tuple[tuple[tuple[str, int], ...], Mark]]:
    """Yield each mark of the structure tree in reading order, with the blocks that it is in."""
    if isinstance(kid, Array):
        for one in kid:
            yield from _marks(one, page, path)
    elif isinstance(kid, int):
        yield path, (page["/Contents"].objgen[0], kid)
    elif isinstance(kid, Dictionary) and "/MCID" in kid:
        stream = kid.get("/Stm") or kid.get("/Pg", page)["/Contents"]
        yield path, (stream.objgen[0], int(kid["/MCID"]))
    elif kid.get("/Type") != "/OBJR":
        kind = str(kid["/S"])[1:]
        inner = path if kind in INLINE else (*path, (kind, kid.objgen[0]))
        yield from _marks(kid.get("/K", Array()), kid.get("/Pg", page), inner)
