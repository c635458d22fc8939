"""Reading a published PDF only as what its manifest lists: a damaged block, or a newer text, never goes to a patient as the text that was chosen."""

import hashlib
from pathlib import Path

from pdfkit_cli.errors import PdfkitError


class AlteredPdfError(PdfkitError):
    """A published PDF is not the one that the manifest lists: damaged, or built again meanwhile."""


def read_verified(path: Path, sha256: str) -> bytes:
    """Return the bytes of a published PDF. Raises DamagedError where they have another SHA-256, OSError where they cannot be read."""
    pdf = path.read_bytes()
    if hashlib.sha256(pdf).hexdigest() != sha256:
        raise AlteredPdfError(
            f"{path}: is not what was built: damaged, or built again meanwhile", hint="build it again: pdfkit build"
        )
    return pdf
