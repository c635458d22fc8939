"""The leaflets that go behind a letter: which PDFs they are, built if they are not there or no longer true."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from pdfkit_cli import build as building
from pdfkit_cli import intact, places, plan, publish
from pdfkit_cli.build import Request, Workshop, open_workshop
from pdfkit_cli.catalogue import Catalogue, near
from pdfkit_cli.editions import EVERYTHING, Printing, Selection
from pdfkit_cli.errors import PdfkitError, Problem, Severity, UsageError
from pdfkit_cli.manifest import Entry, Manifest
from pdfkit_cli.models import Variant
from pdfkit_cli.packs import Channel, Enclosure

PREFERRED = {Channel.PAPER: ("remote-print", "a4"), Channel.DIGITAL: ("digital-letter", "a4")}
"""The formats that suit a channel, the best first."""


MEND = "mend it: pdfkit check"
"""What to do where a leaflet cannot be built."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for behind a letter; an empty clinic, language or format is chosen where there is only one sensible answer."""

    leaflets: tuple[str, ...]
    clinic: str = ""
    language: str = ""
    format: str = ""
    channel: Channel = Channel.PAPER


@dataclass(frozen=True, slots=True)
class Chosen:
    """The clinic and the language that were chosen, and the PDFs of the leaflets, in the order asked for."""

    clinic: str
    language: str
    printings: tuple[Printing, ...]


def choose(workshop: Workshop, wanted: Wanted) -> Chosen:
    """Choose what goes behind a letter.

    Raises UsageError where a leaflet, clinic, language or format does not exist, naming those that do: nothing is ever replaced by another
    language or format in silence.
    """
    names = [leaflet_called(workshop.library, name) for name in wanted.leaflets]
    clinic = _clinic(workshop, names, wanted.clinic)
    language = wanted.language or workshop.library.clinics[clinic].model.language
    return Chosen(clinic, language, tuple(_printing(workshop, name, clinic, language, wanted) for name in names))


def bring_up_to_date(
    request: Request, printings: Collection[Printing], workshop: Workshop | None = None
) -> Mapping[Printing, Enclosure | Problem]:
    """Return each PDF as it is published, built first where it is missing, damaged or no longer true, or why there is none.

    The output folder is locked only where there is something to build. Where that cannot be done now, what has to be built has a problem that
    passes, and the rest goes on.
    """
    workshop = workshop or open_workshop(request)
    places.check_out(request.out, request.library, workshop.library.clinics)
    published = publish.look(request.out)
    found, waiting = _published(request, workshop, published, printings)
    if waiting:
        found |= _build(replace(request, selection=_selection(waiting)), waiting)
    return {printing: _intact(request, printing, found[printing]) for printing in printings}


def _published(
    request: Request, workshop: Workshop, published: Manifest, printings: Collection[Printing]
) -> tuple[dict[Printing, Enclosure | Problem], list[Printing]]:
    """Return what is published and true, or cannot be built, and what has to be built."""
    planned = plan.plan(printings, EVERYTHING, building.situation(workshop, request, published))
    found: dict[Printing, Enclosure | Problem] = {}
    for printing in printings:
        if printing.path in planned.kept:
            found[printing] = enclosure_of(request, printing, published.files[printing.path])
        elif printing.path in planned.blocked:
            found[printing] = Problem(f"{printing.path}: {planned.blocked[printing.path][0]}", MEND)
    return found, [printing for printing in printings if printing not in found]


def _build(request: Request, printings: Iterable[Printing]) -> dict[Printing, Enclosure | Problem]:
    """Build, and return what each has become."""
    try:
        failed = building.build(request).failed
    except UsageError:
        raise
    except PdfkitError as error:
        return dict.fromkeys(printings, Problem(str(error), error.hint, passing=True))
    published = publish.look(request.out).files
    return {printing: _built(request, published, printing, failed) for printing in printings}


def _built(
    request: Request, published: Mapping[str, Entry], printing: Printing, failed: Mapping[str, str]
) -> Enclosure | Problem:
    path = printing.path
    if path in failed or path not in published:
        return Problem(f"{path}: {failed.get(path, 'it cannot be built')}", MEND)
    return enclosure_of(request, printing, published[path])


