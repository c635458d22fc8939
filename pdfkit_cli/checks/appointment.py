"""An appointment whose letter would get no leaflet behind it: a wrong name, or one that the clinic does not hand out so."""

from collections.abc import Iterator

from pdfkit_cli import appointments
from pdfkit_cli.catalogue import Catalogue, near
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.errors import Place, Severity, SourceError
from pdfkit_cli.models import Behind


def check(subject: Subject) -> Iterator[Problem]:
    """Yield what is wrong with appointments.yaml; a library without one has no codes."""
    try:
        read = appointments.read(subject.catalogue.root)
    except SourceError as error:
        yield from ((finding.place, finding.message) for finding in error.findings)
        return
    if read is None:
        return
    found, source, positions = read
    for clinic, codes in found.root.items():
        if clinic not in subject.catalogue.clinics:
            message = f"there is no clinic “{clinic}”{near(clinic, subject.catalogue.clinics)}"
            yield Place(source.name, *positions[clinic,]), message
            continue
        for code, behind in codes.items():
            for index, name in enumerate(behind.leaflets):
                if problem := _problem(subject.catalogue, clinic, name, behind):
                    yield Place(source.name, *positions[clinic, code, "leaflets", index]), problem


def _problem(catalogue: Catalogue, clinic: str, name: str, behind: Behind) -> str:
    """Say why a clinic cannot put a leaflet behind a letter; nothing where it can."""
    by_id = {entry.model.id: leaflet for leaflet, entry in catalogue.leaflets.items()}
    leaflet = catalogue.leaflets.get(by_id.get(name, name))
    if leaflet is None:
        return f"there is no leaflet “{name}”{near(name, [*catalogue.leaflets, *by_id])}"
    hand_out = catalogue.clinics[clinic].model.hands_out.get(leaflet.name)
    if hand_out is None:
        return f"{clinic} does not hand out {leaflet.name}; add it to “hands_out” in clinics/{clinic}.yaml, or take it out here"
    offered = hand_out.formats or leaflet.model.formats
    if behind.format and behind.format not in offered:
        return f"{clinic} hands out {leaflet.name} in {', '.join(offered)}, not in {behind.format}"
    return ""


RULE = Rule(
    "wrong-appointment",
    "An appointment that names what the clinic does not hand out",
    Severity.ERROR,
    check,
    blocks=False,
    hides=False,
)
