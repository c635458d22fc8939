"""Gives access to PDFium to one thread at a time, since it is not thread-safe. No other module imports pypdfium2."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2
from pypdfium2 import raw as raw

PdfiumError = pypdfium2.PdfiumError

_lock = threading.RLock()


@contextmanager
def open_document(pdf: bytes, *, forms: bool = False) -> Iterator[Any]:
    """Open a PDF, with `forms` so that form fields are rendered; other threads wait until it is closed.
    Raises PdfiumError.

    Its pages and bitmaps must not outlive it, since PDFium would free them without the lock. A PIL image may.
    """
    with _lock:
        document = pypdfium2.PdfDocument(pdf)
        try:
            if forms:
                document.init_forms()
            yield document
        finally:
            document.close()
