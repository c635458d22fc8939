"""The parts of a merged PDF, each a document of its own; any other PDF is one part."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pdfkit_cli.pdf.audit.marked_content import PaintedContent
from pdfkit_cli.pdf.audit.report import AuditIssue
from pdfkit_cli.pdf.audit.structure import StructureElement, StructureTree
from pdfkit_cli.pdf.objects import ObjectKey, text_entry


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """One document: its elements, and the first and last page (from 1) with a mark of theirs; 0 where there is none.

    `element` is the Part that it became in a merged file, None in any other file.
    """

    element: StructureElement | None
    title: str
    elements: list[StructureElement]
    first: int
    last: int


def read_parts(structure: StructureTree, painted: PaintedContent) -> tuple[DocumentPart, ...]:
    """Return the parts of a file. It was merged where its Document contains nothing but Parts that each have a title."""
    roots = [element for element in structure.elements if not element.parent]
    content = roots[0].content if len(roots) == 1 and roots[0].kind == "Document" else []
    if not content or not all(isinstance(item, StructureElement) and _is_part(item) for item in content):
        return (_document_part(None, structure.elements, structure, painted),)
    inside: dict[ObjectKey, list[StructureElement]] = {part.key: [] for part in roots[0].children}
    for element in structure.elements:
        if element.depth:
            inside[[element, *element.ancestors][-2].key].append(element)
    return tuple(_document_part(part, inside[part.key], structure, painted) for part in roots[0].children)


def part_issues(parts: tuple[DocumentPart, ...]) -> Iterator[AuditIssue]:
    """Check that each part declares its language, and that the parts have separate pages in their order."""
    merged = [part for part in parts if part.element]
    for part in merged:
        if part.element and not text_entry(part.element.dictionary, "/Lang"):
            yield AuditIssue("language-missing", f"the part “{part.title}” has no language", part.first, "Part")
    for before, after in pairwise(part for part in merged if part.first):
        if after.first <= before.last:
            message = f"the parts “{before.title}” and “{after.title}” have marks on each other's pages"
            yield AuditIssue("part-pages", message, after.first, "Part")


def part_of_page(parts: tuple[DocumentPart, ...], page: int) -> DocumentPart | None:
    """Return the part that a page belongs to; None for a page before, between or after the tagged parts."""
    if not parts[0].element:
        return parts[0]
    return next((part for part in parts if part.first <= page <= part.last), None)


def _is_part(element: StructureElement) -> bool:
    return element.kind == "Part" and bool(text_entry(element.dictionary, "/T"))


def _document_part(
    part: StructureElement | None, elements: list[StructureElement], structure: StructureTree, painted: PaintedContent
) -> DocumentPart:
    outermost = [part] if part else [element for element in elements if not element.parent]
    pages = [mark.page for element in outermost for mark in structure.marks(element, painted)]
    title = text_entry(part.dictionary, "/T") if part else None
    return DocumentPart(part, title or "", elements, min(pages, default=0), max(pages, default=0))
