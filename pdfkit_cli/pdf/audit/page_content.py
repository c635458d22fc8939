"""Text on the pages is tagged, page furniture is not; page boxes, the catalog and the metadata are sane."""

import html
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from pdfkit_cli.pdf.audit.audited_pdf import AuditedPdf
from pdfkit_cli.pdf.audit.marked_content import MarkedContent
from pdfkit_cli.pdf.audit.report import AuditIssue
from pdfkit_cli.pdf.geometry import Box, contains
from pdfkit_cli.pdf.objects import ObjectKey, array_items, entry, name_entry, rectangle, text_entry

MARGIN_SHARE: Final = 0.06
"""Share of a page's height, at its top and at its bottom, where text that recurs on other pages is furniture."""

REPEAT_SHARE: Final = 0.6
"""Share of the pages that furniture is on: the first may have its own."""

MIN_PAGE_SIZE, MAX_PAGE_SIZE = 72.0, 3_000.0
"""Sides of a page in points: an inch, and slightly more than A0."""

MAX_PAGE_LENGTH: Final = 14_400.0
"""The longer side in points, of a page as high as its text: PDF readers show no more (ISO 32000-1, annex C)."""

BOX_TOLERANCE: Final = 0.02
"""Points by which one box may extend beyond another because of rounding."""

_DATE = re.compile(r"D:\d{4}(\d{2}){0,5}([Z+-](\d{2}'?(\d{2}'?)?)?)?")


def page_content_issues(document: AuditedPdf) -> Iterator[AuditIssue]:
    """Check the pages, the text on them that is not tagged, and the catalog and metadata of the file."""
    yield from _artifact_issues(document)
    for part in document.parts:
        marks = [mark for mark in document.painted.marks.values() if part.first <= mark.page <= part.last]
        yield from _furniture_issues(marks, document)
    yield from _box_issues(document)
    yield from _catalog_issues(document)
    yield from _information_issues(document)


def _artifact_issues(document: AuditedPdf) -> Iterator[AuditIssue]:
    """Check that untagged text is page furniture, and outside of the tagged text."""
    heights: dict[ObjectKey, list[float]] = defaultdict(list)
    for mark in document.painted.marks.values():
        heights[mark.surface] += [start.y for start in mark.starts]
    for artifact in document.painted.artifacts:
        words = "".join(artifact.text)
        if not any(map(str.isalnum, words)):
            continue
        called = f"“{words[:40].strip()}”"
        if artifact.kind != "/Pagination":
            yield AuditIssue("artifact-type", f"{called} is an artifact, but not page furniture", artifact.page)
        tagged = heights[artifact.surface]
        if tagged and any(min(tagged) < start.y < max(tagged) for start in artifact.starts):
            yield AuditIssue("artifact-text", f"{called} is among the text, but screen readers skip it", artifact.page)


def _furniture_issues(marks: list[MarkedContent], document: AuditedPdf) -> Iterator[AuditIssue]:
    """Check that text at the same place in the margins of several pages is not tagged on each."""
    places: dict[tuple[int, int, str], set[ObjectKey]] = defaultdict(set)
    pages: dict[ObjectKey, int] = {}
    for mark in marks:
        left, low, _, high = document.painted.surfaces[mark.surface]
        edge = (high - low) * MARGIN_SHARE
        for start in mark.starts[:1]:
            if mark.words.strip() and not low + edge < start.y < high - edge:
                places[round(start.x - left), round(start.y - low), mark.words].add(mark.surface)
                pages[mark.surface] = mark.page
    for (_, _, words), surfaces in places.items():
        if len(surfaces) > 1 and len(surfaces) >= REPEAT_SHARE * len({mark.surface for mark in marks}):
            message = f"“{words[:40].strip()}” is read aloud on {len(surfaces)} pages, but is page furniture"
            yield AuditIssue("furniture-tagged", message, min(pages[surface] for surface in surfaces))


def _box_issues(document: AuditedPdf) -> Iterator[AuditIssue]:
    for number, page in enumerate(document.pages, 1):
        media = _box(page, "/MediaBox")
        sides = (media[2] - media[0], media[3] - media[1]) if media else ()
        if media is None or not MIN_PAGE_SIZE <= min(sides) <= MAX_PAGE_SIZE or max(sides) > MAX_PAGE_LENGTH:
            yield AuditIssue("page-box", "it has no size, or one that no page has", number)
            continue
        for name in ("/CropBox", "/BleedBox", "/TrimBox", "/ArtBox"):
            box = _box(page, name)
            if entry(page, name) is not None and (box is None or not contains(media, box, BOX_TOLERANCE)):
                yield AuditIssue("page-box", f"its {name[1:]} is not inside its MediaBox", number)
        if entry(page, "/Rotate") not in (None, 0):
            yield AuditIssue("page-rotated", "it is rotated, so positions on it cannot be checked", number)
        if array_items(entry(page, "/Annots")) and name_entry(page, "/Tabs") != "/S":
            yield AuditIssue("tab-order", "the tab key does not follow the text from link to link (Tabs)", number)


def _box(page: Any, name: str) -> Box | None:
    found = rectangle(entry(page, name))
    return found if found and found[0] < found[2] and found[1] < found[3] else None


def _catalog_issues(document: AuditedPdf) -> Iterator[AuditIssue]:
    mark_info = entry(document.catalog, "/MarkInfo")
    if entry(mark_info, "/Marked") is not True:
        yield AuditIssue("mark-info", "it is not declared to be tagged (MarkInfo)")
    if entry(mark_info, "/Suspects") is True:
        yield AuditIssue("mark-info", "it declares that its tags are suspect (MarkInfo)")
    if entry(entry(document.catalog, "/ViewerPreferences"), "/DisplayDocTitle") is not True:
        yield AuditIssue("title-hidden", "it asks viewers to show its file name instead of its title (DisplayDocTitle)")


def _information_issues(document: AuditedPdf) -> Iterator[AuditIssue]:
    """Check that title and dates exist, and that the title is the same in both places that a PDF has for it."""
    information = entry(document.pdf.trailer, "/Info")
    metadata = document.metadata().decode("utf-8", errors="replace")[:200_000]
    title = text_entry(information, "/Title") or ""
    match = re.search(r"<dc:title>.*?<rdf:li[^>]*>(.*?)</rdf:li>", metadata, re.S)
    other = html.unescape(match[1]) if match else ""
    if not title.strip() or not other.strip():
        yield AuditIssue("title-missing", "it has no title")
    elif title.split() != other.split():
        message = f"its title is “{title[:40]}” in one place and “{other[:40]}” in the other"
        yield AuditIssue("title-differs", message)
    for name in ("/CreationDate", "/ModDate"):
        if not _DATE.fullmatch(text_entry(information, name) or ""):
            yield AuditIssue("date", f"its {name[1:]} is missing or not a date")
