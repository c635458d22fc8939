"""`appointments.yaml`: what goes behind the letters of each clinic's procedure or booking codes."""

from pathlib import Path

from pdfkit_cli import files, source
from pdfkit_cli.models import Appointments
from pdfkit_cli.source import Positions, Source

FILE = "appointments.yaml"


def load(root: Path) -> Appointments:
    """Return the codes of a library; none where the file is not there. Raises SourceError where it is wrong."""
    found = read(root)
    return found[0] if found else Appointments({})


def read(root: Path) -> tuple[Appointments, Source, Positions] | None:
    """Return the codes with the file that they stand in, and where. Raises SourceError where it is wrong."""
    path = root / FILE
    if not files.exists(path, path.as_posix()):
        return None
    text = source.read(path, path.as_posix(), root)
    parsed = source.parse_yaml(text)
    return source.validate(Appointments, text, parsed), text, parsed.positions
