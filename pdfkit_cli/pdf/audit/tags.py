"""Marks, structure elements and the parent tree agree with each other (ISO 32000-1, 14.7.4)."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, TypeAlias

from pikepdf import Array

from pdfkit_cli.pdf.audit.audited_pdf import AuditedPdf
from pdfkit_cli.pdf.audit.report import AuditIssue
from pdfkit_cli.pdf.audit.structure import ContentReference, StructureElement
from pdfkit_cli.pdf.objects import ObjectKey, array_items, as_integer, entry, name_entry, object_key
from pdfkit_cli.pdf.tree_walk import tree_items

ElementsByContent: TypeAlias = dict[tuple[ObjectKey, int | None], list[StructureElement]]


def tag_issues(document: AuditedPdf) -> Iterator[AuditIssue]:
    """Check that each mark is in exactly one element, and that references lead to it and back."""
    if document.structure.root is None:
        yield AuditIssue("not-tagged", "it has no structure tree: screen readers cannot read it")
        return
    holders: ElementsByContent = defaultdict(list)
    pages: dict[ObjectKey, list[int]] = defaultdict(list)
    for annotation in document.annotations:
        pages[annotation.key].append(annotation.page)
    for element in document.structure.elements:
        for reference in element.references:
            holders[reference.target, reference.mcid].append(element)
            yield from _reference_issues(reference, element, pages, document)
    yield from _holder_issues(document, holders)
    yield from _parent_issues(document)
    yield from _parent_tree_issues(document, holders)


def _reference_issues(
    reference: ContentReference, element: StructureElement, pages: dict[ObjectKey, list[int]], document: AuditedPdf
) -> Iterator[AuditIssue]:
    kind, number = element.kind, document.numbers.get(reference.page) if reference.page else None
    if reference.page and number is None:
        yield AuditIssue("page-unknown", f"a {kind} refers to a page that is not in this file", element=kind)
    if reference.mcid is None:
        if not (places := pages.get(reference.target)):
            yield AuditIssue("object-missing", f"a {kind} refers to an annotation on no page", number or 0, kind)
        elif number is not None and places != [number]:
            yield AuditIssue("object-elsewhere", f"a {kind} refers to an annotation on another page", places[0], kind)
        return
    mark = document.painted.marks.get((reference.target, reference.mcid))
    if mark is None:
        message = f"a {kind} refers to mark {reference.mcid}, which does not exist"
        yield AuditIssue("mark-missing", message, number or 0, kind)
    elif number and mark.page != number:
        message = f"a {kind} refers to mark {mark.mcid} on page {number}, but it is on page {mark.page}"
        yield AuditIssue("mark-elsewhere", message, mark.page, kind)


def _holder_issues(document: AuditedPdf, holders: ElementsByContent) -> Iterator[AuditIssue]:
    for (owner, mcid), mark in document.painted.marks.items():
        kinds = sorted(element.kind for element in holders.get((owner, mcid), ()))
        called = f"mark {mcid} “{mark.words[:40].strip()}”" if mark.words.strip() else f"mark {mcid}"
        if not kinds:
            message = f"{called} is in no element: screen readers skip it"
            yield AuditIssue("mark-unclaimed", message, mark.page)
        elif len(kinds) > 1:
            yield AuditIssue("mark-shared", f"{called} is in {len(kinds)} elements: {' and '.join(kinds)}", mark.page)
    for annotation in document.annotations:
        count = len(holders.get((annotation.key, None), ()))
        if count != 1 and name_entry(annotation.dictionary, "/Subtype") not in ("/Popup", "/PrinterMark"):
            message = f"an annotation is in {count} elements instead of one"
            yield AuditIssue("object-unclaimed", message, annotation.page)


def _parent_issues(document: AuditedPdf) -> Iterator[AuditIssue]:
    """Check that the parent (P) of each element is the element that contains it."""
    root = object_key(document.structure.root)
    for element in document.structure.elements:
        if object_key(entry(element.dictionary, "/P")) != (element.parent.key if element.parent else root):
            page = document.structure.page(element, document.painted)
            message = f"a {element.kind} names a parent other than the element that contains it"
            yield AuditIssue("tree-parent", message, page, element.kind)


def _parent_tree_issues(document: AuditedPdf, holders: ElementsByContent) -> Iterator[AuditIssue]:
    """Check that the parent tree leads from each mark and annotation to the element that contains it."""
    root = document.structure.root
    rows: dict[int, Any] = {}
    for number, value in tree_items(entry(root, "/ParentTree"), "/Nums"):
        if (row := as_integer(number)) is not None:
            rows[row] = value
    next_key, last = as_integer(entry(root, "/ParentTreeNextKey")), max(rows, default=-1)
    if next_key is None or next_key <= last:
        yield AuditIssue("parent-tree-key", f"ParentTreeNextKey is {next_key}; it must be greater than {last}")
    used: dict[int, ObjectKey] = {}
    for message, page in (*_mark_rows(document, holders, rows, used), *_annotation_rows(document, holders, rows, used)):
        yield AuditIssue("parent-tree", message, page)
    for row in sorted(set(rows) - set(used)):
        yield AuditIssue("parent-tree", f"no page, form or annotation uses row {row} of the parent tree")


def _mark_rows(
    document: AuditedPdf, holders: ElementsByContent, rows: dict[int, Any], used: dict[int, ObjectKey]
) -> Iterator[tuple[str, int]]:
    marks: dict[ObjectKey, set[int]] = defaultdict(set)
    pages: dict[ObjectKey, int] = {}
    for (owner, mcid), mark in document.painted.marks.items():
        marks[owner].add(mcid)
        pages[owner] = mark.page
    for owner, row in document.painted.parents.items():
        page = pages.get(owner, document.numbers.get(owner, 0))
        if row is None or not isinstance(rows.get(row), Array):
            if marks[owner] or row is not None:
                yield "a page or form with marks has no row in the parent tree", page
            continue
        if used.setdefault(row, owner) != owner:
            yield f"two pages or forms share row {row} of the parent tree", page
        entries = array_items(rows[row])
        for mcid in marks[owner] | set(range(len(entries))):
            named = entries[mcid] if mcid < len(entries) else None
            keys = [element.key for element in holders.get((owner, mcid), ())]
            if (named is not None or mcid in marks[owner]) and [object_key(named)] != keys:
                yield f"the parent tree does not lead from mark {mcid} to the element that contains it", page


def _annotation_rows(
    document: AuditedPdf, holders: ElementsByContent, rows: dict[int, Any], used: dict[int, ObjectKey]
) -> Iterator[tuple[str, int]]:
    for annotation in document.annotations:
        page, keys = annotation.page, [element.key for element in holders.get((annotation.key, None), ())]
        row = as_integer(entry(annotation.dictionary, "/StructParent"))
        if row is None:
            if keys:
                yield "an annotation does not name its row of the parent tree", page
            continue
        if used.setdefault(row, annotation.key) != annotation.key:
            yield f"two annotations share row {row} of the parent tree", page
        if [object_key(rows.get(row))] != keys:
            yield "the parent tree does not lead from an annotation to its element", page
