"""Appointment letters from other programs: whether leaflets can be attached to them, and why not.

Messages never contain text of a letter: only its file name, and the kind of file.
"""

import os
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pikepdf import Array, Dictionary, Page, PasswordError, Pdf, PdfError

from pdfkit_cli.packs.problems import PackingError, passes_by_itself
from pdfkit_cli.pdf import objects
from pdfkit_cli.pdf.merge.structure import is_tagged
from pdfkit_cli.pdf.objects import PDF_ERRORS, array_items, as_integer, as_text, entry, sorted_entries
from pdfkit_cli.pdf.tree_walk import VisitedObjects
from pdfkit_cli.system import fault_log, folders

MAX_LETTER_BYTES = 200_000_000
"""Largest size of a letter in bytes: far more than any real one, and small enough for a worker's memory."""


class LetterError(PackingError):
    """No leaflets can be attached to a letter, or not in this way."""

    usual_kind = "broken"


_OBJECT = re.compile(rb"\b\d+\s+\d+\s+obj\b")
"""The start of an object: if one follows the last end mark, that mark is not the end of the file."""

_PACK_INFORMATION = {"/Producer", "/CreationDate", "/ModDate", "/Trapped"}
"""Entries of the information dictionary that a pack sets itself."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that leaflets can be attached to: its bytes, number of pages, whether it is tagged, its language (often empty).

    `information` has the entries of its information dictionary: title, author, keywords, custom entries.
    """

    pdf: bytes
    pages: int
    tagged: bool
    language: str
    information: Mapping[str, str] = field(default_factory=dict)


def read_letter(path: Path, *, unlock: bool = False, seen: folders.FileStamp | None = None) -> Letter:
    """Read and check a letter.

    `unlock` accepts a letter that opens without a password but forbids changes;
    `seen` is the expected state of the file.
    Raises LetterError, which names the file and the remedy.
    """
    return check_letter(read_letter_bytes(path, seen), path, unlock=unlock)


def check_letter(pdf: bytes, path: Path, *, unlock: bool = False) -> Letter:
    """Check a letter that has been read: `path` is only for the messages. Raises LetterError, as `read_letter` does."""
    _ends_like_a_pdf(pdf, path)
    try:
        opened = _open_letter(pdf, path, unlock)
        _check_intact(opened, pdf, path)
        return _check_letter(pdf, opened)
    except objects.NoPageError:
        raise LetterError("broken-page-tree", path) from None
    except PDF_ERRORS as error:
        fault = fault_log.capture_fault(error)  # hostile input can raise any exception, and so can a bug in pdfkit
        raise LetterError("broken", path, fault=fault, type=fault.kind) from None
    except MemoryError:
        raise LetterError("letter-memory", path) from None


def _check_letter(pdf: bytes, opened: Pdf) -> Letter:
    info = entry(opened.trailer, "/Info")
    said = {
        key[1:]: as_text(value)
        for key, value in sorted_entries(info)
        if key not in _PACK_INFORMATION and as_text(value).strip()
    }
    catalog = opened.Root
    return Letter(pdf, len(opened.pages), is_tagged(catalog), as_text(entry(catalog, "/Lang")), said)


def read_letter_bytes(path: Path, seen: folders.FileStamp | None = None) -> bytes:
    """Return the bytes of a letter, without blocking on a pipe or a device.

    Raises LetterError if it is not a regular file, or if it differs from what was seen.
    """
    try:
        with open(path, "rb", opener=_open_regular) as file:  # a Path takes no opener
            found = os.fstat(file.fileno())
            _check_regular_file(found, path)
            data = file.read(MAX_LETTER_BYTES + 1)
            if seen and not (seen == folders.FileStamp.of(found) == folders.FileStamp.of(os.fstat(file.fileno()))):
                raise LetterError("letter-changed", path, kind="changed", passing=True)
            return data
    except IsADirectoryError:
        raise LetterError("letter-folder", path) from None
    except FileNotFoundError:
        drive_is_away = not os.path.isdir(path.parent)  # noqa: PTH112  # pathlib raises where it may not look
        raise LetterError("letter-missing", path, passing=drive_is_away) from None
    except OSError as error:
        passing = passes_by_itself(error)
        raise LetterError("letter-unreadable", path, passing=passing, reason=error.strerror) from None


def _ends_like_a_pdf(data: bytes, path: Path) -> None:
    if not data:
        raise LetterError("empty", path, kind="empty")
    if b"%PDF-" not in data[:1024]:
        raise LetterError("not-pdf", path, kind="not-pdf")
    end = max(data.rfind(b"startxref"), data.rfind(b"%%EOF"))
    if end < 0 or _OBJECT.search(data, end):
        raise LetterError("no-end", path)


