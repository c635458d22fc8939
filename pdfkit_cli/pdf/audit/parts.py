"""The pieces of a PDF: the whole of one that stands alone, each part of one that was joined from several."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pdfkit_cli.pdf.audit.marked_content import PaintedContent
from pdfkit_cli.pdf.audit.report import AuditIssue
from pdfkit_cli.pdf.audit.structure import StructureElement, StructureTree
from pdfkit_cli.pdf.objects import ObjectKey, text_entry


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """What was one document: its elements, and the first and the last page (from 1) with a mark of theirs; 0 where there is none.

    `part` is the element that it stands in, None where the file is one document alone.
    """

    part: StructureElement | None
    title: str
    elements: list[StructureElement]
    first: int
    last: int


def read_parts(structure: StructureTree, painted: PaintedContent) -> tuple[DocumentPart, ...]:
    """Return the pieces of a file. It was joined where its Document holds nothing but Parts that each have a title."""
    roots = [element for element in structure.elements if not element.parent]
    parts = roots[0].content if len(roots) == 1 and roots[0].kind == "Document" else []
    if not parts or not all(isinstance(item, StructureElement) and _is_part(item) for item in parts):
        return (_piece(None, structure.elements, structure, painted),)
    inside: dict[ObjectKey, list[StructureElement]] = {part.key: [] for part in roots[0].kids}
    for element in structure.elements:
        if element.depth:
            inside[list(element.above)[-2].key].append(element)
    return tuple(_piece(part, inside[part.key], structure, painted) for part in roots[0].kids)


def part_issues(pieces: tuple[DocumentPart, ...]) -> Iterator[AuditIssue]:
    """Each part has pages of its own, in the order of the parts, and says its language."""
    parts = [piece for piece in pieces if piece.part]
    for piece in parts:
        if piece.part and not text_entry(piece.part.dictionary, "/Lang"):
            yield AuditIssue(
                "language-missing", f"the part “{piece.title}” does not say its language", piece.first, "Part"
            )
    for before, after in pairwise(piece for piece in parts if piece.first):
        if after.first <= before.last:
            message = f"the parts “{before.title}” and “{after.title}” have marks on each other's pages"
            yield AuditIssue("part-pages", message, after.first, "Part")


def part_of_page(pieces: tuple[DocumentPart, ...], page: int) -> DocumentPart | None:
    """Return the piece whose marks stand on a page, or before and behind it; of a file that stands alone always itself."""
    if not pieces[0].part:
        return pieces[0]
    return next((piece for piece in pieces if piece.first <= page <= piece.last), None)


def _is_part(element: StructureElement) -> bool:
    return element.kind == "Part" and bool(text_entry(element.dictionary, "/T"))


def _piece(
    part: StructureElement | None, elements: list[StructureElement], structure: StructureTree, painted: PaintedContent
) -> DocumentPart:
    outermost = [part] if part else [element for element in elements if not element.parent]
    pages = [mark.page for element in outermost for mark in structure.marks(element, painted)]
    title = text_entry(part.dictionary, "/T") if part else None
    return DocumentPart(part, title or "", elements, min(pages, default=0), max(pages, default=0))