def _intact(request: Request, printing: Printing, found: Enclosure | Problem) -> Enclosure | Problem:
    """Render a PDF again that is not what the manifest lists, though its size and time are."""
    if isinstance(found, Problem) or _is_intact(found):
        return found
    again = _build(replace(request, selection=_selection([printing]), force=True), [printing])[printing]
    if isinstance(again, Problem) or _is_intact(again):
        return again
    return Problem(f"{printing.path}: is damaged on the disk, and stays so when it is built again", "try another drive")


def _is_intact(enclosure: Enclosure) -> bool:
    try:
        intact.read(enclosure.path, enclosure.sha256)
    except (intact.DamagedError, OSError):
        return False
    return True


def enclosure_of(request: Request, printing: Printing, entry: Entry) -> Enclosure:
    """Return a published leaflet, as the manifest lists it, to go behind a letter."""
    return Enclosure(
        request.out / printing.path,
        entry.title,
        printing.format,
        entry.id,
        entry.version,
        entry.digest,
        entry.clinic,
        entry.language,
        entry.sha256,
    )


def leaflet_called(library: Catalogue, name: str, also: Iterable[str] = ()) -> str:
    """Return the name of a leaflet that is asked for by its name or its document id.

    Raises UsageError that names the nearest, also of ids that the library does not have (any more).
    """
    for leaflet, entry in library.leaflets.items():
        if name in (leaflet, entry.model.id):
            return leaflet
    known = {*library.leaflets, *(entry.model.id for entry in library.leaflets.values()), *also}
    wrong = any(finding.severity is Severity.ERROR for finding in library.findings)
    raise UsageError(
        f"there is no leaflet “{name}”{near(name, known)}",
        hint="an error in the library may hide it: pdfkit check" if wrong else "",
    )


def _clinic(workshop: Workshop, leaflets: Iterable[str], wanted: str) -> str:
    clinics = workshop.library.clinics
    if wanted:
        if wanted not in clinics:
            raise UsageError(f"there is no clinic “{wanted}”{near(wanted, clinics)}")
        return wanted
    able = [
        name
        for name, clinic in sorted(clinics.items())
        if all(leaflet in clinic.model.hands_out for leaflet in leaflets)
    ]
    if len(able) != 1:
        names = ", ".join(able) or "none"
        raise UsageError(
            f"which clinic? these hand out all of it: {names}",
            hint="name one with --clinic",
            in_job="write one as “clinic”",
        )
    return able[0]


def _printing(workshop: Workshop, leaflet: str, clinic: str, language: str, wanted: Wanted) -> Printing:
    """Return the PDF of a leaflet that the clinic hands out."""
    offered = [
        printing
        for printing in workshop.printings()
        if (printing.edition.clinic, printing.edition.leaflet, printing.edition.variant)
        == (clinic, leaflet, Variant.FULL)
    ]
    if not offered:
        raise UsageError(f"{clinic} does not hand out {leaflet}", hint="see who hands out what: pdfkit list")
    languages = sorted({printing.edition.language for printing in offered})
    if language not in languages:
        raise UsageError(
            f"{clinic} hands out {leaflet} in {', '.join(languages)}, not in {language}",
            hint="name one with --language",
            in_job="write one of these as “language”",
        )
    formats = {printing.format: printing for printing in offered if printing.edition.language == language}
    for name in (wanted.format,) if wanted.format else PREFERRED[wanted.channel]:
        if name in formats:
            return formats[name]
    missing = wanted.format or " or ".join(PREFERRED[wanted.channel])
    raise UsageError(
        f"{clinic} hands out {leaflet} in {', '.join(sorted(formats))}, not in {missing}",
        hint="name one with --format",
        in_job="write one of these as “format”",
    )


def _selection(printings: Collection[Printing]) -> Selection:
    """Return the smallest selection that holds them all."""
    return Selection(
        tuple(dict.fromkeys(printing.edition.leaflet for printing in printings)),
        tuple(dict.fromkeys(printing.edition.clinic for printing in printings)),
        tuple(dict.fromkeys(printing.edition.language for printing in printings)),
        tuple(dict.fromkeys(printing.format for printing in printings)),
        (str(Variant.FULL),),
    )
