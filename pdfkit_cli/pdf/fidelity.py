"""Compares a pack with its letter: each page of the letter in both, as rendered by PDFium, which is independent of the merging code.

Chromium, Edge and Android show PDFs with PDFium.
It renders both files with form fields and annotations; the pages must be the same to the pixel.
"""

from collections.abc import Iterator
from contextlib import closing, suppress
from ctypes import c_int, create_string_buffer
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from itertools import takewhile
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from pikepdf import Pdf, PdfError

from pdfkit_cli.pdf import pdfium
from pdfkit_cli.pdf.merge.actions import ADDRESS
from pdfkit_cli.pdf.pdfium import raw

SCALE: Final = 0.5
"""Pixels for each point: 36 dpi. A changed digit changes grey levels even there."""

MAX_EDGE_PIXELS: Final = 842.0
"""Pixels of the longest edge: a larger page, such as a poster, is rendered at less than `SCALE`."""

MEDIA_SUBTYPES: Final = frozenset({raw.FPDF_ANNOT_SOUND, raw.FPDF_ANNOT_MOVIE, raw.FPDF_ANNOT_SCREEN, raw.FPDF_ANNOT_THREED, raw.FPDF_ANNOT_RICHMEDIA})  # fmt: skip
"""Annotations that play something; a pack keeps their appearance, as a stamp."""

AnnotationKey = tuple[int, tuple[float, ...], str]
"""Type, rectangle in points and contents of an annotation."""


class DifferenceKind(StrEnum):
    """The aspect in which a pack and its letter differ."""

    PAGES = "pages"
    SIZE = "size"
    PICTURE = "picture"
    TEXT = "text"
    NOTES = "notes"
    LINKS = "links"
    BOOKMARKS = "bookmarks"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class LetterDifference:
    """The first page (from 1; 0 is the document) on which a pack and its letter differ, and the aspect."""

    page: int
    aspect: DifferenceKind


def first_difference(letter: bytes, pack: bytes, pages: int) -> LetterDifference | None:
    """Compare the pages of a letter with the first `pages` of its pack; return None if they are the same.

    A file or a page that PDFium cannot open counts as a difference, since it is unknown what a patient would see.
    PDFium may show deleted objects of an intact letter, and may ignore inherited ones: then the letter is compared
    again after qpdf, which follows the standard, has rewritten it.
    """
    difference = _first_difference(letter, pack, pages)
    if difference and (plain := _rewrite_with_qpdf(letter)):
        return _first_difference(plain, pack, pages)
    return difference


def _rewrite_with_qpdf(letter: bytes) -> bytes | None:
    """Return a letter as qpdf writes it: without free objects (ISO 32000-1, 7.5.4), and without keys whose value is null (7.3.7).

    Returns None for a damaged letter, about which qpdf warns.
    """
    out = BytesIO()
    try:
        with Pdf.open(BytesIO(letter)) as document:
            document.save(out)
            return None if document.get_warnings() else out.getvalue()
    except PdfError:
        return None


def _first_difference(letter: bytes, pack: bytes, pages: int) -> LetterDifference | None:
    try:
        with pdfium.open_document(letter, forms=True) as before, pdfium.open_document(pack, forms=True) as after:
            return next(_differences(before, after, pages), None)
    except pdfium.PdfiumError:
        return LetterDifference(0, DifferenceKind.UNREADABLE)


def _differences(before: Any, after: Any, pages: int) -> Iterator[LetterDifference]:
    for index in range(len(before)):
        yield from (LetterDifference(index + 1, aspect) for aspect in _page_differences(before, after, index, pages))
    if _bookmarks(before) != _bookmarks_of_first_part(after):
        yield LetterDifference(0, DifferenceKind.BOOKMARKS)


def _page_differences(before: Any, after: Any, index: int, pages: int) -> Iterator[DifferenceKind]:
    try:
        old = before[index]
    except pdfium.PdfiumError:
        # Some letters declare more pages than they have. The pack may have an empty page there, the blank back of a sheet.
        if index < pages and raw.FPDFPage_CountObjects(after[index]):
            yield DifferenceKind.UNREADABLE
        return
    with closing(old):
        if index >= pages:
            yield DifferenceKind.PAGES
            return
        with closing(after[index]) as new:
            yield from _appearance_differences(old, new)
            if not _links(before, old).items() <= _links(after, new).items():
                yield DifferenceKind.LINKS


