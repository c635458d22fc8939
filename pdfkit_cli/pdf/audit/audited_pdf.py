"""An opened PDF: its pages, its structure tree, what it paints, its links."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from typing import Any, Final

from pikepdf import Array, Dictionary, PasswordError, Pdf, PdfError

from pdfkit_cli.pdf.audit import content, parts, structure
from pdfkit_cli.pdf.audit.marked_content import PaintedContent
from pdfkit_cli.pdf.audit.parts import DocumentPart
from pdfkit_cli.pdf.audit.report import AuditIssue
from pdfkit_cli.pdf.audit.structure import StructureTree
from pdfkit_cli.pdf.objects import (
    PDF_ERRORS,
    NoPageError,
    ObjectKey,
    array_items,
    as_bytes,
    entry,
    object_key,
    page_leaves,
    stream_data,
)
from pdfkit_cli.pdf.tree_walk import catalog_destinations, tree_names

MAX_ANNOTATIONS: Final = 20_000
"""Largest number of links and other annotations checked; a leaflet has about twenty."""

MAX_PAGES: Final = 2_000
"""Largest number of pages checked."""


class InvalidPdfError(Exception):
    """The bytes are not a readable PDF; `issue` states why."""

    def __init__(self, code: str, message: str) -> None:
        self.issue = AuditIssue(code, message)
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Annotation:
    """A link, or another annotation, with the number of its page."""

    page: int
    key: ObjectKey
    dictionary: Dictionary


@dataclass(slots=True)
class AuditedPdf:
    """A PDF, read once for all rules.

    `numbers` are those of its pages, from 1; `parts` are the documents that it was merged from.
    """

    pdf: Pdf
    pages: list[Dictionary]
    structure: StructureTree
    painted: PaintedContent
    numbers: dict[ObjectKey, int]
    annotations: tuple[Annotation, ...]
    parts: tuple[DocumentPart, ...]
    issues: list[AuditIssue] = field(default_factory=list)

    @property
    def catalog(self) -> Any:
        """The document catalog."""
        return self.pdf.Root

    def page_furniture(self) -> dict[ObjectKey, str]:
        """Return the artifact text on each page that a reader sees; an imposed sheet has several such pages."""
        found: dict[ObjectKey, str] = {mark.surface: "" for mark in self.painted.marks.values()}
        for artifact in self.painted.artifacts:
            found[artifact.surface] = found.get(artifact.surface, "") + "".join(artifact.text)
        return {surface: text for surface, text in found.items() if surface not in self.painted.sheets}

    def metadata(self) -> bytes:
        """Return the XMP packet; empty if there is none."""
        return stream_data(entry(self.catalog, "/Metadata"))

    def destination(self, value: Any) -> list[Any] | None:
        """Return the array of a destination, explicit or named; None if it does not exist."""
        for _ in range(3):  # a name, its dictionary, its array
            if isinstance(value, Array):
                return array_items(value) if len(value) >= 2 else None
            if isinstance(value, Dictionary):
                value = entry(value, "/D")
            elif (called := as_bytes(value)) is not None:
                kinds = catalog_destinations(self.catalog), tree_names(self.catalog, "/Dests")
                value = next((found for kind in kinds for name, found in kind if name == called), None)
        return None


def read_pdf(pdf: bytes) -> AuditedPdf:
    """Open a PDF. Raises InvalidPdfError."""
    try:
        opened = Pdf.open(BytesIO(pdf), suppress_warnings=True, attempt_recovery=False, inherit_page_attributes=False)
        is_encrypted = opened.is_encrypted
    except PasswordError:
        is_encrypted = True
    except PDF_ERRORS:
        raise InvalidPdfError("unreadable", "it is damaged, or not a PDF") from None
    if is_encrypted:
        raise InvalidPdfError("encrypted", "it is encrypted; a leaflet never is")
    try:
        return _read(opened)
    except (PdfError, RecursionError):
        raise InvalidPdfError("unreadable", "it is damaged, or its objects are nested too deeply") from None


def _read(opened: Pdf) -> AuditedPdf:
    catalog = entry(opened.trailer, "/Root")
    if not isinstance(catalog, Dictionary):
        raise InvalidPdfError("unreadable", "it has no catalog")
    issues: list[AuditIssue] = []
    pages = _pages(opened, issues)
    if not pages:
        raise InvalidPdfError("unreadable", "it has no pages")
    painted, tree = content.read_painted(pages), structure.read_structure(catalog)
    numbers = {object_key(page): number for number, page in enumerate(pages, 1)}
    annotations = tuple(islice(_annotations(pages), MAX_ANNOTATIONS))
    return AuditedPdf(opened, pages, tree, painted, numbers, annotations, parts.read_parts(tree, painted), issues)


def _annotations(pages: list[Dictionary]) -> Iterator[Annotation]:
    for number, page in enumerate(pages, 1):
        for annotation in array_items(entry(page, "/Annots")):
            if isinstance(annotation, Dictionary):
                yield Annotation(number, object_key(annotation), annotation)


def _pages(pdf: Pdf, issues: list[AuditIssue]) -> list[Dictionary]:
    """Return all pages, in order, as indirect objects; loops and other damage of the page tree become issues."""
    loops: list[None] = []
    found: list[Dictionary] = []
    try:
        for page in page_leaves(pdf, lambda: loops.append(None)):
            if len(found) == MAX_PAGES:
                issues.append(AuditIssue("too-large", f"it has more than {MAX_PAGES} pages"))
                break
            found.append(page if page.is_indirect else pdf.make_indirect(page))
    except NoPageError:
        issues.append(AuditIssue("page-tree", "the page tree contains something that is not a page"))
    if loops or len({page.objgen for page in found}) < len(found):
        issues.append(AuditIssue("page-tree", "a page is in the page tree twice"))
    return found
