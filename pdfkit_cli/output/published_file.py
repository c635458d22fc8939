"""Read a published PDF only if it is the one in the manifest: neither a damaged file nor another text may reach a patient unnoticed."""

import hashlib
from pathlib import Path

from pdfkit_cli.errors import PdfkitError


class AlteredPdfError(PdfkitError):
    """A published PDF is not the one that the manifest lists: damaged, or built again meanwhile."""

    code = "leaflet-altered"


def read_verified(path: Path, sha256: str) -> bytes:
    """Return the bytes of a published PDF.

    Raises AlteredPdfError if their SHA-256 differs, OSError if it cannot be read.
    """
    pdf = path.read_bytes()
    if hashlib.sha256(pdf).hexdigest() != sha256:
        raise AlteredPdfError(
            f"{path}: is not what was built: damaged, or built again meanwhile", hint="build it again: pdfkit build"
        )
    return pdf
