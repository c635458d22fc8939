"""An appointment that names an unknown leaflet, or one that the clinic does not hand out in that format."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content import appointments
from pdfkit_cli.content.library import Library
from pdfkit_cli.content.models import Appointment
from pdfkit_cli.content.suggestions import did_you_mean
from pdfkit_cli.errors import Severity, SourceError, SourceLocation


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield the problems in appointments.yaml, if the library has one."""
    try:
        read = appointments.read_appointments(context.library.root)
    except SourceError as error:
        yield from ((finding.place, finding.message) for finding in error.findings)
        return
    if read is None:
        return
    found, source, positions = read
    for clinic, codes in found.root.items():
        if clinic not in context.library.clinics:
            message = f"there is no clinic “{clinic}”{did_you_mean(clinic, context.library.clinics)}"
            yield SourceLocation(source.name, *positions[clinic,]), message
            continue
        for code, appointment in codes.items():
            for index, name in enumerate(appointment.leaflets):
                if problem := _problem(context.library, clinic, name, appointment):
                    yield SourceLocation(source.name, *positions[clinic, code, "leaflets", index]), problem


def _problem(library: Library, clinic: str, name: str, appointment: Appointment) -> str:
    """Return why a clinic cannot attach a leaflet to a letter, or an empty string if it can."""
    by_id = {entry.model.id: leaflet for leaflet, entry in library.leaflets.items()}
    leaflet = library.leaflets.get(by_id.get(name, name))
    if leaflet is None:
        return f"there is no leaflet “{name}”{did_you_mean(name, [*library.leaflets, *by_id])}"
    hand_out = library.clinics[clinic].model.hands_out.get(leaflet.name)
    if hand_out is None:
        return f"{clinic} does not hand out {leaflet.name}; add it to “hands_out” in clinics/{clinic}.yaml, or remove it here"
    offered = hand_out.formats or leaflet.model.formats
    if appointment.format and appointment.format not in offered:
        return f"{clinic} hands out {leaflet.name} in {', '.join(offered)}, not in {appointment.format}"
    return ""


RULE = Rule(
    "wrong-appointment",
    "An appointment with a leaflet that the clinic does not hand out",
    Severity.ERROR,
    check,
    blocks=False,
    protects_existing_pdfs=False,
)
