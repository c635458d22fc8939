"""The leaflets to attach to a letter: which PDFs they are, built if they are missing or out of date."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pdfkit_cli.build import output_folder, output_guard, pipeline, planning
from pdfkit_cli.build.pipeline import BuildRequest, Project
from pdfkit_cli.content.editions import SELECT_ALL, OutputKey, Selection
from pdfkit_cli.content.library import Library
from pdfkit_cli.content.models import DEFAULT_CHANNEL, Channel, PackMode, Variant, format_order
from pdfkit_cli.content.suggestions import did_you_mean
from pdfkit_cli.errors import PdfkitError, Problem, Severity, UsageError, problem_from_finding
from pdfkit_cli.output import published_file
from pdfkit_cli.output.manifest import Manifest, ManifestEntry
from pdfkit_cli.packs.assembly import Enclosure, Pack
from pdfkit_cli.packs.problems import PackingUsageError, make_problem, phrase
from pdfkit_cli.system.folders import FileStamp


@dataclass(frozen=True, slots=True)
class EnclosureRequest:
    """The leaflets to attach to a letter.

    An empty clinic, language or format is chosen if there is only one sensible answer.
    """

    leaflets: tuple[str, ...]
    clinic: str = ""
    language: str = ""
    format: str = ""
    channel: str = DEFAULT_CHANNEL


@dataclass(frozen=True, slots=True)
class EnclosureSelection:
    """The chosen channel and clinic, and the PDFs of the leaflets in the order of the request."""

    channel: Channel
    clinic: str
    output_keys: tuple[OutputKey, ...]


def find_channel(library: Library, name: str) -> Channel:
    """Return a channel of the library. Raises UsageError that lists the known ones."""
    channels = library.settings.channels
    if name not in channels:
        raise PackingUsageError("channel-unknown", name=name, names=", ".join(channels))
    return channels[name]


def channel_formats(project: Project, name: str) -> tuple[str, ...]:
    """Return the formats for a channel's packs, the best first.

    If library.yaml does not list them, they are the formats that name the channel: those for this channel alone, then those for several.
    """
    if listed := find_channel(project.library, name).formats:
        return listed
    formats = project.layouts.formats
    able = [each for each, form in formats.items() if name in form.channels and not form.on_request]
    return tuple(sorted(able, key=lambda each: (len(formats[each].channels), format_order(formats, each))))


def select_enclosures(project: Project, wanted: EnclosureRequest) -> EnclosureSelection:
    """Choose the PDFs to attach to a letter.

    Raises UsageError if a leaflet, clinic, channel, language or format does not exist, and lists those that do.
    A language or format is never silently replaced by another one.
    """
    channel = find_channel(project.library, wanted.channel)
    names = [find_leaflet(project.library, name) for name in wanted.leaflets]
    clinic = select_clinic(project, names, wanted.clinic)
    language = wanted.language or project.library.clinics[clinic].model.language
    able = (wanted.format,) if wanted.format else channel_formats(project, wanted.channel)
    missing = " or ".join(able) or f"a format for the channel {wanted.channel}"
    chosen = tuple(select_output(project, name, clinic, language, able, missing) for name in names)
    return EnclosureSelection(channel, clinic, chosen)


def ensure_built(
    project: Project, request: BuildRequest, output_keys: Collection[OutputKey]
) -> Mapping[OutputKey, Enclosure | Problem]:
    """Return each published PDF, built first if it is missing, damaged or out of date, or the problem that prevents it.

    The output folder is locked only if there is something to build.
    If that is impossible now, each PDF to build gets a problem that passes by itself, and the others are returned.
    """
    output_guard.check_output_folder(request.out, request.library, project.library.clinics)
    published = output_folder.read_manifest(request.out)
    found, waiting = _split_by_state(request, project, published, output_keys)
    if waiting:
        found |= _build_missing(project, request, waiting)
    return {output_key: _ensure_intact(project, request, output_key, found[output_key]) for output_key in output_keys}


def _split_by_state(
    request: BuildRequest, project: Project, published: Manifest, output_keys: Collection[OutputKey]
) -> tuple[dict[OutputKey, Enclosure | Problem], list[OutputKey]]:
    """Return the PDFs that are up to date or cannot be built, and those to build."""
    planned = planning.compute_plan(output_keys, SELECT_ALL, pipeline.plan_context(project, request, published))
    found: dict[OutputKey, Enclosure | Problem] = {}
    for output_key in output_keys:
        if output_key.path in planned.kept:
            found[output_key] = make_enclosure(request, project, output_key, published.files[output_key.path])
        elif output_key.path in planned.blocked:
            reason = problem_from_finding(planned.blocked[output_key.path][0])
            found[output_key] = make_problem("not-built", path=output_key.path, reason=reason)
    return found, [output_key for output_key in output_keys if output_key not in found]


def _build_missing(
    project: Project, request: BuildRequest, output_keys: Collection[OutputKey]
) -> dict[OutputKey, Enclosure | Problem]:
    """Build the PDFs, and return each of them or its problem."""
    try:
        selected = replace(request, selection=_covering_selection(output_keys))
        failed = pipeline.build_project(project, selected).failed
    except UsageError:
        raise
    except PdfkitError as error:
        waits = make_problem("build-waits", passing=True, reason=error, remedy=error.hint)
        return dict.fromkeys(output_keys, waits)
    published = output_folder.read_manifest(request.out).files
    return {
        output_key: make_problem("not-built", path=path, reason=failed.get(path, "it cannot be built"))
        if (path := output_key.path) in failed or path not in published
        else make_enclosure(request, project, output_key, published[path])
        for output_key in output_keys
    }


def _ensure_intact(
    project: Project, request: BuildRequest, output_key: OutputKey, found: Enclosure | Problem
) -> Enclosure | Problem:
    """Render a PDF again whose content differs from the manifest although its size and time do not."""
    if isinstance(found, Problem) or _is_intact(found):
        return found
    again = _build_missing(project, replace(request, force=True), [output_key])[output_key]
    if isinstance(again, Problem) or _is_intact(again):
        return again
    return make_problem("leaflet-damaged", path=output_key.path)


def _is_intact(enclosure: Enclosure) -> bool:
    try:
        published_file.read_verified(enclosure.path, enclosure.sha256)
    except (published_file.AlteredPdfError, OSError):
        return False
    return True


def make_enclosure(request: BuildRequest, project: Project, output_key: OutputKey, entry: ManifestEntry) -> Enclosure:
    """Return a published leaflet, as listed in the manifest, as an enclosure of a letter."""
    return Enclosure(
        request.out / output_key.path,
        entry.title,
        entry.id,
        entry.version,
        entry.digest,
        entry.clinic,
        entry.language,
        entry.sha256,
        folded=project.layouts.formats[output_key.format].imposition != "none",
    )


def find_leaflet(library: Library, name: str, also: Iterable[str] = ()) -> str:
    """Return the name of a leaflet, given its name or its document id.

    Raises UsageError that suggests the nearest one. `also` adds ids to suggest that the library no longer has.
    """
    for leaflet, entry in library.leaflets.items():
        if name in (leaflet, entry.model.id):
            return leaflet
    known = {*library.leaflets, *(entry.model.id for entry in library.leaflets.values()), *also}
    wrong = any(finding.severity is Severity.ERROR for finding in library.findings)
    code = "leaflet-hidden" if wrong else "leaflet-unknown"
    raise PackingUsageError(code, name=name, near=did_you_mean(name, known))


def select_clinic(project: Project, leaflets: Iterable[str], wanted: str) -> str:
    """Return the clinic by its name, or else the only one that hands out all of these leaflets. Raises UsageError."""
    clinics = project.library.clinics
    if wanted:
        if wanted not in clinics:
            raise PackingUsageError("clinic-unknown", name=wanted, near=did_you_mean(wanted, clinics))
        return wanted
    able = [
        name
        for name, clinic in sorted(clinics.items())
        if all(leaflet in clinic.model.hands_out for leaflet in leaflets)
    ]
    if len(able) != 1:
        raise PackingUsageError("clinic-open", names=", ".join(able) or "none")
    return able[0]


def offered_outputs(project: Project, leaflet: str, clinic: str, language: str) -> Mapping[str, OutputKey]:
    """Return the PDFs of a leaflet that the clinic hands out in a language, by format. Raises UsageError if there are none."""
    offered = [
        output_key
        for output_key in project.output_keys()
        if (output_key.edition.clinic, output_key.edition.leaflet, output_key.edition.variant)
        == (clinic, leaflet, Variant.FULL)
    ]
    if not offered:
        raise PackingUsageError("not-handed-out", clinic=clinic, leaflet=leaflet)
    languages = sorted({output_key.edition.language for output_key in offered})
    if language not in languages:
        names = ", ".join(languages)
        raise PackingUsageError("language-missing", clinic=clinic, leaflet=leaflet, names=names, language=language)
    return {output_key.format: output_key for output_key in offered if output_key.edition.language == language}


def select_output(
    project: Project, leaflet: str, clinic: str, language: str, able: Iterable[str], missing: str
) -> OutputKey:
    """Return the PDF of a leaflet that the clinic hands out in the first of these formats.

    Raises UsageError; `missing` is how that names the formats.
    """
    formats = offered_outputs(project, leaflet, clinic, language)
    for name in able:
        if name in formats:
            return formats[name]
    names = ", ".join(sorted(formats))
    raise PackingUsageError("format-missing", clinic=clinic, leaflet=leaflet, names=names, format=missing)


def _covering_selection(output_keys: Collection[OutputKey]) -> Selection:
    """Return the smallest selection that contains all of them."""
    return Selection(
        tuple(dict.fromkeys(output_key.edition.leaflet for output_key in output_keys)),
        tuple(dict.fromkeys(output_key.edition.clinic for output_key in output_keys)),
        tuple(dict.fromkeys(output_key.edition.language for output_key in output_keys)),
        tuple(dict.fromkeys(output_key.format for output_key in output_keys)),
        (str(Variant.FULL),),
    )


def plan_pack(
    project: Project,
    chosen: EnclosureSelection,
    built: Mapping[OutputKey, Enclosure | Problem],
    *,
    letter: Path,
    out: Path,
    way: PackMode,
    unlock: bool,
    seen: FileStamp | None = None,
) -> Pack | Problem:
    """Return the pack to make of a letter and its leaflets, or the problem of a missing leaflet."""
    enclosures: list[Enclosure] = []
    for output_key in chosen.output_keys:
        enclosure = built[output_key]
        if isinstance(enclosure, Problem):
            return enclosure
        enclosures.append(enclosure)
    language = project.library.clinics[chosen.clinic].model.language
    kept, title = None if way is PackMode.SEPARATE else letter, phrase("letter_title", language)
    return Pack(kept, tuple(enclosures), chosen.channel, title, out, unlock, way, language, seen)