def _appearance_differences(old: Any, new: Any) -> Iterator[DifferenceKind]:
    if any(abs(one - other) > 0.01 for one, other in zip(old.get_size(), new.get_size(), strict=True)):
        yield DifferenceKind.SIZE
    elif _render_page(old) != _render_page(new):
        yield DifferenceKind.PICTURE
    if _text(old) != _text(new):
        yield DifferenceKind.TEXT
    if _annotations(old) != _annotations(new):
        yield DifferenceKind.NOTES


def _render_page(page: Any) -> bytes:
    if not all(page.get_size()):
        return b""  # a page without width or height shows nothing
    scale = min(SCALE, MAX_EDGE_PIXELS / max(page.get_size()))
    return bytes(page.render(scale=scale).buffer)


def _text(page: Any) -> str:
    with closing(page.get_textpage()) as text:
        return str(text.get_text_range())


def _annotations(page: Any) -> list[AnnotationKey]:
    found = []
    for index in range(raw.FPDFPage_GetAnnotCount(page)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        try:
            kind = raw.FPDFAnnot_GetSubtype(annotation)
            found.append(
                (raw.FPDF_ANNOT_STAMP if kind in MEDIA_SUBTYPES else kind, _rectangle(annotation), _words(annotation))
            )
        finally:
            raw.FPDFPage_CloseAnnot(annotation)
    return found


def _rectangle(annotation: Any) -> tuple[float, ...]:
    corners = raw.FS_RECTF()
    raw.FPDFAnnot_GetRect(annotation, corners)
    return _rounded(corners)


def _rounded(corners: Any) -> tuple[float, ...]:
    return tuple(round(value, 2) for value in (corners.left, corners.bottom, corners.right, corners.top))


def _words(annotation: Any) -> str:
    size = raw.FPDFAnnot_GetStringValue(annotation, b"Contents", None, 0)
    buffer = (raw.FPDF_WCHAR * (size // 2))()
    raw.FPDFAnnot_GetStringValue(annotation, b"Contents", buffer, size)
    return bytes(buffer).decode("utf-16-le", "replace").rstrip("\0")


def _links(document: Any, page: Any) -> dict[tuple[float, ...], str]:
    """Return the targets of the links of a page, pages or web addresses, by their rectangles; links that lead nowhere are skipped."""
    found, position, link = {}, c_int(0), raw.FPDF_LINK()
    while raw.FPDFLink_Enumerate(page, position, link):
        corners = raw.FS_RECTF()
        if raw.FPDFLink_GetAnnotRect(link, corners) and (target := _target(document, link)):
            found[_rounded(corners)] = target
    return found


def _target(document: Any, link: Any) -> str:
    action = raw.FPDFLink_GetAction(link)
    match raw.FPDFAction_GetType(action) if action else raw.PDFACTION_GOTO:
        case raw.PDFACTION_GOTO:
            destination = raw.FPDFLink_GetDest(document, link)
            index = raw.FPDFDest_GetDestPageIndex(document, destination) if destination else -1
            return f"page {index}" if index >= 0 else ""
        case raw.PDFACTION_URI:
            return _normalized(_address(document, action))
    return ""


def _address(document: Any, action: Any) -> str:
    size = raw.FPDFAction_GetURIPath(document, action, None, 0)
    buffer = create_string_buffer(size)
    raw.FPDFAction_GetURIPath(document, action, buffer, size)
    return buffer.value.decode("latin-1")


def _normalized(address: str) -> str:
    """Return a web address without “./” in its path (RFC 3986, 5.2.4); nothing for an address that a pack leaves out."""
    if not ADDRESS.match(address.encode("latin-1")):
        return ""
    with suppress(ValueError):  # not a valid address; it is compared as it is
        parts = urlsplit(address)
        return parts._replace(path=urljoin("/", f".{parts.path}")).geturl() if parts.netloc else address
    return address


def _bookmarks(document: Any) -> list[tuple[int, str]]:
    return [(bookmark.level, bookmark.get_title()) for bookmark in document.get_toc()]


def _bookmarks_of_first_part(pack: Any) -> list[tuple[int, str]]:
    """Return the bookmarks below that of the first part, a level higher."""
    return [(level - 1, title) for level, title in takewhile(lambda bookmark: bookmark[0], _bookmarks(pack)[1:])]
