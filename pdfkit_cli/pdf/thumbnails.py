"""The first page of a finished PDF as a small picture."""

from io import BytesIO
from typing import Any, Final

import PIL

from pdfkit_cli.pdf import pdfium
from pdfkit_cli.pdf.pdfium import raw

WIDTH: Final = 168
"""Pixels: a page shows them on 112 of its own, which is one and a half for each."""

QUALITY: Final = 45
"""Of WebP: headings and colours can be told apart, at about 3.5 kB a page."""

EFFORT: Final = 2
"""Of WebP, 0 to 6: 4 takes twice as long as 2 and saves a sixteenth."""

SETTINGS_KEY: Final = f"{WIDTH} {QUALITY} {EFFORT} {PIL.__version__} {pdfium.VERSION}"
"""What else can change the bytes of a thumbnail, for those who keep them."""


def render_thumbnail(pdf: bytes, width: int = WIDTH, *, body: bool = False) -> bytes:
    """Return the first page as WebP, so many pixels wide; of an imprint that is not imposed the `body` alone, where that is asked for.

    Raises ValueError for what is no PDF.
    """
    try:
        with pdfium.open_document(pdf) as document:
            page = document[0]
            if body:
                _remove_slots(page)
            image = page.render(scale=2 * width / page.get_width(), rev_byteorder=True).to_pil().convert("RGB")
    except pdfium.PdfiumError as error:
        raise ValueError(f"no picture can be made of it: {error}") from None
    out = BytesIO()
    image.reduce(2).save(out, "WEBP", quality=QUALITY, method=EFFORT)  # of twice the size: finer than drawn at its own
    return out.getvalue()


def _remove_slots(page: Any) -> None:
    """Take a clinic's own matter off a page: forms outside of all marks, since their marks are in them (ISO 32000-1, 14.7.4.3)."""
    for form in list(page.get_objects(filter=[raw.FPDF_PAGEOBJ_FORM], max_depth=1)):
        if raw.FPDFPageObj_CountMarks(form) == 0:
            page.remove_obj(form)
