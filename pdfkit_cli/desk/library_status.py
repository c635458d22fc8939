"""The status of a library: what a build would do, all findings, and the state of each edition.

It consists of plain values, so that a worker process can compute it: for a large library that takes seconds.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

from pdfkit_cli.build.pipeline import BuildRequest, Project, check_project, make_plan, open_project
from pdfkit_cli.build.planning import Plan
from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.content.library import LeafletEntry, Library
from pdfkit_cli.desk.phone_changes import PhoneChange, phone_change
from pdfkit_cli.errors import Finding, Severity, SourceLocation
from pdfkit_cli.output.catalogue.cards import translation_labels
from pdfkit_cli.output.fingerprints import RebuildReason, RebuildReasonKind
from pdfkit_cli.output.manifest import Manifest
from pdfkit_cli.system.codec import storable

for _kept in (SourceLocation, Finding, RebuildReason):
    storable(_kept)
"""A status is kept for the next start of the desk. States come back as the strings that they equal."""


class EditionState(StrEnum):
    """The state of a clinic's edition, the most severe first; several may apply at once."""

    FAILING = "failing"
    """An error keeps it from being printed."""

    WITHDRAWN = "withdrawn"
    """The leaflet is no longer in use, but the clinic still lists it."""

    MISSING = "missing"
    """The clinic hands it out, but there is no text, or no PDF."""

    OUTDATED = "outdated"
    """The PDF in the output folder no longer matches the library."""

    OVERDUE = "overdue"
    """Its review is overdue."""

    STALE = "stale"
    """The source text changed after it was translated."""

    UNREVIEWED = "unreviewed"
    """Nobody has reviewed the translation."""

    DRAFT = "draft"
    """Nobody has approved the text."""

    CURRENT = "current"


@storable
@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One leaflet in one language for one clinic: its states, the most severe first, its PDFs, and those that a build would change."""

    states: tuple[EditionState, ...]
    paths: tuple[str, ...]
    changed: tuple[str, ...]


@storable
@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One leaflet in one language: a cell for each clinic, None for clinics that do not hand it out."""

    leaflet: str
    language: str
    cells: tuple[MatrixCell | None, ...]


@storable
@dataclass(frozen=True, slots=True)
class RenderGroup:
    """PDFs that a build would render for the same reasons, each with whether one is published to compare it with.

    If one reason is a clinic's file, `phones` tells whether its phone number is another.
    """

    reasons: tuple[RebuildReason, ...]
    paths: tuple[tuple[str, bool], ...]
    phones: tuple[PhoneChange, ...] = ()


@storable
@dataclass(frozen=True, slots=True)
class BuildPreview:
    """What a build would do."""

    groups: tuple[RenderGroup, ...]
    kept: int
    remove: tuple[str, ...]
    blocked: tuple[tuple[str, tuple[Finding, ...]], ...]

    @property
    def runs(self) -> int:
        """Number of PDFs that it would render."""
        return sum(len(group.paths) for group in self.groups)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What prevents PDFs from being rendered, without duplicates."""
        return tuple(dict.fromkeys(finding for _, findings in self.blocked for finding in findings))

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.groups or self.remove)


@storable
@dataclass(frozen=True, slots=True)
class FindingGroup:
    """The findings of one leaflet; `leaflet` is empty for those of the library, its clinics, brands and phrases."""

    leaflet: str
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        """Number of errors among them."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)


