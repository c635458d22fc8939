"""One page that is followed: how much of it has been read, and where its faults go."""

from typing import Any

from pypdf.generic import ContentStream

from pdfkit_cli.pdf.audit.marked_content import PaintedContent
from pdfkit_cli.pdf.audit.pypdf_access import Key, key, resolve
from pdfkit_cli.pdf.audit.report import AuditIssue

MAX_OPERATIONS = 500_000
"""Operations of all pages together that are looked at: a leaflet has some hundreds a page."""

MAX_DEPTH = 12
"""Forms inside forms."""

MAX_STREAM_BYTES = 32 << 20
"""Bytes of one content stream, decoded."""


class PageContext:
    """Reads the streams of one page; `inside` are the forms that it stands in, `page_content` the page that a reader sees."""

    def __init__(self, number: int, painted: PaintedContent, reader: Any) -> None:
        self.number, self.painted, self.reader = number, painted, reader
        self.surface: Key = painted.pages[number - 1]
        self.inside: list[Key] = []

    def operations(self, stream: Any) -> list[tuple[Any, bytes]]:
        """Return the operations of a stream, until there are too many in all; a form that is drawn again is read once."""
        known, its_key = self.painted.parsed, key(stream)
        if its_key not in known:
            known[its_key] = self._parsed(stream)
        self.painted.operations += len(known[its_key])
        if self.painted.operations > MAX_OPERATIONS:
            self.fault("too-large", f"it paints more than {MAX_OPERATIONS} operations")
            return []
        return known[its_key]

    def _parsed(self, stream: Any) -> list[tuple[Any, bytes]]:
        try:
            content = ContentStream(resolve(stream), self.reader, forced_encoding="bytes")
            if len(content.get_data()) > MAX_STREAM_BYTES:
                self.fault("too-large", f"a content stream has more than {MAX_STREAM_BYTES >> 20} MB")
                return []
            found: list[tuple[Any, bytes]] = content.operations
        except Exception as error:  # whatever pypdf finds in a broken stream
            self.fault("content-unreadable", f"its content cannot be read: {type(error).__name__}")
            return []
        return found

    def fault(self, code: str, message: str) -> None:
        self.painted.faults.append(AuditIssue(code, message, self.number))
