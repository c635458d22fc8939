"""An opened PDF: its pages, its structure tree, what it paints, its links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from typing import Any

from pypdf import PdfReader

from pdfkit_cli.pdf.audit import content, parts, structure
from pdfkit_cli.pdf.audit.marked_content import PaintedContent
from pdfkit_cli.pdf.audit.parts import DocumentPart
from pdfkit_cli.pdf.audit.pypdf_access import (
    MAX_NODES,
    Dictionary,
    Key,
    as_text,
    dictionary,
    entry,
    items,
    key,
    name,
    raw,
    resolve,
    stream_data,
    tree,
)
from pdfkit_cli.pdf.audit.report import AuditIssue
from pdfkit_cli.pdf.audit.structure import StructureTree

MAX_ANNOTATIONS = 20_000
"""Links and the like that are looked at; a leaflet has about twenty."""

MAX_PAGES = 2_000
"""Pages that are looked at."""


class InvalidPdfError(Exception):
    """The bytes are no PDF that can be read, and why."""

    def __init__(self, code: str, message: str) -> None:
        self.fault = AuditIssue(code, message)
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Annotation:
    """A link, or whatever else lies on a page, with the number of its page."""

    page: int
    key: Key
    said: Dictionary


@dataclass(slots=True)
class AuditedPdf:
    """A PDF, read once for all rules; `numbers` are those of its pages, from 1; `parts` are what it was joined from, itself where it was not."""

    reader: PdfReader
    catalog: Dictionary
    pages: list[Any]
    structure: StructureTree
    painted: PaintedContent
    numbers: dict[Key, int]
    annotations: tuple[Annotation, ...]
    pieces: tuple[DocumentPart, ...]
    faults: list[AuditIssue] = field(default_factory=list)

    def furniture(self) -> dict[Key, str]:
        """Return what readers pass over on each page that they see: on an imposed sheet those are several."""
        found: dict[Key, str] = {mark.surface: "" for mark in self.painted.marks.values()}
        for artifact in self.painted.artifacts:
            found[artifact.surface] = found.get(artifact.surface, "") + "".join(artifact.text)
        return found

    def metadata(self) -> bytes:
        """Return the XMP packet; nothing where there is none."""
        return stream_data(entry(self.catalog, "/Metadata")) or b""

    def destination(self, value: Any) -> list[Any] | None:
        """Return the array of a destination, explicit or named; None where there is none."""
        value = resolve(value)
        for _ in range(3):  # a name, its dictionary, its array
            if isinstance(value, list):
                return value if len(value) >= 2 else None
            if isinstance(value, dict):
                value = entry(value, "/D")
            elif (called := as_text(value) or (str(value) if isinstance(value, str) else None)) is not None:
                value = self._named(called)
        return None

    def _named(self, called: str) -> Any:
        old = entry(dictionary(self.catalog, "/Dests"), called)
        if old is not None:
            return old
        names = entry(dictionary(self.catalog, "/Names"), "/Dests")
        return next((resolve(value) for known, value in tree(names, "/Names") if as_text(known) == called), None)


def read_pdf(pdf: bytes) -> AuditedPdf:
    """Open a PDF. Raises UnreadableError."""
    try:
        return _read(pdf)
    except RecursionError:
        raise InvalidPdfError("unreadable", "its objects stand too deep in each other") from None


def _read(pdf: bytes) -> AuditedPdf:
    try:
        reader = PdfReader(BytesIO(pdf))
        encrypted = reader.is_encrypted
        catalog = resolve(reader.trailer.get("/Root"))
    except Exception as error:  # whatever pypdf finds in a broken file
        raise InvalidPdfError("unreadable", f"it is not a PDF that can be read: {_words(error)}") from None
    if encrypted:
        raise InvalidPdfError("encrypted", "it is encrypted; a leaflet never is")
    if not isinstance(catalog, dict):
        raise InvalidPdfError("unreadable", "it is not a PDF that can be read: it has no catalog")
    faults: list[AuditIssue] = []
    pages = _pages(raw(catalog, "/Pages"), faults)
    if not pages:
        raise InvalidPdfError("unreadable", "it has no pages")
    painted, numbers = content.read_painted(pages, reader), {key(page): number for number, page in enumerate(pages, 1)}
    annotations = tuple(islice(_annotations(pages), MAX_ANNOTATIONS))
    tree = structure.read_structure(catalog)
    pieces = parts.read_parts(tree, painted)
    return AuditedPdf(reader, catalog, pages, tree, painted, numbers, annotations, pieces, faults)


def _annotations(pages: list[Any]) -> Iterator[Annotation]:
    for number, page in enumerate(pages, 1):
        for reference in items(raw(resolve(page), "/Annots")):
            annotation = resolve(reference)
            if isinstance(annotation, dict):
                yield Annotation(number, key(reference), annotation)


def _words(error: Exception) -> str:
    """Return what pypdf says, without what it quotes: that may be a patient's."""
    return re.split("[:'\"]", str(error))[0].strip() or type(error).__name__


def _pages(root: Any, faults: list[AuditIssue]) -> list[Any]:
    """Return references to all pages, in order; a loop in the page tree is a fault."""
    found: list[Any] = []
    seen: set[Key] = set()
    waiting = [root]
    while waiting and len(seen) < MAX_NODES:
        node = waiting.pop()
        if key(node) in seen:
            faults.append(AuditIssue("page-tree", "a page stands in the page tree twice"))
            continue
        seen.add(key(node))
        value = resolve(node)
        if not isinstance(value, dict):
            faults.append(AuditIssue("page-tree", "the page tree holds something that is no page"))
        elif name(value, "/Type") == "Pages" or "/Kids" in value:
            waiting += reversed(items(raw(value, "/Kids")))
        elif len(found) < MAX_PAGES:
            found.append(node)
        else:
            faults.append(AuditIssue("too-large", f"it has more than {MAX_PAGES} pages"))
            break
    return found