@storable
@dataclass(frozen=True, slots=True)
class LibraryStatus:
    """The status of a library. `titles` are by leaflet and language, `clinics` are names by file name."""

    name: str
    titles: Mapping[str, Mapping[str, str]]
    clinics: Mapping[str, str]
    plan: BuildPreview
    finding_groups: tuple[FindingGroup, ...]
    rows: tuple[MatrixRow, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Every error, of the library and of what cannot be rendered, without duplicates."""
        found = (*(one for group in self.finding_groups for one in group.findings), *self.plan.findings)
        return tuple(dict.fromkeys(one for one in found if one.severity is Severity.ERROR))


def library_status(request: BuildRequest) -> LibraryStatus:
    """Return the status of a library and its output folder, without changing anything.

    Raises UsageError or SourceError if there is no library.
    """
    project = open_project(request)
    library, manifest = project.library, project.published
    made = make_plan(project, request, manifest)
    findings = check_project(project, request).findings
    return LibraryStatus(
        library.settings.name,
        {name: _titles(entry) for name, entry in library.leaflets.items()},
        {name: entry.model.name for name, entry in sorted(library.clinics.items())},
        _with_phones(build_preview(made, manifest), library, request.out, manifest),
        group_findings(findings, library.root),
        matrix_rows(project, made, manifest, findings, request.as_of),
    )  # fmt: skip


def _titles(leaflet: LeafletEntry) -> dict[str, str]:
    """Return the titles of a leaflet by language, that of the source first."""
    source = leaflet.model.source_language
    texts = sorted(leaflet.translations.items(), key=lambda item: item[0] != source)
    return {language: text.front_matter.title for language, text in texts}


def build_preview(made: Plan, manifest: Manifest) -> BuildPreview:
    """Group the PDFs of a plan by their reasons, the largest group first."""
    groups: dict[tuple[RebuildReason, ...], list[tuple[str, bool]]] = {}
    for run in made.run:
        groups.setdefault(run.reasons, []).append((run.output_key.path, run.output_key.path in manifest.files))
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    blocked = tuple((path, made.blocked[path]) for path in sorted(made.blocked))
    return BuildPreview(
        tuple(RenderGroup(why, tuple(paths)) for why, paths in ordered), len(made.kept), made.remove, blocked
    )


def _with_phones(preview: BuildPreview, library: Library, out: Path, manifest: Manifest) -> BuildPreview:
    """Return what a build would do, with the phone numbers that changed."""
    groups = (replace(group, phones=tuple(_phones(group, library, out, manifest))) for group in preview.groups)
    return replace(preview, groups=tuple(groups))


def _phones(group: RenderGroup, library: Library, out: Path, manifest: Manifest) -> Iterator[PhoneChange]:
    for why in group.reasons:
        folder, _, file = why.subject.removeprefix("leaflets/").partition("/")
        name = file.removesuffix(".yaml")
        if why.kind is RebuildReasonKind.CHANGED and folder == "clinics" and name in library.clinics:
            published = (path for path, there in group.paths if there and path.startswith(f"{name}/"))
            if found := phone_change(name, library.clinics[name].model, out, manifest, next(published, "")):
                yield found


def group_findings(findings: Iterable[Finding], root: Path) -> tuple[FindingGroup, ...]:
    """Group findings by leaflet: first those of no leaflet, which may affect all, then by number of errors."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding_leaflet(finding, root), []).append(finding)
    made = [
        FindingGroup(name, tuple(sorted(some, key=lambda one: (one.severity, one.place))))
        for name, some in found.items()
    ]
    return tuple(sorted(made, key=lambda group: (group.leaflet != "", -group.errors, group.leaflet)))


def finding_leaflet(finding: Finding, root: Path) -> str:
    """Return the leaflet whose file, or whose wording by a clinic, a finding is in; empty for any other file."""
    parts = finding.place.file.removeprefix(f"{root.as_posix()}/").split("/")
    if len(parts) > 2 and parts[0] == "content":
        return parts[1]
    return parts[2] if len(parts) > 3 and parts[0] == "clinics" else ""


def matrix_rows(
    project: Project, made: Plan, manifest: Manifest, findings: Iterable[Finding], today: date
) -> tuple[MatrixRow, ...]:
    """Return the states of all editions that clinics list, by leaflet, the source language first."""
    library = project.library
    standing = _StateSources(
        library,
        _by_edition(project.output_keys()),
        manifest,
        frozenset(run.output_key.path for run in made.run),
        frozenset(made.blocked),
        frozenset(one.place.file for one in findings if one.severity is Severity.ERROR),
        today,
    )
    return tuple(
        MatrixRow(
            leaflet, language, tuple(standing.cell(clinic, leaflet, language) for clinic in sorted(library.clinics))
        )
        for leaflet, languages in sorted(_handed_out(library).items())
        for language in languages
    )


def _by_edition(output_keys: Iterable[OutputKey]) -> dict[tuple[str, str, str], list[str]]:
    found: dict[tuple[str, str, str], list[str]] = {}
    for output_key in output_keys:
        key = output_key.edition
        found.setdefault((key.clinic, key.leaflet, key.language), []).append(output_key.path)
    return found


def _handed_out(library: Library) -> dict[str, list[str]]:
    """Return the languages of each leaflet that clinics list: the source first, then in the order of the library."""
    asked: dict[str, set[str]] = {}
    for clinic in library.clinics.values():
        for leaflet, hand_out in clinic.model.hands_out.items():
            asked.setdefault(leaflet, set()).update(hand_out.languages)
    order = {language: at for at, language in enumerate(library.settings.languages)}
    return {name: sorted(some, key=lambda one: (one != _source(library, name), order.get(one, 99), one)) for name, some in asked.items()}  # fmt: skip


def _source(library: Library, leaflet: str) -> str:
    entry = library.leaflets.get(leaflet)
    return entry.model.source_language if entry else ""


@dataclass(frozen=True, slots=True)
class _StateSources:
    """The data that determine the states of a cell."""

    library: Library
    output_keys: Mapping[tuple[str, str, str], list[str]]
    manifest: Manifest
    run: frozenset[str]
    blocked: frozenset[str]
    broken: frozenset[str]
    today: date

    def cell(self, clinic: str, leaflet: str, language: str) -> MatrixCell | None:
        hand_out = self.library.clinics[clinic].model.hands_out.get(leaflet)
        if hand_out is None or language not in hand_out.languages:
            return None
        paths = tuple(self.output_keys.get((clinic, leaflet, language), ()))
        found = set(self._states(leaflet, language, paths))
        states = tuple(state for state in EditionState if state in found) or (EditionState.CURRENT,)
        return MatrixCell(
            states, paths, tuple(path for path in paths if path in self.run and path in self.manifest.files)
        )

    def _states(self, name: str, language: str, paths: tuple[str, ...]) -> Iterator[EditionState]:
        leaflet = self.library.leaflets.get(name)
        if leaflet is None:  # its leaflet.yaml is unreadable or missing
            folder = self.library.root / "content" / name
            yield (
                EditionState.FAILING
                if any(file.startswith(f"{folder.as_posix()}/") for file in self.broken)
                else EditionState.MISSING
            )
            return
        if not leaflet.model.in_use:
            yield EditionState.WITHDRAWN
            return
        yield from self._of_text(leaflet, language)
        if not paths:
            text = f"{(self.library.root / 'content' / name / language).as_posix()}.md"
            yield EditionState.FAILING if text in self.broken else EditionState.MISSING
        for path in paths:
            yield from self._of_file(path)

    def _of_text(self, leaflet: LeafletEntry, language: str) -> Iterator[EditionState]:
        model = leaflet.model
        if model.review_by and model.review_by < self.today:
            yield EditionState.OVERDUE
        if language in leaflet.translations:
            yield from map(EditionState, translation_labels(leaflet, language))
        if leaflet.is_draft:
            yield EditionState.DRAFT

    def _of_file(self, path: str) -> Iterator[EditionState]:
        if path in self.blocked:
            yield EditionState.FAILING
        elif path in self.run:
            yield EditionState.OUTDATED if path in self.manifest.files else EditionState.MISSING
