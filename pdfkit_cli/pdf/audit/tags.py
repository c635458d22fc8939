"""Marks, elements and the parent tree say the same (ISO 32000-1, 14.7.4)."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from pikepdf import Array

from pdfkit_cli.pdf.audit.document import AuditedPdf
from pdfkit_cli.pdf.audit.report import AuditIssue
from pdfkit_cli.pdf.audit.structure import ContentReference, StructureElement
from pdfkit_cli.pdf.objects import ObjectKey, as_integer, entry, name_entry, object_key
from pdfkit_cli.pdf.tree_walk import tree_items

ElementsByContent = dict[tuple[ObjectKey, int | None], list[StructureElement]]


def tag_issues(document: AuditedPdf) -> Iterator[AuditIssue]:
    """Every mark is in exactly one element, every reference leads to something, and the way back is the same."""
    if not document.structure.root:
        yield AuditIssue("not-tagged", "it has no structure tree: a screen reader finds nothing to read")
        return
    holders: ElementsByContent = defaultdict(list)
    annotated: dict[ObjectKey, list[int]] = defaultdict(list)
    for annotation in document.annotations:
        annotated[annotation.key].append(annotation.page)
    for element in document.structure.elements:
        for reference in element.holds:
            holders[reference.target, reference.mcid].append(element)
            yield from _leads_somewhere(reference, element, annotated, document)
    yield from _each_mark_once(document, holders)
    yield from _parents(document)
    yield from _way_back(document, holders)


def _leads_somewhere(
    reference: ContentReference, element: StructureElement, annotated: dict[ObjectKey, list[int]], document: AuditedPdf
) -> Iterator[AuditIssue]:
    number = document.numbers.get(reference.page) if reference.page else None
    if reference.page and number is None:
        yield AuditIssue(
            "page-unknown", f"a {element.kind} points to a page that this file does not have", element=element.kind
        )
    if reference.mcid is None:
        yield from _object_stands_there(reference, element, number, annotated)
        return
    mark = document.painted.marks.get((reference.target, reference.mcid))
    if mark is None:
        yield AuditIssue(
            "mark-missing",
            f"a {element.kind} points to the mark {reference.mcid}, which is not there",
            number or 0,
            element.kind,
        )
    elif number and mark.page != number:
        message = f"a {element.kind} says that its mark {mark.mcid} stands on page {number}"
        yield AuditIssue("mark-elsewhere", f"{message}; it stands on page {mark.page}", mark.page, element.kind)


def _object_stands_there(
    reference: ContentReference, element: StructureElement, number: int | None, annotated: dict[ObjectKey, list[int]]
) -> Iterator[AuditIssue]:
    if not (places := annotated.get(reference.target)):
        yield AuditIssue(
            "object-missing", f"a {element.kind} points to an annotation that no page has", number or 0, element.kind
        )
    elif number is not None and places != [number]:
        yield AuditIssue(
            "object-elsewhere", f"a {element.kind} points to an annotation of another page", places[0], element.kind
        )


def _each_mark_once(document: AuditedPdf, holders: ElementsByContent) -> Iterator[AuditIssue]:
    for (owner, mcid), mark in document.painted.marks.items():
        elements = holders.get((owner, mcid), [])
        sample = f" “{mark.words[:40].strip()}”" if mark.words.strip() else ""
        if not elements:
            yield AuditIssue("mark-unclaimed", f"the mark {mcid}{sample} is in no element: nobody hears it", mark.page)
        elif len(elements) > 1:
            kinds = " and ".join(sorted(element.kind for element in elements))
            yield AuditIssue(
                "mark-shared", f"the mark {mcid}{sample} is in {len(elements)} elements: {kinds}", mark.page
            )
    for annotation in document.annotations:
        count = len(holders.get((annotation.key, None), []))
        if count != 1 and name_entry(annotation.dictionary, "/Subtype") not in ("/Popup", "/PrinterMark"):
            yield AuditIssue(
                "object-unclaimed", f"an annotation is in {count} elements instead of one", annotation.page
            )


def _parents(document: AuditedPdf) -> Iterator[AuditIssue]:
    """Every element's P is the element that holds it."""
    root = object_key(entry(document.catalog, "/StructTreeRoot"))
    for element in document.structure.elements:
        parent = element.parent.key if element.parent else root
        if object_key(entry(element.dictionary, "/P")) != parent:
            page = document.structure.page(element, document.painted)
            yield AuditIssue(
                "tree-parent", f"a {element.kind} names another parent than the one that holds it", page, element.kind
            )


def _way_back(document: AuditedPdf, holders: ElementsByContent) -> Iterator[AuditIssue]:
    """The parent tree leads from each mark and annotation to the element that holds it."""
    found: dict[int, Any] = {}
    for number, value in tree_items(entry(document.structure.root, "/ParentTree"), "/Nums"):
        if (row := as_integer(number)) is not None:
            found[row] = value
    following = as_integer(entry(document.structure.root, "/ParentTreeNextKey"))
    if following is None or following <= max(found, default=-1):
        yield AuditIssue(
            "parent-tree-key", f"ParentTreeNextKey is {following}; it must be above {max(found, default=-1)}"
        )
    used: dict[int, ObjectKey] = {}
    yield from _rows(document, holders, found, used)
    yield from _annotation_rows(document, holders, found, used)
    for row in sorted(set(found) - set(used)):
        yield AuditIssue("parent-tree", f"the parent tree has a row {row} that no page, form or annotation names")


def _rows(
    document: AuditedPdf, holders: ElementsByContent, found: dict[int, Any], used: dict[int, ObjectKey]
) -> Iterator[AuditIssue]:
    marks: dict[ObjectKey, set[int]] = defaultdict(set)
    pages: dict[ObjectKey, int] = {}
    for (owner, mcid), mark in document.painted.marks.items():
        marks[owner].add(mcid)
        pages[owner] = mark.page
    for owner, row in document.painted.parents.items():
        page = pages.get(owner, document.numbers.get(owner, 0))
        if row is None or not isinstance(found.get(row), Array):
            if marks[owner] or row is not None:
                yield AuditIssue("parent-tree", "a page or form with marks has no row in the parent tree", page)
            continue
        if used.setdefault(row, owner) != owner:
            yield AuditIssue("parent-tree", f"two pages or forms share row {row} of the parent tree", page)
        entries = found[row]
        for mcid in marks[owner] | set(range(len(entries))):
            said = entries[mcid] if mcid < len(entries) else None
            holding = [element.key for element in holders.get((owner, mcid), [])]
            if (said is not None or mcid in marks[owner]) and [object_key(said)] != holding:
                yield AuditIssue(
                    "parent-tree", f"the parent tree does not lead from mark {mcid} to the element that holds it", page
                )


def _annotation_rows(
    document: AuditedPdf, holders: ElementsByContent, found: dict[int, Any], used: dict[int, ObjectKey]
) -> Iterator[AuditIssue]:
    for annotation in document.annotations:
        page, holding = annotation.page, [element.key for element in holders.get((annotation.key, None), [])]
        row = as_integer(entry(annotation.dictionary, "/StructParent"))
        if row is None:
            if holding:
                yield AuditIssue("parent-tree", "an annotation does not name its row of the parent tree", page)
            continue
        if used.setdefault(row, annotation.key) != annotation.key:
            yield AuditIssue("parent-tree", f"two annotations share row {row} of the parent tree", page)
        if [object_key(found.get(row))] != holding:
            yield AuditIssue("parent-tree", "the parent tree does not lead from an annotation to its element", page)
