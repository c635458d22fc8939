"""Images of pages of published PDFs, kept in memory."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image

from pdfkit_cli.output import published_file
from pdfkit_cli.pdf import pdfium

IMAGE_WIDTHS = (480, 1200)
"""Widths in pixels of first pages and pages, both for screens of double density."""


@lru_cache(maxsize=600)
def page_image(path: Path, sha256: str, page: int, width: int) -> bytes:
    """Return a page as PNG, counted from 1, of the file with this SHA-256. Raises IndexError, AlteredPdfError, OSError."""
    with pdfium.open_document(published_file.read_verified(path, sha256)) as document:
        if not 1 <= page <= len(document):
            raise IndexError(page)
        sheet = document[page - 1]
        image: Image.Image = sheet.render(scale=width / sheet.get_width()).to_pil()
    return _png(image)


def pages_of(pdf: bytes) -> list[bytes]:
    """Return every page of a PDF as PNG. Unlike those of published PDFs, they are kept nowhere."""
    with pdfium.open_document(pdf) as document:
        images = [page.render(scale=max(IMAGE_WIDTHS) / page.get_width()).to_pil() for page in document]
    return [_png(image) for image in images]


def _png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.convert("RGB").quantize(256, method=Image.Quantize.FASTOCTREE).save(out, "PNG")
    return out.getvalue()
