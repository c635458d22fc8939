"""Tells from a published PDF which phone number a clinic had: the library knows only the present one."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf

from pdfkit_cli.content.languages import phones
from pdfkit_cli.content.models import Clinic
from pdfkit_cli.output import published_file
from pdfkit_cli.output.manifest import Manifest
from pdfkit_cli.output.published_file import AlteredPdfError
from pdfkit_cli.system.codec import storable

_TEL = "tel:"


@storable
@dataclass(frozen=True, slots=True)
class PhoneChange:
    """The phone number of a clinic, as published and as it is now, both as the country writes them."""

    clinic: str
    before: str
    after: str


def phone_change(name: str, clinic: Clinic, out: Path, manifest: Manifest, path: str) -> PhoneChange | None:
    """Return how the phone number of a clinic differs from that in a published PDF; None if it does not, or is not certain."""
    entry = manifest.files.get(path)
    if not (entry and clinic.phone):
        return None
    try:
        before = set(_dialled(published_file.read_verified(out / path, entry.sha256)))
    except (AlteredPdfError, OSError, pikepdf.PdfError):
        return None
    after, address = phones.format_phone(clinic.phone, clinic.country)
    others = {phones.format_phone(each.phone, clinic.country)[1] for each in clinic.out_of_hours if each.phone}
    gone = before - others
    if address in before or len(gone) != 1:
        return None
    return PhoneChange(name, phones.format_phone(gone.pop().removeprefix(_TEL), clinic.country)[0], after)


def _dialled(pdf: bytes) -> Iterator[str]:
    """Yield the addresses of the links of a PDF that dial a number."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        links: Iterator[Any] = (link for page in opened.pages for link in page.obj.get("/Annots", pikepdf.Array()))
        for link in links:
            address = str(link.get("/A", {}).get("/URI", ""))
            if address.startswith(_TEL):
                yield address
