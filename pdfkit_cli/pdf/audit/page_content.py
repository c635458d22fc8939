"""What stands on the pages: words are in the tree, page furniture is not; boxes and metadata are sane."""

import re
from collections import defaultdict
from collections.abc import Iterator

from pdfkit_cli.pdf.audit.document import AuditedPdf
from pdfkit_cli.pdf.audit.marked_content import MarkedContent
from pdfkit_cli.pdf.audit.report import AuditIssue
from pdfkit_cli.pdf.geometry import Box
from pdfkit_cli.pdf.objects import ObjectKey, as_list, entry, name_entry, numbers, stream_data, text_entry

MARGIN_SHARE = 0.06
"""Share of a page's height, above and below, where what comes again on other pages is furniture."""

REPEAT_SHARE = 0.6
"""Share of the pages that furniture stands on: the first may have its own."""

MIN_PAGE_SIZE, MAX_PAGE_SIZE = 72.0, 3_000.0
"""Points that a page may measure: an inch, and a little more than A0."""

BOX_TOLERANCE = 0.02
"""Points by which one box may stand out of another: what rounding does."""

_DATE = re.compile(r"D:\d{4}(\d{2}){0,5}([Z+-](\d{2}'?(\d{2}'?)?)?)?")


def page_content_issues(document: AuditedPdf) -> Iterator[AuditIssue]:
    """Look at the pages, at what is on them but not in the tree, and at what the file says of itself."""
    yield from _artifacts(document)
    yield from _furniture(document)
    yield from _boxes(document)
    yield from _catalog(document)
    yield from _information(document)


def _artifacts(document: AuditedPdf) -> Iterator[AuditIssue]:
    """Words that readers pass over are page furniture, and stand where furniture stands: not among what is read."""
    heights: dict[ObjectKey, list[float]] = defaultdict(list)
    for mark in document.painted.marks.values():
        heights[mark.surface] += [start.y for start in mark.starts]
    for artifact in document.painted.artifacts:
        words = "".join(artifact.text)
        if not any(letter.isalnum() for letter in words):
            continue
        if artifact.kind != "/Pagination":
            yield AuditIssue(
                "artifact-type", f"“{words[:40].strip()}” is an artifact, but not page furniture", artifact.page
            )
        read = heights[artifact.surface]
        if read and any(min(read) < start.y < max(read) for start in artifact.starts):
            message = f"“{words[:40].strip()}” stands amid the text, but readers pass over it"
            yield AuditIssue("artifact-text", message, artifact.page)


def _furniture(document: AuditedPdf) -> Iterator[AuditIssue]:
    """What stands at the same edge of several pages is not read again on each; of a pack, each part has its own."""
    for piece in document.parts:
        yield from _repeated(
            [mark for mark in document.painted.marks.values() if piece.first <= mark.page <= piece.last], document
        )


def _repeated(marks: list[MarkedContent], document: AuditedPdf) -> Iterator[AuditIssue]:
    places: dict[tuple[int, int, str], set[ObjectKey]] = defaultdict(set)
    pages: dict[ObjectKey, int] = {}
    read = {mark.surface for mark in marks}
    for mark in marks:
        left, low, _, high = document.painted.surfaces[mark.surface]
        edge = (high - low) * MARGIN_SHARE
        for start in mark.starts[:1]:
            if mark.words.strip() and not low + edge < start.y < high - edge:
                places[round(start.x - left), round(start.y - low), mark.words].add(mark.surface)
                pages[mark.surface] = mark.page
    for (_, _, words), surfaces in places.items():
        if len(surfaces) > 1 and len(surfaces) >= REPEAT_SHARE * len(read):
            message = f"“{words[:40].strip()}” is read on {len(surfaces)} pages; it is page furniture"
            yield AuditIssue("furniture-tagged", message, min(pages[surface] for surface in surfaces))


def _boxes(document: AuditedPdf) -> Iterator[AuditIssue]:
    for number, reference in enumerate(document.pages, 1):
        page = reference
        media = _box(page, "/MediaBox")
        if media is None or not all(
            MIN_PAGE_SIZE <= side <= MAX_PAGE_SIZE for side in (media[2] - media[0], media[3] - media[1])
        ):
            yield AuditIssue("page-box", "it has no size, or one that no sheet of paper has", number)
            continue
        for called in ("/CropBox", "/BleedBox", "/TrimBox", "/ArtBox"):
            if entry(page, called) is not None:
                box = _box(page, called)
                if box is None or not _within(box, media):
                    yield AuditIssue("page-box", f"its {called[1:]} is not inside its MediaBox", number)
        if entry(page, "/Rotate") not in (None, 0):
            yield AuditIssue("page-rotated", "it is rotated: what stands where can then not be told", number)
        if as_list(entry(page, "/Annots")) and name_entry(page, "/Tabs") != "/S":
            yield AuditIssue("tab-order", "its links are not reached in the order of the text (Tabs)", number)


def _box(page: object, called: str) -> Box | None:
    found = numbers(entry(page, called), 4)
    if found is None or not (found[0] < found[2] and found[1] < found[3]):
        return None
    return found[0], found[1], found[2], found[3]


def _within(box: Box, outer: Box) -> bool:
    return (
        box[0] >= outer[0] - BOX_TOLERANCE
        and box[1] >= outer[1] - BOX_TOLERANCE
        and box[2] <= outer[2] + BOX_TOLERANCE
        and box[3] <= outer[3] + BOX_TOLERANCE
    )


def _catalog(document: AuditedPdf) -> Iterator[AuditIssue]:
    marks = entry(document.catalog, "/MarkInfo")
    if entry(marks, "/Marked") is not True:
        yield AuditIssue("mark-info", "it does not say that it is tagged (MarkInfo)")
    if entry(marks, "/Suspects") is True:
        yield AuditIssue("mark-info", "it says itself that its tags are suspect")
    if entry(entry(document.catalog, "/ViewerPreferences"), "/DisplayDocTitle") is not True:
        yield AuditIssue("title-hidden", "it asks viewers to show its file name instead of its title (DisplayDocTitle)")


def _information(document: AuditedPdf) -> Iterator[AuditIssue]:
    """Title and dates, the same in both places that a PDF has for them."""
    information = entry(document.pdf.trailer, "/Info")
    metadata = (stream_data(entry(document.catalog, "/Metadata")) or b"").decode("utf-8", errors="replace")
    title = text_entry(information, "/Title") or ""
    said = _first(r"<dc:title>.*?<rdf:li[^>]*>(.*?)</rdf:li>", metadata)
    if not title.strip() or not said.strip():
        yield AuditIssue("title-missing", "it has no title")
    elif _plain(title) != _plain(said):
        yield AuditIssue("title-differs", f"it is called “{title[:40]}” and “{said[:40]}”")
    for called in ("/CreationDate", "/ModDate"):
        if not _DATE.fullmatch(text_entry(information, called) or ""):
            yield AuditIssue("date", f"its {called[1:]} is missing or no date")


def _first(pattern: str, metadata: str) -> str:
    match = re.search(pattern, metadata[:200_000], re.S)
    return match[1] if match else ""


def _plain(title: str) -> str:
    for entity, sign in (
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", '"'),
        ("&#39;", "'"),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ):
        title = title.replace(entity, sign)
    return " ".join(title.split())
