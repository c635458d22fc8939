"""`appointments.yaml`: the leaflets that go with the letters of each clinic's procedure or booking codes."""

from pathlib import Path

from pdfkit_cli.content import files, yaml_source
from pdfkit_cli.content.models import Appointments
from pdfkit_cli.content.yaml_source import Positions, SourceFile

APPOINTMENTS_FILE = "appointments.yaml"


def load_appointments(root: Path) -> Appointments:
    """Return the appointment codes of a library; an empty mapping if it has no such file. Raises SourceError if the file is invalid."""
    found = read_appointments(root)
    return found[0] if found else Appointments({})


def read_appointments(root: Path) -> tuple[Appointments, SourceFile, Positions] | None:
    """Return the codes, their file and the positions in it; None if there is no file. Raises SourceError if the file is invalid."""
    path = root / APPOINTMENTS_FILE
    if not files.exists(path, path.as_posix()):
        return None
    text = yaml_source.read_text(path, path.as_posix(), root)
    parsed = yaml_source.parse_yaml(text)
    return yaml_source.validate_model(Appointments, text, parsed), text, parsed.positions
