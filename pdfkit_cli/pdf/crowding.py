"""What no page has room for, said once and where it is written: a row or a note longer than a page, a table wider than one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pdfkit_cli.owed import Kind, Owed
from pdfkit_cli.pdf.legibility import OUTSIDE, Fault, Margins
from pdfkit_cli.pdf.painting import Run
from pdfkit_cli.pdf.reading import ReadPage

ROW = "the row is longer than a page; divide it into rows, or write it as text"
HEAD = "the headings of the table are not on the page, since they are longer than one; shorten them"
NOTE = "the footnote has no room at the foot of a page; shorten it, or write it in the text"
TABLE = "the table is wider than the page; write shorter words, or fewer columns"

LONG_HEAD = 400
"""Letters of a heading that WeasyPrint leaves out for want of room, not for another reason: half a page of A5."""

_BEYOND = ("stands over the edge of the page", "stands in the margin of the page", "is cut off")


@dataclass(slots=True)
class Crowded:
    """What there is no room for, and how that is said; `pages` are those on which a note takes the room of everything else."""

    said: dict[Owed, str] = field(default_factory=dict)
    rows: set[tuple[str, int]] = field(default_factory=set)
    tables: set[tuple[str, int]] = field(default_factory=set)
    notes: set[Owed] = field(default_factory=set)
    pages: set[int] = field(default_factory=set)

    def covers(self, item: Owed | None, page: int = 0) -> bool:
        """Say whether what is wrong with a text, on a page, comes of what has been said."""
        if page in self.pages:
            return True
        if item is None:
            return False
        in_row = bool(item.table) and (item.file, item.line) in self.rows
        return in_row or (item.file, item.table) in self.tables or item in self.notes


def crowded(
    claims: Iterable[tuple[Owed, Sequence[tuple[ReadPage, Run]]]],
    faults: Iterable[tuple[Owed | None, Fault]],
    lost: Iterable[Owed],
    margins: Margins | None,
) -> Crowded:
    """Find what is too large, by where its words were found, or not, and by what is wrong with them."""
    found = Crowded()
    first: dict[tuple[str, int], tuple[Owed, set[int]]] = {}
    for item, runs in claims:
        if item.table and item.kind is Kind.TEXT:
            _, pages = first.setdefault((item.file, item.line), (item, set()))
            pages |= {page.number for page, _ in runs}
    for row, (item, pages) in first.items():
        if len(pages) > 1:
            found.rows.add(row)
            found.said[item] = ROW
    for item in lost:
        if item.line == item.table and len(item.text) > LONG_HEAD:
            found.rows.add((item.file, item.line))
            found.said[item] = HEAD
    for owner, fault in faults:
        if owner is None or fault.why not in _BEYOND:
            continue
        if owner.kind is Kind.FOOTNOTE:
            found.notes.add(owner)
            found.pages.add(fault.page.number)
            found.said[owner] = NOTE
        elif owner.table and _beside(fault, margins) and (owner.file, owner.table) not in found.tables:
            found.tables.add((owner.file, owner.table))
            found.said[owner] = TABLE
    return found


def _beside(fault: Fault, margins: Margins | None) -> bool:
    """Say whether a run reaches over the left or the right edge of the text."""
    left, _, right, _ = fault.page.box
    before, _, behind, _ = margins or (0.0, 0.0, 0.0, 0.0)
    return fault.run.box[0] < left + before - OUTSIDE or fault.run.box[2] > right - behind + OUTSIDE
