"""PDFium, for one thread at a time: it is not safe in threads, and the desk draws pages in many of them. Nothing else imports pypdfium2."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pypdfium2
from pypdfium2 import raw as raw

PdfiumError = pypdfium2.PdfiumError

VERSION: Final = f"{pypdfium2.PYPDFIUM_INFO} {pypdfium2.PDFIUM_INFO}"
"""What can change the bytes of a picture."""

_lock = threading.RLock()


@contextmanager
def open_document(pdf: bytes, *, forms: bool = False) -> Iterator[Any]:
    """Open a PDF, with its form fields where these are to be drawn; other threads wait until it is closed. Raises PdfiumError.

    Pages and pictures of it must not outlive it: what PDFium frees of them later is freed without the lock. A PIL image may.
    """
    with _lock:
        document = pypdfium2.PdfDocument(pdf)
        try:
            if forms:
                document.init_forms()
            yield document
        finally:
            document.close()
