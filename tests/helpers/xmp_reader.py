"""The XMP metadata of a PDF."""

from io import BytesIO
from typing import Any

from pypdf import PdfReader


def xmp_of(pdf: bytes) -> bytes:
    root: Any = PdfReader(BytesIO(pdf)).root_object
    data: bytes = root["/Metadata"].get_data()
    return data