def _open_regular(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def _check_regular_file(found: os.stat_result, path: Path) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError
    if not stat.S_ISREG(found.st_mode):
        raise LetterError("device", path)
    if found.st_size > MAX_LETTER_BYTES:
        raise LetterError("letter-large", path, kind="large", megabytes=MAX_LETTER_BYTES // 1_000_000)


def _open_letter(pdf: bytes, path: Path, unlock: bool) -> Pdf:
    try:
        opened = objects.open_pdf(pdf)
    except PasswordError:
        raise LetterError(_encryption_code(pdf), path, kind="password") from None
    except PdfError:
        if _HANDLER.search(pdf):
            raise LetterError(_encryption_code(pdf), path, kind="password") from None
        raise
    if opened.is_encrypted and not unlock:
        raise LetterError("protected", path, kind="protected")
    return opened


_HANDLER = re.compile(
    rb"/Filter\s*/(?!Standard\b)\w+(?:\.\w+)*[^>]*?/SubFilter\s*/adbe\.pkcs7\.s\d|/Adobe\.PubSec\b|/EBX_HANDLER\b", re.S
)
_ATTACHMENTS = re.compile(rb"/EFF\s*/(?!Identity\b)|/AuthEvent\s*/EFOpen")
_IN_CLEAR = re.compile(rb"/StmF\s*/Identity\b")


def _encryption_code(pdf: bytes) -> str:
    """Return the code for why a letter cannot be opened.

    Its encryption dictionary is not encrypted (ISO 32000-1, 7.6.1).
    """
    if _HANDLER.search(pdf):
        return "certificates"
    if _ATTACHMENTS.search(pdf) and (_IN_CLEAR.search(pdf) or b"/StmF" not in pdf):
        return "attachments-locked"
    return "password"


def _check_intact(pdf: Pdf, content: bytes, path: Path) -> None:
    said = as_integer(entry(entry(pdf.Root, "/Pages"), "/Count"))
    boxes = [_has_box(pdf, content, page) for page in objects.page_leaves(pdf)]  # before qpdf repairs them
    pages = list(pdf.pages)
    if not pages:
        raise LetterError("no-pages", path, kind="no-pages")
    if said not in (None, len(pages)):
        raise LetterError("page-count", path, stated=said, found=len(pages))
    form = entry(pdf.Root, "/AcroForm")
    if entry(pdf.Root, "/NeedsRendering") is True and entry(form, "/XFA") is not None:
        raise LetterError("xfa", path, kind="form")
    if _is_signed(pdf.Root, form, pages):
        raise LetterError("signed", path, kind="signed")
    if not all(boxes):
        raise LetterError("page-size", path, page=boxes.index(False) + 1)
    _check_page_content(pdf, content, path)


_LETTER = [0.0, 0.0, 612.0, 792.0]
_BOX = re.compile(rb"/MediaBox\s*(\[[^\]]*\]|\d+\s+\d+\s+R\b|[^\s/]*)")


def _has_box(pdf: Pdf, content: bytes, page: Dictionary) -> bool:
    """Return whether a page has a valid box, or none, for which every viewer takes Letter; a damaged box could be any size.

    qpdf returns Letter for both, so the bytes of a page that seems to be Letter are inspected.
    """
    box = entry(page, "/MediaBox")
    if box is not None and not (isinstance(box, Array) and box.is_rectangle):
        return False
    if box is not None and (box.is_indirect or [float(corner) for corner in box] != _LETTER):
        return True
    written = _BOX.search(objects.as_written(pdf, content, page))
    if written is None:
        return True
    with suppress(ValueError):
        return [float(corner) for corner in written[1].strip(b"[]").split()] == _LETTER
    return False


def _check_page_content(pdf: Pdf, content: bytes, path: Path) -> None:
    """Raise LetterError if the content of a page is missing from the file."""
    for number, page in enumerate(pdf.pages, start=1):
        pieces = array_items(entry(page.obj, "/Contents"))
        if any(piece is None for piece in pieces) or objects.is_dangling(pdf, content, page.obj, "/Contents"):
            raise LetterError("page-content", path, page=number)


def _is_signed(catalog: Any, form: Any, pages: list[Page]) -> bool:
    """Return whether a letter is signed. Usage rights for Adobe Reader are not a signature (ISO 32000-1, 12.8.2.3)."""
    rights = {key for key, _ in sorted_entries(entry(catalog, "/Perms"))} - {"/UR3", "/UR"}
    widgets = [widget for page in pages for widget in array_items(entry(page.obj, "/Annots"))]
    return bool(rights) or _has_signature([*array_items(entry(form, "/Fields")), *widgets])


def _has_signature(waiting: list[Any]) -> bool:
    """Return whether a field has been signed; an empty signature field does not count."""
    seen = VisitedObjects()
    while waiting:
        field = waiting.pop()
        if not isinstance(field, Dictionary) or not seen.add(field):
            continue
        if entry(entry(field, "/V"), "/ByteRange") is not None:
            return True
        waiting += array_items(entry(field, "/Kids"))
    return False
