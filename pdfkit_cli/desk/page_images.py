"""Pages of built leaflets as pictures, made once and kept in memory."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image

from pdfkit_cli.output import published_file
from pdfkit_cli.pdf import pdfium

IMAGE_WIDTHS = (240, 1200)
"""Pixels that a picture may be wide: a thumbnail and a page, both for screens of twice the density."""


@lru_cache(maxsize=600)
def page_image(path: Path, sha256: str, page: int, width: int) -> bytes:
    """Return a page as PNG, counted from 1; the digest says which bytes of the file are meant. Raises IndexError, DamagedError and OSError."""
    with pdfium.open_document(published_file.read_verified(path, sha256)) as document:
        if not 1 <= page <= len(document):
            raise IndexError(page)
        sheet = document[page - 1]
        image: Image.Image = sheet.render(scale=width / sheet.get_width()).to_pil()
    return _png(image)


def _png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.convert("RGB").quantize(256, method=Image.Quantize.FASTOCTREE).save(out, "PNG")
    return out.getvalue()
