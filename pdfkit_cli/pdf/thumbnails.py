"""Renders the first page of a finished PDF as a small picture."""

from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import PIL

WIDTH: Final = 168
"""Width in pixels: web pages show a thumbnail 112 CSS pixels wide, with one and a half pixels for each."""

QUALITY: Final = 45
"""Quality of WebP: headings and colours can be distinguished, at about 3.5 kB a page."""

EFFORT: Final = 2
"""Effort of WebP, 0 to 6: 4 takes twice as long as 2 and saves a sixteenth."""


@cache
def settings_key() -> str:
    """Return everything else that can change the bytes of a thumbnail, for the keys of caches."""
    return f"{WIDTH} {QUALITY} {EFFORT} {PIL.__version__} {_pdfium_version()}"


def _pdfium_version() -> str:
    """Return what PDFium states about itself, without loading it: most builds need no new thumbnail."""
    specs = (find_spec(package) for package in ("pypdfium2", "pypdfium2_raw"))
    return "".join((Path(spec.origin).parent / "version.json").read_text() for spec in specs if spec and spec.origin)


def render_thumbnail(pdf: bytes, width: int = WIDTH, *, body: bool = False) -> bytes:
    """Return the first page as WebP, `width` pixels wide; with `body`, without the slots of a clinic, except on an imposed sheet.

    Raises ValueError if the bytes are not a PDF.
    """
    from PIL import WebPImagePlugin  # or Pillow imports the code of every format: 0.02 s of CPU

    from pdfkit_cli.pdf import pdfium

    assert WebPImagePlugin
    try:
        with pdfium.open_document(pdf) as document:
            page = document[0]
            if body:
                _remove_slots(page)
            image = page.render(scale=2 * width / page.get_width(), rev_byteorder=True).to_pil().convert("RGB")
    except pdfium.PdfiumError as error:
        raise ValueError(f"it cannot be rendered: {error}") from None
    out = BytesIO()
    image.reduce(2).save(out, "WEBP", quality=QUALITY, method=EFFORT)  # rendered at twice the size, for a finer result
    return out.getvalue()


def _remove_slots(page: Any) -> None:
    """Remove a clinic's own content from a page: forms outside of all marks, which have their own marks (ISO 32000-1, 14.7.4.3)."""
    from pdfkit_cli.pdf.pdfium import raw

    for form in list(page.get_objects(filter=[raw.FPDF_PAGEOBJ_FORM], max_depth=1)):
        if raw.FPDFPageObj_CountMarks(form) == 0:
            page.remove_obj(form)
