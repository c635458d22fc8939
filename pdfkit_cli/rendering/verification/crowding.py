"""Content that is too large for any page, reported once: a row or a footnote longer than a page, a table wider than one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pdfkit_cli.pdf.reader.content_stream import TextRun
from pdfkit_cli.pdf.reader.document import PageContent
from pdfkit_cli.rendering.verification import legibility
from pdfkit_cli.rendering.verification.expected_item import ContentKind, ExpectedItem
from pdfkit_cli.rendering.verification.legibility import MARGIN_TOLERANCE, IllegibleReason, IllegibleRun, Margins

ROW_TOO_LONG = "the row is longer than a page; divide it into rows, or write it as text"
HEAD_TOO_LONG = "the headings of the table are not on the page, since they are longer than one; shorten them"
NOTE_TOO_LONG = "the footnote has no room at the foot of a page; shorten it, or write it in the text"
TABLE_TOO_WIDE = "the table is wider than the page; write shorter words, or fewer columns"

LONG_HEAD_LENGTH = 400
"""Number of letters from which a heading is considered missing because it does not fit: half a page of A5."""

_BEYOND = (IllegibleReason.OFF_PAGE, IllegibleReason.IN_MARGIN, IllegibleReason.CUT_OFF)


@dataclass(slots=True)
class Overflow:
    """Content that does not fit, and its message; `pages` are those on which a footnote takes all the room."""

    messages: dict[ExpectedItem, str] = field(default_factory=dict)
    rows: set[tuple[str, int]] = field(default_factory=set)
    tables: set[tuple[str, int]] = field(default_factory=set)
    notes: set[ExpectedItem] = field(default_factory=set)
    pages: set[int] = field(default_factory=set)

    def covers(self, item: ExpectedItem | None, page: int = 0) -> bool:
        """Return whether a problem with a text, on a page, is a consequence of an overflow that has a message."""
        if page in self.pages:
            return True
        if item is None:
            return False
        in_row = bool(item.table) and (item.file, item.line) in self.rows
        return in_row or (item.file, item.table) in self.tables or item in self.notes


def find_overflow(
    matches: Iterable[tuple[ExpectedItem, Sequence[tuple[PageContent, TextRun]]]],
    illegible: Iterable[tuple[ExpectedItem | None, IllegibleRun]],
    missing: Iterable[ExpectedItem],
    margins: Margins | None,
) -> Overflow:
    """Find content that is too large, by where its text was found or is missing, and by which runs are illegible."""
    found = Overflow()
    first: dict[tuple[str, int], tuple[ExpectedItem, set[int]]] = {}
    for item, runs in matches:
        if item.table and item.kind is ContentKind.TEXT:
            _, pages = first.setdefault((item.file, item.line), (item, set()))
            pages |= {page.number for page, _ in runs}
    for row, (item, pages) in first.items():
        if len(pages) > 1:
            found.rows.add(row)
            found.messages[item] = ROW_TOO_LONG
    for item in missing:
        if item.line == item.table and len(item.text) > LONG_HEAD_LENGTH:
            found.rows.add((item.file, item.line))
            found.messages[item] = HEAD_TOO_LONG
    for owner, fault in illegible:
        if owner is None or fault.reason not in _BEYOND:
            continue
        if owner.kind is ContentKind.FOOTNOTE:
            found.notes.add(owner)
            found.pages.add(fault.page.number)
            found.messages[owner] = NOTE_TOO_LONG
        elif owner.table and _is_beside_margin(fault, margins) and (owner.file, owner.table) not in found.tables:
            found.tables.add((owner.file, owner.table))
            found.messages[owner] = TABLE_TOO_WIDE
    return found


def _is_beside_margin(fault: IllegibleRun, margins: Margins | None) -> bool:
    """Return whether a run extends beyond the left or right edge of the text area."""
    left, _, right, _ = legibility.text_area(fault.page.box, margins or (0.0, 0.0, 0.0, 0.0))
    return fault.run.box[0] < left - MARGIN_TOLERANCE or fault.run.box[2] > right + MARGIN_TOLERANCE
