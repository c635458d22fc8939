"""The first page of a PDF, small."""

from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfWriter

from pdfkit_cli.pdf.thumbnails import WIDTH, render_thumbnail
from tests.helpers.conforming_pdf import good


def test_the_first_page_small() -> None:
    picture = Image.open(BytesIO(render_thumbnail(good())))
    assert (picture.format, picture.size) == ("WEBP", (WIDTH, round(WIDTH * 297 / 210)))
    levels = picture.convert("L").tobytes()
    assert min(levels) < 200 < 240 < max(levels)


def test_of_a_width_and_a_landscape_page() -> None:
    writer = PdfWriter()
    writer.add_blank_page(842, 595)
    out = BytesIO()
    writer.write(out)
    assert Image.open(BytesIO(render_thumbnail(out.getvalue(), 300))).size == (300, 212)


def test_the_same_bytes_each_time() -> None:
    assert render_thumbnail(good()) == render_thumbnail(good())


def test_what_is_no_pdf() -> None:
    with pytest.raises(ValueError, match="it cannot be rendered"):
        render_thumbnail(b"a letter")
