"""Checks that bookmarks lead to the headings, in order, and that links lead somewhere and state where.

In a merged PDF every part has a bookmark, with those of its own headings below it, and its links stay inside it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from pikepdf import Dictionary

from pdfkit_cli.pdf.audit.audited_pdf import Annotation, AuditedPdf
from pdfkit_cli.pdf.audit.marked_content import MarkedContent, TextStart
from pdfkit_cli.pdf.audit.parts import DocumentPart, part_of_page
from pdfkit_cli.pdf.audit.report import AuditIssue
from pdfkit_cli.pdf.audit.structure import StructureElement, comparable_text
from pdfkit_cli.pdf.geometry import normalize
from pdfkit_cli.pdf.objects import ObjectKey, as_number, entry, name_entry, object_key, rectangle, text_entry

MAX_BOOKMARKS: Final = 5_000
"""Largest number of bookmarks checked."""

MAX_SIZES_ABOVE: Final = 3.0
"""Font sizes by which a bookmark may lead to a point above the first line of its heading."""

MAX_SIZES_BELOW: Final = 0.5
"""Font sizes by which it may lead to a point below that line."""

LINK_TOLERANCE: Final = 2.0
"""Points that a link may be away from its words."""

ALLOWED_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})

NOTE_TYPES: Final = frozenset({"Reference", "Note"})
"""Elements inside a heading that are not part of its text."""


@dataclass(frozen=True, slots=True)
class OutlineItem:
    """One bookmark: its title, the page (from 1; 0 is none) and height that it leads to, and its level from 0."""

    title: str
    page: int
    y: float | None
    level: int = 0


@dataclass(frozen=True, slots=True)
class HeadingTarget:
    """A heading: its text, its page, and where its first line begins."""

    title: str
    page: int
    start: TextStart | None
    kind: str


def navigation_issues(document: AuditedPdf) -> Iterator[AuditIssue]:
    """Check the bookmarks and the links."""
    headings = {
        id(part): [_heading_target(element, document) for element in part.elements if _is_outermost_heading(element)]
        for part in document.parts
    }
    bookmarks, is_bounded = _read_bookmarks(document)
    if not is_bounded:
        yield AuditIssue("bookmark-loop", "the bookmarks form a loop, or there are too many")
    if document.parts[0].element:
        yield from _part_bookmark_issues(bookmarks, headings, document)
    else:
        yield from _bookmark_issues(bookmarks, headings[id(document.parts[0])])
    holders: dict[ObjectKey, list[StructureElement]] = {}
    for element in document.structure.elements:
        for reference in element.references:
            if reference.mcid is None:
                holders.setdefault(reference.target, []).append(element)
    for annotation in document.annotations:
        if name_entry(annotation.dictionary, "/Subtype") == "/Link":
            part = part_of_page(document.parts, annotation.page)
            link = _read_link(annotation, holders.get(annotation.key, []), document)
            yield from _link_issues(link)
            yield from _target_issues(link, headings.get(id(part), []), part, document)


# Bookmarks


def _is_outermost_heading(element: StructureElement) -> bool:
    return element.is_heading and not any(outer.is_heading for outer in element.ancestors)


def _heading_target(element: StructureElement, document: AuditedPdf) -> HeadingTarget:
    marks = document.structure.marks(element, document.painted)
    words = document.structure.spoken_text(element, document.painted, NOTE_TYPES)
    start = next((start for mark in marks for start in mark.starts), None)
    return HeadingTarget(words, marks[0].page if marks else 0, start, element.kind)


def _read_bookmarks(document: AuditedPdf) -> tuple[list[OutlineItem], bool]:
    """Return the bookmarks in their order, and whether these are all: not in a loop."""
    waiting = [(entry(entry(document.catalog, "/Outlines"), "/First"), 0)]
    seen: set[ObjectKey] = set()
    found: list[OutlineItem] = []
    while waiting:
        item, level = waiting.pop()
        if not isinstance(item, Dictionary):
            continue
        if object_key(item) in seen or len(seen) >= MAX_BOOKMARKS:
            return found, False
        seen.add(object_key(item))
        page, height = _destination(item, document)
        found.append(OutlineItem(text_entry(item, "/Title") or "", page, height, level))
        waiting += [(entry(item, "/Next"), level), (entry(item, "/First"), level + 1)]
    return found, True


def _destination(item: Any, document: AuditedPdf) -> tuple[int, float | None]:
    """Return page and height that a bookmark or a link leads to; page 0 where it leads nowhere in this file."""
    target = document.destination(entry(item, "/Dest") or entry(entry(item, "/A"), "/D"))
    if target is None:
        return 0, None
    at = {"/XYZ": 3, "/FitH": 2, "/FitBH": 2, "/FitR": 5}.get(str(target[1]), len(target))
    return document.numbers.get(object_key(target[0]), 0), as_number(target[at]) if at < len(target) else None


def _part_bookmark_issues(
    bookmarks: list[OutlineItem], headings: dict[int, list[HeadingTarget]], document: AuditedPdf
) -> Iterator[AuditIssue]:
    """Check that each bookmark of the first level leads to the beginning of the next part, or to pages without tags."""
    missing, before = list(document.parts), 0
    for at, top in enumerate(bookmarks):
        if top.level:
            continue
        below = list(takewhile(lambda bookmark: bookmark.level, bookmarks[at + 1 :]))
        part = next((item for item in missing if before < top.page <= item.first and item.title == top.title), None)
        if part is not None:
            skipped, missing = missing[: missing.index(part)], missing[missing.index(part) + 1 :]
            yield from map(_missing_part, skipped)
            yield from _bookmark_issues(below, headings[id(part)])
        elif not top.page or part_of_page(document.parts, top.page):
            message = f"the bookmark “{top.title}” does not lead to the first page of a part with that title"
            yield AuditIssue("bookmark-part", message, top.page)
        before = part.last if part else max(before, top.page)
    yield from map(_missing_part, missing)


def _missing_part(part: DocumentPart) -> AuditIssue:
    return AuditIssue("bookmark-missing", f"the part “{part.title}” has no bookmark", part.first, "Part")


def _bookmark_issues(bookmarks: list[OutlineItem], headings: list[HeadingTarget]) -> Iterator[AuditIssue]:
    """Check that each bookmark is the next heading, and that each heading has its bookmark."""
    missing = list(headings)
    for bookmark in bookmarks:
        title = comparable_text(bookmark.title)
        if not bookmark.page:
            yield AuditIssue("bookmark-target", f"the bookmark “{bookmark.title}” leads nowhere")
        match = next((item for item in missing if comparable_text(item.title) == title), None)
        if match is None:
            message = f"the bookmark “{bookmark.title}” is not a heading, or is out of order"
            yield AuditIssue("bookmark-heading", message, bookmark.page)
            continue
        skipped, missing = missing[: missing.index(match)], missing[missing.index(match) + 1 :]
        yield from map(_missing_heading, skipped)
        if bookmark.page and not _leads_to(bookmark.page, bookmark.y, match):
            message = f"the bookmark “{bookmark.title}” does not lead to its heading, on page {match.page}"
            yield AuditIssue("bookmark-target", message, bookmark.page)
    yield from map(_missing_heading, missing)


def _missing_heading(heading: HeadingTarget) -> AuditIssue:
    return AuditIssue("bookmark-missing", f"the heading “{heading.title}” has no bookmark", heading.page, heading.kind)


def _leads_to(page: int, height: float | None, heading: HeadingTarget) -> bool:
    if page != heading.page or heading.start is None or height is None:
        return page == heading.page
    above = height - heading.start.y
    return -MAX_SIZES_BELOW * heading.start.size <= above <= MAX_SIZES_ABOVE * heading.start.size


# Links


@dataclass(frozen=True, slots=True)
class _Link:
    """A link annotation, the elements that contain it, and their words and marks."""

    annotation: Annotation
    elements: Sequence[StructureElement]
    words: str
    marks: Sequence[MarkedContent]

    def issue(self, code: str, problem: str) -> AuditIssue:
        return AuditIssue(code, f"the link “{self.words[:40].strip()}” {problem}", self.annotation.page, "Link")


def _read_link(annotation: Annotation, elements: list[StructureElement], document: AuditedPdf) -> _Link:
    marks = [mark for element in elements for mark in document.structure.marks(element, document.painted)]
    words = "".join(document.structure.spoken_text(element, document.painted) for element in elements)
    return _Link(annotation, elements, words, marks)


def _link_issues(link: _Link) -> Iterator[AuditIssue]:
    texts = [text_entry(element.dictionary, "/Alt") for element in link.elements]
    if not (text_entry(link.annotation.dictionary, "/Contents") or "").strip() and not any(texts):
        yield link.issue("link-contents", "does not say where it leads (Contents)")
    if any(element.kind != "Link" for element in link.elements):
        yield link.issue("link-element", "is in an element that is not a Link")
    if link.elements and not _covers(link):
        yield link.issue("link-place", "is not above its words")


def _target_issues(
    link: _Link, headings: list[HeadingTarget], part: DocumentPart | None, document: AuditedPdf
) -> Iterator[AuditIssue]:
    address = text_entry(entry(link.annotation.dictionary, "/A"), "/URI")
    if address is not None:
        yield from _address_issues(address, link)
        return
    page, height = _destination(link.annotation.dictionary, document)
    if not page:
        yield link.issue("link-target", "leads nowhere")
    elif part and part.element and part_of_page(document.parts, page) is not part:
        yield link.issue("link-target", "leads into another part")
    words = comparable_text(link.words)
    for heading in headings:
        if words and comparable_text(heading.title) == words and not _leads_to(page, height, heading):
            yield link.issue("link-target", "does not lead to that heading")


def _covers(link: _Link) -> bool:
    """Return whether a link is where some of its words begin, or over its picture."""
    box = rectangle(entry(link.annotation.dictionary, "/Rect"))
    if box is None:
        return False
    left, low, right, high = normalize(box)
    places = [(start.x, start.y) for mark in link.marks if mark.page == link.annotation.page for start in mark.starts]
    places += [((a + c) / 2, (b + d) / 2) for a, b, c, d in (mark.box for mark in link.marks if mark.box)]
    slack = LINK_TOLERANCE
    return any(left - slack <= x <= right + slack and low - slack <= y <= high + slack for x, y in places)


def _address_issues(address: str, link: _Link) -> Iterator[AuditIssue]:
    """Check that an address can be followed, and that the phone number or e-mail address in it is the printed one."""
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ALLOWED_SCHEMES or not (parts.netloc or parts.path):
        yield link.issue("link-target", f"leads to “{address[:80]}”, which is not an address that can be followed")
    printed = re.sub(r"\D", "", link.words)
    # A country prints its own numbers with a leading zero or without.
    if parts.scheme == "tel" and printed and not re.sub(r"\D", "", parts.path).endswith(printed.lstrip("0")):
        yield link.issue("link-address", f"dials {parts.path}")
    recipient = unquote(parts.path)
    if parts.scheme == "mailto" and "@" in link.words and comparable_text(recipient) not in comparable_text(link.words):
        yield link.issue("link-address", f"writes to {recipient[:80]}")
