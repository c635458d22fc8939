"""The leaflets that go behind a letter: which PDFs they are, built if they are not there or no longer true."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from pdfkit_cli.build import output_folder, output_guard, pipeline, planning
from pdfkit_cli.build.pipeline import BuildRequest, Project, open_project
from pdfkit_cli.content.editions import SELECT_ALL, OutputKey, Selection
from pdfkit_cli.content.library import Library
from pdfkit_cli.content.models import DEFAULT_CHANNEL, Channel, Variant, format_order
from pdfkit_cli.content.suggestions import did_you_mean
from pdfkit_cli.errors import PdfkitError, Problem, Severity, UsageError
from pdfkit_cli.output import published_file
from pdfkit_cli.output.manifest import Manifest, ManifestEntry
from pdfkit_cli.packs.assembly import Enclosure

CHECK_HINT = "mend it: pdfkit check"
"""What to do where a leaflet cannot be built."""


@dataclass(frozen=True, slots=True)
class EnclosureRequest:
    """What is asked for behind a letter; an empty clinic, language or format is chosen where there is only one sensible answer."""

    leaflets: tuple[str, ...]
    clinic: str = ""
    language: str = ""
    format: str = ""
    channel: str = DEFAULT_CHANNEL


@dataclass(frozen=True, slots=True)
class EnclosureSelection:
    """The channel, clinic and language that were chosen, and the PDFs of the leaflets, in the order asked for."""

    channel: Channel
    clinic: str
    language: str
    output_keys: tuple[OutputKey, ...]


def find_channel(library: Library, name: str) -> Channel:
    """Return a channel of the library. Raises UsageError that names those that there are."""
    channels = library.settings.channels
    if name not in channels:
        raise UsageError(
            f"there is no channel “{name}”; there are: {', '.join(channels)}",
            hint="name one of them, or add it to “channels” in library.yaml",
            in_job="write one of these as “channel”",
        )
    return channels[name]


def channel_formats(project: Project, name: str) -> tuple[str, ...]:
    """Return the formats that packs for a channel take, the best first.

    Where library.yaml does not list them, they are those that name the channel: made for it alone before made for several.
    """
    if listed := find_channel(project.library, name).formats:
        return listed
    formats = project.layouts.formats
    able = [each for each, form in formats.items() if name in form.channels and not form.on_request]
    return tuple(sorted(able, key=lambda each: (len(formats[each].channels), format_order(formats, each))))


def select_enclosures(project: Project, wanted: EnclosureRequest) -> EnclosureSelection:
    """Choose what goes behind a letter.

    Raises UsageError where a leaflet, clinic, channel, language or format does not exist, naming those that do: nothing is ever replaced by another
    language or format in silence.
    """
    channel = find_channel(project.library, wanted.channel)
    names = [find_leaflet(project.library, name) for name in wanted.leaflets]
    clinic = _select_clinic(project, names, wanted.clinic)
    language = wanted.language or project.library.clinics[clinic].model.language
    return EnclosureSelection(
        channel, clinic, language, tuple(_select_output(project, name, clinic, language, wanted) for name in names)
    )


def ensure_built(
    request: BuildRequest, output_keys: Collection[OutputKey], project: Project | None = None
) -> Mapping[OutputKey, Enclosure | Problem]:
    """Return each PDF as it is published, built first where it is missing, damaged or no longer true, or why there is none.

    The output folder is locked only where there is something to build. Where that cannot be done now, what has to be built has a problem that
    passes, and the rest goes on.
    """
    project = project or open_project(request)
    output_guard.check_output_folder(request.out, request.library, project.library.clinics)
    published = output_folder.read_manifest(request.out)
    found, waiting = _split_by_state(request, project, published, output_keys)
    if waiting:
        found |= _build_missing(request, project, waiting)
    return {output_key: _ensure_intact(request, project, output_key, found[output_key]) for output_key in output_keys}


def _split_by_state(
    request: BuildRequest, project: Project, published: Manifest, output_keys: Collection[OutputKey]
) -> tuple[dict[OutputKey, Enclosure | Problem], list[OutputKey]]:
    """Return what is published and true, or cannot be built, and what has to be built."""
    planned = planning.compute_plan(output_keys, SELECT_ALL, pipeline.plan_context(project, request, published))
    found: dict[OutputKey, Enclosure | Problem] = {}
    for output_key in output_keys:
        if output_key.path in planned.kept:
            found[output_key] = make_enclosure(request, project, output_key, published.files[output_key.path])
        elif output_key.path in planned.blocked:
            found[output_key] = Problem(f"{output_key.path}: {planned.blocked[output_key.path][0]}", CHECK_HINT)
    return found, [output_key for output_key in output_keys if output_key not in found]


def _build_missing(
    request: BuildRequest, project: Project, output_keys: Collection[OutputKey]
) -> dict[OutputKey, Enclosure | Problem]:
    """Build, and return what each has become."""
    try:
        failed = pipeline.build(replace(request, selection=_covering_selection(output_keys))).failed
    except UsageError:
        raise
    except PdfkitError as error:
        return dict.fromkeys(output_keys, Problem(str(error), error.hint, passing=True))
    published = output_folder.read_manifest(request.out).files
    return {
        output_key: Problem(f"{path}: {failed.get(path, 'it cannot be built')}", CHECK_HINT)
        if (path := output_key.path) in failed or path not in published
        else make_enclosure(request, project, output_key, published[path])
        for output_key in output_keys
    }


def _ensure_intact(
    request: BuildRequest, project: Project, output_key: OutputKey, found: Enclosure | Problem
) -> Enclosure | Problem:
    """Render a PDF again that is not what the manifest lists, though its size and time are."""
    if isinstance(found, Problem) or _is_intact(found):
        return found
    again = _build_missing(replace(request, force=True), project, [output_key])[output_key]
    if isinstance(again, Problem) or _is_intact(again):
        return again
    return Problem(
        f"{output_key.path}: is damaged on the disk, and stays so when it is built again", "try another drive"
    )


def _is_intact(enclosure: Enclosure) -> bool:
    try:
        published_file.read_verified(enclosure.path, enclosure.sha256)
    except (published_file.AlteredPdfError, OSError):
        return False
    return True


def make_enclosure(request: BuildRequest, project: Project, output_key: OutputKey, entry: ManifestEntry) -> Enclosure:
    """Return a published leaflet, as the manifest lists it, to go behind a letter."""
    return Enclosure(
        request.out / output_key.path,
        entry.title,
        entry.id,
        entry.version,
        entry.digest,
        entry.clinic,
        entry.language,
        entry.sha256,
        booklet=project.layouts.formats[output_key.format].imposition == "saddle-stitch",
    )


def find_leaflet(library: Library, name: str, also: Iterable[str] = ()) -> str:
    """Return the name of a leaflet that is asked for by its name or its document id.

    Raises UsageError that names the nearest, also of ids that the library does not have (any more).
    """
    for leaflet, entry in library.leaflets.items():
        if name in (leaflet, entry.model.id):
            return leaflet
    known = {*library.leaflets, *(entry.model.id for entry in library.leaflets.values()), *also}
    wrong = any(finding.severity is Severity.ERROR for finding in library.findings)
    raise UsageError(
        f"there is no leaflet “{name}”{did_you_mean(name, known)}",
        hint="an error in the library may hide it: pdfkit check" if wrong else "",
    )


def _select_clinic(project: Project, leaflets: Iterable[str], wanted: str) -> str:
    clinics = project.library.clinics
    if wanted:
        if wanted not in clinics:
            raise UsageError(f"there is no clinic “{wanted}”{did_you_mean(wanted, clinics)}")
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


def _select_output(project: Project, leaflet: str, clinic: str, language: str, wanted: EnclosureRequest) -> OutputKey:
    """Return the PDF of a leaflet that the clinic hands out."""
    offered = [
        output_key
        for output_key in project.output_keys()
        if (output_key.edition.clinic, output_key.edition.leaflet, output_key.edition.variant)
        == (clinic, leaflet, Variant.FULL)
    ]
    if not offered:
        raise UsageError(f"{clinic} does not hand out {leaflet}", hint="see who hands out what: pdfkit list")
    languages = sorted({output_key.edition.language for output_key in offered})
    if language not in languages:
        raise UsageError(
            f"{clinic} hands out {leaflet} in {', '.join(languages)}, not in {language}",
            hint="name one with --language",
            in_job="write one of these as “language”",
        )
    formats = {output_key.format: output_key for output_key in offered if output_key.edition.language == language}
    able = (wanted.format,) if wanted.format else channel_formats(project, wanted.channel)
    for name in able:
        if name in formats:
            return formats[name]
    missing = " or ".join(able) or f"a format for the channel {wanted.channel}"
    raise UsageError(
        f"{clinic} hands out {leaflet} in {', '.join(sorted(formats))}, not in {missing}",
        hint="name one with --format",
        in_job="write one of these as “format”",
    )


def _covering_selection(output_keys: Collection[OutputKey]) -> Selection:
    """Return the smallest selection that holds them all."""
    return Selection(
        tuple(dict.fromkeys(output_key.edition.leaflet for output_key in output_keys)),
        tuple(dict.fromkeys(output_key.edition.clinic for output_key in output_keys)),
        tuple(dict.fromkeys(output_key.edition.language for output_key in output_keys)),
        tuple(dict.fromkeys(output_key.format for output_key in output_keys)),
        (str(Variant.FULL),),
    )
