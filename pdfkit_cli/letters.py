"""Appointment letters from elsewhere: which can have leaflets behind them, and why not.

Nothing that a letter says is ever in a message: only its file name, and what kind of file it is.
"""

import os
import stat
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PdfReadError
from pypdf.generic import DictionaryObject, IndirectObject

from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.pdf.joining.copying import BROKEN, get, items, raw, resolve, text
from pdfkit_cli.pdf.joining.structure import is_tagged
from pdfkit_cli.pdf.joining.trees import pages

LARGEST = 200_000_000
"""Bytes of a letter: far more than any, and what a worker's memory can hold."""


class LetterError(PdfkitError):
    """A letter that nothing can be put behind, or not in this way; `kind` says why to a program, the words to a person."""

    def __init__(self, message: str, *, kind: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.kind = kind


END = 1024
"""Bytes at the end of a file where viewers look for the way in (Adobe PDF Reference 1.7, appendix H, note 18)."""

MEND = "open it in a viewer and save or print it to a new PDF, or ask where it came from"
"""What helps with a damaged file: viewers repair what they open."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that leaflets can be put behind: its bytes, its pages, whether it has tags, its language (often none)."""

    pdf: bytes
    pages: int
    tagged: bool
    language: str


def read(path: Path, *, unlock: bool = False) -> Letter:
    """Read a letter and look into it.

    `unlock` lets a letter pass that opens without a password but forbids changes. Raises LetterError, which names the file and what to do.
    """
    pdf = content(path)
    _ends_like_a_pdf(pdf, path)
    try:
        reader = PdfReader(BytesIO(pdf))
        _opened(reader, path, unlock)
        catalog = resolve(raw(reader.trailer, "/Root"))
        if not isinstance(catalog, DictionaryObject):
            raise PdfReadError("no catalog")
        leaves = [(page, above) for page, above, is_page in pages(catalog) if is_page]
        _whole(catalog, len(leaves), path)
        _drawn(leaves, path)
        return Letter(pdf, len(leaves), is_tagged(catalog), text(get(catalog, "/Lang")))
    except BROKEN as error:
        raise LetterError(f"{path}: the PDF is broken ({type(error).__name__})", kind="broken", hint=MEND) from None
    except MemoryError:
        raise LetterError(
            f"{path}: it needs more memory than there is for a letter", kind="broken", hint=MEND
        ) from None


def content(path: Path) -> bytes:
    """Return the bytes of a letter. Raises LetterError where it is no file; a pipe or a device is not waited for."""
    try:
        with open(path, "rb", opener=_opener) as file:  # a Path takes no opener
            _regular(os.fstat(file.fileno()), path)
            return file.read()
    except IsADirectoryError:
        raise LetterError(
            f"{path}: this is a folder, and a letter is a PDF file", kind="broken", hint="name the file in it"
        ) from None
    except FileNotFoundError:
        raise LetterError(
            f"{path}: there is no such file", kind="broken", hint="is the name right, and has nobody moved it?"
        ) from None
    except OSError as error:
        raise LetterError(
            f"{path}: cannot be read: {error.strerror}",
            kind="broken",
            hint="may it be read by whoever runs this, and is the drive there?",
        ) from None


def _ends_like_a_pdf(data: bytes, path: Path) -> None:
    if not data:
        raise LetterError(f"{path}: the file is empty", kind="empty", hint="is it still being written?")
    if b"%PDF-" not in data[:1024]:
        raise LetterError(f"{path}: this is not a PDF", kind="not-pdf", hint="export or print the letter as a PDF")
    if b"startxref" not in data.rstrip(b"\0 \t\r\n")[-END:]:
        raise LetterError(
            f"{path}: its end is missing", kind="broken", hint="is it still being written? else copy it again"
        )


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def _regular(found: os.stat_result, path: Path) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError
    if not stat.S_ISREG(found.st_mode):
        raise LetterError(
            f"{path}: this is a pipe or a device, and a letter is a PDF file", kind="broken", hint="name a file"
        )
    if found.st_size > LARGEST:
        raise LetterError(
            f"{path}: the file is larger than {LARGEST // 1_000_000} MB", kind="large", hint="is it the right file?"
        )


def _opened(reader: PdfReader, path: Path, unlock: bool) -> None:
    if not reader.is_encrypted:
        return
    if not reader.decrypt(""):
        raise LetterError(
            f"{path}: it needs a password to open",
            kind="password",
            hint="let the system that makes it leave the password off",
        )
    if not unlock:
        raise LetterError(
            f"{path}: it is protected against changes by a password",
            kind="protected",
            hint="let the system that makes it leave that off, or use --unlock if you may (“unlock” in a job), or --separate (“way”: “separate”), which leaves the letter as it is",
        )


def _whole(catalog: Any, count: int, path: Path) -> None:
    if not count:
        raise LetterError(f"{path}: it has no pages", kind="no-pages", hint="make the letter again")
    if get(get(catalog, "/Pages"), "/Count") != count:
        raise LetterError(f"{path}: pages are missing, or its page tree is damaged", kind="broken", hint=MEND)
    form = get(catalog, "/AcroForm")
    if get(catalog, "/NeedsRendering") == True and raw(form, "/XFA") is not None:  # noqa: E712  # a BooleanObject
        raise LetterError(
            f"{path}: it is a dynamic XFA form, whose pages only Adobe's programs can draw",
            kind="form",
            hint="print it to a new PDF",
        )
    if _signed(catalog, form):
        raise LetterError(
            f"{path}: it is digitally signed, and any change would break the signature",
            kind="signed",
            hint="use --separate (“way”: “separate” in a job), which leaves the letter as it is and makes one file of the leaflets",
        )


def _drawn(leaves: list[tuple[Any, dict[str, Any]]], path: Path) -> None:
    """Raise LetterError where a page does not say how large it is, or what it shows is no longer in the file."""
    for number, (page, above) in enumerate(leaves, start=1):
        box = [resolve(corner) for corner in items(raw(page, "/MediaBox") or above.get("/MediaBox"))]
        if len(box) != 4 or not all(isinstance(corner, int | float) for corner in box):
            raise LetterError(f"{path}: page {number} does not say how large it is", kind="broken", hint=MEND)
        drawing = raw(page, "/Contents")
        pieces = items(drawing) or ([drawing] if drawing is not None else [])
        if any(isinstance(piece, IndirectObject) and resolve(piece) is None for piece in pieces):
            raise LetterError(f"{path}: the content of page {number} is missing", kind="broken", hint=MEND)


def _signed(catalog: Any, form: Any) -> bool:
    return get(catalog, "/Perms") is not None or _signatures(form)


def _signatures(form: Any) -> bool:
    """Say whether a field has been signed; an empty field for a signature is none."""
    waiting, seen = items(raw(form, "/Fields")), set[int]()
    while waiting:
        field = waiting.pop()
        number = getattr(field, "idnum", None)
        if number in seen:
            continue
        if number is not None:
            seen.add(number)
        if get(get(field, "/V"), "/ByteRange") is not None:
            return True
        waiting += items(raw(field, "/Kids"))
    return False
