"""Bookmarks lead to the headings, in their order; links lead somewhere and say where.

In a pack every part has a bookmark, with those of its own headings below, and its links stay inside it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Any
from urllib.parse import unquote, urlsplit

from pikepdf import Dictionary

from pdfkit_cli.pdf.audit.document import Annotation, AuditedPdf
from pdfkit_cli.pdf.audit.marked_content import MarkedContent, TextStart
from pdfkit_cli.pdf.audit.parts import DocumentPart, part_of_page
from pdfkit_cli.pdf.audit.report import AuditIssue
from pdfkit_cli.pdf.audit.structure import StructureElement, comparable_text, is_heading
from pdfkit_cli.pdf.objects import ObjectKey, as_number, entry, name_entry, numbers, object_key, text_entry

MAX_BOOKMARKS = 5_000
"""Bookmarks that are looked at."""

ABOVE = 3.0
"""Sizes of its letters that a bookmark may lead above the first line of its heading, and BELOW them."""

BELOW = 0.5
SLACK = 2.0
"""Points that a link may lie beside its words."""

ALLOWED_SCHEMES = frozenset({"http", "https", "mailto", "tel"})


@dataclass(frozen=True, slots=True)
class OutlineItem:
    """One item of the outline: its title, its page from 1 (0 is none), the height that it leads to, how deep it stands."""

    title: str
    page: int
    y: float | None
    level: int = 0


NOTE_TYPES = frozenset({"Reference", "Note"})
"""What is called in a heading is not part of it."""


@dataclass(frozen=True, slots=True)
class HeadingTarget:
    """A heading as a reader meets it: its words, its page, and where its first line begins."""

    title: str
    page: int
    start: TextStart | None
    element: StructureElement


def navigation_issues(document: AuditedPdf) -> Iterator[AuditIssue]:
    """Look at the bookmarks and the links."""
    headings = {
        id(piece): [_heading(item, document) for item in piece.elements if _outermost(item)] for piece in document.parts
    }
    found: list[AuditIssue] = []
    bookmarks = list(_bookmarks(document, found))
    yield from found
    if document.parts[0].part:
        yield from _of_parts(bookmarks, headings, document)
    else:
        yield from _in_order(bookmarks, headings[id(document.parts[0])])
    held: dict[ObjectKey, list[StructureElement]] = {}
    for element in document.structure.elements:
        for reference in element.holds:
            if reference.mcid is None:
                held.setdefault(reference.target, []).append(element)
    for annotation in document.annotations:
        if name_entry(annotation.dictionary, "/Subtype") == "/Link":
            piece = part_of_page(document.parts, annotation.page)
            yield from _link(annotation, held.get(annotation.key, []), headings.get(id(piece), []), piece, document)


def _outermost(element: StructureElement) -> bool:
    return is_heading(element) and not any(is_heading(outer) for outer in list(element.above)[1:])


def _heading(element: StructureElement, document: AuditedPdf) -> HeadingTarget:
    marks = document.structure.marks(element, document.painted)
    words = document.structure.heard(element, document.painted, NOTE_TYPES)
    start = next((start for mark in marks for start in mark.starts), None)
    return HeadingTarget(words, marks[0].page if marks else 0, start, element)


def _bookmarks(document: AuditedPdf, found: list[AuditIssue]) -> Iterator[OutlineItem]:
    waiting = [(entry(entry(document.catalog, "/Outlines"), "/First"), 0)]
    seen: set[ObjectKey] = set()
    while waiting:
        reference, level = waiting.pop()
        item = reference
        if not isinstance(item, Dictionary):
            continue
        if object_key(reference) in seen or len(seen) >= MAX_BOOKMARKS:
            found.append(AuditIssue("bookmark-loop", "the bookmarks run in a circle, or there are too many"))
            return
        seen.add(object_key(reference))
        page, height = _place(item, document)
        yield OutlineItem(text_entry(item, "/Title") or "", page, height, level)
        waiting += [(entry(item, "/Next"), level), (entry(item, "/First"), level + 1)]


def _place(item: Any, document: AuditedPdf) -> tuple[int, float | None]:
    """Return page and height that a bookmark or a link leads to; page 0 where it leads nowhere in this file."""
    value = entry(item, "/Dest")
    if value is None:
        value = entry(entry(item, "/A"), "/D")
    target = document.destination(value)
    if target is None:
        return 0, None
    heights = {"/XYZ": 3, "/FitH": 2, "/FitBH": 2, "/FitR": 5}
    at = heights.get(str(target[1]), len(target))
    return document.numbers.get(object_key(target[0]), 0), as_number(target[at]) if at < len(target) else None


def _of_parts(
    bookmarks: list[OutlineItem], headings: dict[int, list[HeadingTarget]], document: AuditedPdf
) -> Iterator[AuditIssue]:
    """Each bookmark of the first level leads to the beginning of the next part, or of pages without tags."""
    missed, before = list(document.parts), 0
    for at, top in enumerate(bookmarks):
        if top.level:
            continue
        below = list(takewhile(lambda bookmark: bookmark.level, bookmarks[at + 1 :]))
        piece = next((item for item in missed if before < top.page <= item.first and item.title == top.title), None)
        if piece is not None:
            skipped, missed = missed[: missed.index(piece)], missed[missed.index(piece) + 1 :]
            yield from map(_without_part, skipped)
            yield from _in_order(below, headings[id(piece)])
        elif not top.page or part_of_page(document.parts, top.page):
            yield AuditIssue(
                "bookmark-part", f"the bookmark “{top.title}” is no part, or does not lead to its first page", top.page
            )
        before = piece.last if piece else max(before, top.page)
    yield from map(_without_part, missed)


def _without_part(piece: DocumentPart) -> AuditIssue:
    return AuditIssue("bookmark-missing", f"the part “{piece.title}” has no bookmark", piece.first, "Part")


def _in_order(bookmarks: list[OutlineItem], headings: list[HeadingTarget]) -> Iterator[AuditIssue]:
    """Each bookmark is the next heading, and each heading has its bookmark."""
    missed = list(headings)
    for bookmark in bookmarks:
        if not bookmark.page:
            yield AuditIssue("bookmark-target", f"the bookmark “{bookmark.title}” leads nowhere")
        match = next((item for item in missed if comparable_text(item.title) == comparable_text(bookmark.title)), None)
        if match is None:
            yield AuditIssue(
                "bookmark-heading", f"the bookmark “{bookmark.title}” is no heading, or out of order", bookmark.page
            )
            continue
        skipped, missed = missed[: missed.index(match)], missed[missed.index(match) + 1 :]
        yield from map(_without, skipped)
        if bookmark.page and not _there(bookmark, match):
            message = f"the bookmark “{bookmark.title}” does not lead to its heading, on page {match.page}"
            yield AuditIssue("bookmark-target", message, bookmark.page)
    yield from map(_without, missed)


def _without(heading: HeadingTarget) -> AuditIssue:
    return AuditIssue(
        "bookmark-missing", f"the heading “{heading.title}” has no bookmark", heading.page, heading.element.kind
    )


def _there(bookmark: OutlineItem, heading: HeadingTarget) -> bool:
    if bookmark.page != heading.page or heading.start is None or bookmark.y is None:
        return bookmark.page == heading.page
    above = bookmark.y - heading.start.y
    return -BELOW * heading.start.size <= above <= ABOVE * heading.start.size


def _link(
    annotation: Annotation,
    elements: list[StructureElement],
    headings: list[HeadingTarget],
    piece: DocumentPart | None,
    document: AuditedPdf,
) -> Iterator[AuditIssue]:
    marks = [mark for element in elements for mark in document.structure.marks(element, document.painted)]
    words = "".join(document.structure.heard(element, document.painted) for element in elements)
    said, page, called = annotation.dictionary, annotation.page, f"the link “{words[:40].strip()}”"
    if not (text_entry(said, "/Contents") or "").strip() and not any(
        text_entry(item.dictionary, "/Alt") for item in elements
    ):
        yield AuditIssue("link-contents", f"{called} does not say where it leads (Contents)", page, "Link")
    if any(element.kind != "Link" for element in elements):
        yield AuditIssue("link-element", f"{called} is held by an element that is no Link", page, "Link")
    if elements and not _covers(annotation, marks):
        yield AuditIssue("link-place", f"{called} does not lie on its words", page, "Link")
    address = text_entry(entry(said, "/A"), "/URI")
    if address is not None:
        yield from _address(address, words, page)
        return
    target, height = _place(said, document)
    if not target:
        yield AuditIssue("link-target", f"{called} leads nowhere", page, "Link")
    elif piece and piece.part and part_of_page(document.parts, target) is not piece:
        yield AuditIssue("link-target", f"{called} leads into another part", page, "Link")
    for heading in headings:
        if (
            comparable_text(words)
            and comparable_text(heading.title) == comparable_text(words)
            and not _there(OutlineItem(words, target, height), heading)
        ):
            yield AuditIssue("link-target", f"{called} does not lead to that heading", page, "Link")


def _covers(annotation: Annotation, marks: list[MarkedContent]) -> bool:
    """Say whether a link lies where some of its words begin, or over its picture."""
    box = numbers(entry(annotation.dictionary, "/Rect"), 4)
    if box is None:
        return False
    left, low, right, high = min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3])
    places = [(start.x, start.y) for mark in marks if mark.page == annotation.page for start in mark.starts]
    places += [((mark.box[0] + mark.box[2]) / 2, (mark.box[1] + mark.box[3]) / 2) for mark in marks if mark.box]
    return any(left - SLACK <= x <= right + SLACK and low - SLACK <= y <= high + SLACK for x, y in places)


def _address(address: str, words: str, page: int) -> Iterator[AuditIssue]:
    """An address can be followed; the phone or e-mail that is printed is the one that is dialled or written to."""
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ALLOWED_SCHEMES or not (parts.netloc or parts.path):
        yield AuditIssue("link-target", f"“{address[:80]}” is no address that can be followed", page, "Link")
    digits = re.sub(r"\D", "", words)
    if parts.scheme == "tel" and digits and not _dials(re.sub(r"\D", "", parts.path), digits):
        yield AuditIssue("link-address", f"the link “{words[:40]}” dials {parts.path}", page, "Link")
    if parts.scheme == "mailto" and "@" in words and comparable_text(unquote(parts.path)) not in comparable_text(words):
        yield AuditIssue("link-address", f"the link “{words[:40]}” writes to {unquote(parts.path)[:80]}", page, "Link")


def _dials(dialled: str, printed: str) -> bool:
    """Say whether a number is printed as it is dialled; a country prints its own numbers with a zero or without."""
    return dialled.endswith(printed.lstrip("0"))
