"""The first page of a finished PDF as a small picture."""

from contextlib import closing
from io import BytesIO
from typing import Final

import PIL
import pypdfium2
from PIL import Image

WIDTH: Final = 168
"""Pixels: 84 on a page, for screens of twice the density."""

QUALITY: Final = 45
"""Of WebP: headings and colours can be told apart, at about 3 kB a page."""

MADE_WITH: Final = f"{WIDTH} {QUALITY} {PIL.__version__} {pypdfium2.PYPDFIUM_INFO} {pypdfium2.PDFIUM_INFO}"
"""What else can change the bytes of a thumbnail, for those who keep them."""


def thumbnail(pdf: bytes, width: int = WIDTH) -> bytes:
    """Return the first page as WebP, so many pixels wide. Raises ValueError for what is no PDF. PDFium is not safe in threads."""
    try:
        with closing(pypdfium2.PdfDocument(pdf)) as document:
            page = document[0]
            image = page.render(scale=2 * width / page.get_width()).to_pil().convert("RGB")
            height = round(width * page.get_height() / page.get_width())
    except pypdfium2.PdfiumError as error:
        raise ValueError(f"no picture can be made of it: {error}") from None
    out = BytesIO()
    image.resize((width, height), Image.Resampling.LANCZOS).save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()
