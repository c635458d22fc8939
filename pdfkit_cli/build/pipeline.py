"""Builds a library into the output folder; callable from Python."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pdfkit_cli import checks
from pdfkit_cli.build import TIME_LIMIT, output_folder, output_guard, planning
from pdfkit_cli.build.output_folder import OutputFolder
from pdfkit_cli.build.planning import FingerprintedPage, Plan, PlanContext
from pdfkit_cli.checks.rule import CheckContext, Rule
from pdfkit_cli.content import bilingual, editions, loader
from pdfkit_cli.content.editions import SELECT_ALL, EditionKey, OutputKey, Selection
from pdfkit_cli.content.library import Library
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.errors import Finding, Problem, Severity, SourceError, UsageError, problem_from_finding
from pdfkit_cli.output.fingerprints import FingerprintIndex
from pdfkit_cli.output.manifest import Manifest, ManifestEntry
from pdfkit_cli.rendering import toolchain
from pdfkit_cli.rendering.layouts import Layouts
from pdfkit_cli.rendering.page import page_key
from pdfkit_cli.rendering.rendered_pdf import RenderedPdf
from pdfkit_cli.rendering.toolchain import InputGroup, group_digest
from pdfkit_cli.rendering.unverified import UnsharedReason
from pdfkit_cli.system import cache_folder

if TYPE_CHECKING:
    from pdfkit_cli.build.kept_workers import KeptWorkers


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """The parameters of a build."""

    library: Path = Path("leaflets")
    out: Path = Path("dist")
    selection: Selection = SELECT_ALL
    as_of: date = field(default_factory=date.today)
    jobs: int = 0
    force: bool = False
    seconds: float = TIME_LIMIT
    allow: tuple[str, ...] = ()
    layouts: Path = field(default_factory=partial(packaged_folder, "layouts"))
    cluster: str = ""
    """Address of a Dask scheduler; if empty, this machine does the work."""

    imprint: bool = True
    """Whether PDFs are imprinted on bodies that clinics share, unless library.yaml turns that off."""

    @property
    def workers(self) -> int:
        """The number of worker processes; by default one per core."""
        return self.jobs or len(os.sched_getaffinity(0))


@dataclass(slots=True)
class BuildSummary:
    """The result of a build."""

    rendered: list[str] = field(default_factory=list)
    kept: int = 0
    removed: list[str] = field(default_factory=list)
    failed: dict[str, Problem] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    """Paths of PDFs that failed by exceeding the time limit."""

    unshared: dict[str, UnsharedReason] = field(default_factory=dict)
    """PDFs that were rendered in full and not imprinted on a shared body, with the reasons."""

    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0

    @property
    def bugs(self) -> int:
        """Number of PDFs that failed because of a bug in pdfkit."""
        return sum(problem.is_bug for problem in self.failed.values())

    @property
    def clean(self) -> bool:
        """Whether nothing failed and the library has no errors."""
        return not self.failed and not any(finding.severity is Severity.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True)
class ProgressListener:
    """Callbacks for the progress of a build: once with the plan, then with each finished file and its problem, if it failed."""

    planned: Callable[[Plan], None] = lambda plan: None
    done: Callable[[str, Problem | None], None] = lambda path, problem: None


@dataclass(slots=True)
class Project:
    """The loaded library with its layouts, checked, and the pages and fingerprints of its PDFs."""

    library: Library
    layouts: Layouts
    register: FingerprintIndex
    findings: tuple[Finding, ...]
    allowed: frozenset[tuple[str, str]]
    """Errors that this build ignores: code and file."""

    versions: InputGroup
    """The versions of the tools that make the PDFs."""

    published: Manifest
    """The manifest from which the findings were made."""

    request: BuildRequest
    """The request for which the findings were made: its day, the errors that it allows, and whether `draw` imprints."""

    _last: tuple[EditionKey, editions.Edition, dict[object, str]] | None = None
    """The last edition, and its HTML by `Format.drawing`: one for most formats, and one for each extract."""

    _shared: editions.ResolveCache = field(default_factory=editions.ResolveCache)

    def draw(self, output_key: OutputKey) -> FingerprintedPage:
        """Draw one page; safe to call from several threads. Raises SourceError.

        The formats of an edition follow each other and share its HTML, but for those that show an extract of it.
        """
        with self.layouts.drawing:
            if self._last is None or self._last[0] != output_key.edition:
                edition = editions.resolve_edition(self.library, output_key.edition, self._shared)
                self._last = output_key.edition, edition, {}
            _, edition, drawn = self._last
            form = self.layouts.formats[output_key.format]
            shown = bilingual.with_source(self.library, edition, self._shared) if form.bilingual else edition
            if form.drawing not in drawn:
                drawn[form.drawing] = self.layouts.draw(shown, output_key.format)
            page = replace(
                self.layouts.page(shown, drawn[form.drawing], output_key.format),
                imprint=self.request.imprint and self.library.settings.imprint,
            )
        return FingerprintedPage(page, page_key(page, self.versions), edition.digest, edition.title)

    def edition(self, output_key: OutputKey) -> editions.Edition:
        """Return the edition of a PDF, with its source beside it in a bilingual format. Raises SourceError."""
        edition = editions.resolve_edition(self.library, output_key.edition, self._shared)
        return (
            bilingual.with_source(self.library, edition, self._shared)
            if self.layouts.formats[output_key.format].bilingual
            else edition
        )

    def output_keys(self) -> Iterator[OutputKey]:
        """Yield every PDF of the library whose format exists; a source is not printed beside itself."""
        for output_key in editions.output_keys(self.library):
            key, form = output_key.edition, self.layouts.formats.get(output_key.format)
            is_source = key.language == self.library.leaflets[key.leaflet].model.source_language
            if form and not (form.bilingual and is_source):
                yield output_key


def open_project(request: BuildRequest, before: Project | None = None, *, hold: bool = False) -> Project:
    """Load and check the library. What has not changed since the project `before` was opened is not parsed again.

    With `hold`, clinics, leaflets and texts that can no longer be read stay as they were: see `Library.held`.
    Raises UsageError or SourceError if it does not exist or cannot be read.
    """
    loaded = load_project(request, (before.library, before.layouts) if before else (None, None), hold=hold)
    return _check_project(request, *loaded, output_folder.read_manifest(request.out))


def load_project(
    request: BuildRequest, before: tuple[Library | None, Layouts | None] = (None, None), *, hold: bool = False
) -> tuple[Library, Layouts]:
    """Load the library and its layouts, without checking their content. Raises UsageError or SourceError."""
    checks.check_allowed(request.allow)
    library, layouts = before
    return (
        loader.load_library(request.library, library, hold=hold),
        Layouts.load(request.layouts, packaged_folder("fonts"), request.library, layouts),
    )


def plan_build(request: BuildRequest, manifest: Manifest) -> Plan:
    """Return what a build would do, without looking for problems that are only warnings: none of them changes the plan.

    Raises UsageError or SourceError if the library cannot be read, or if no clinic hands out what was requested.
    """
    loaded, layouts = load_project(request)
    project = _check_project(request, loaded, layouts, manifest, checks.error_rules(loaded))
    return make_plan(project, request, manifest)


def _check_project(
    request: BuildRequest,
    loaded: Library,
    layouts: Layouts,
    published: Manifest,
    rules: Iterable[Rule] | None = None,
) -> Project:
    versions = toolchain.tool_versions()
    register = FingerprintIndex(loaded, layouts, versions)
    layouts.compiled = None if request.force else cache_folder.versioned_cache_folder(group_digest(versions))
    subject = CheckContext(loaded, layouts, request.as_of, published)
    found = (
        *loaded.findings,
        *checks.settings_findings(subject),
        *checks.run_checks(subject, request.allow, checks.content_rules() if rules is None else rules),
    )
    findings = tuple(sorted(found, key=lambda finding: finding.place))
    allowed = frozenset((finding.code, finding.place.file) for finding in findings if finding.code in request.allow)
    return Project(loaded, layouts, register, findings, allowed, versions, published, request)


def _checked_for(project: Project, request: BuildRequest, published: Manifest) -> Project:
    """Return the project checked for a request: findings for another day, or with other errors allowed, are not reused."""
    before = project.request
    same = (before.as_of, before.allow, before.imprint) == (request.as_of, request.allow, request.imprint)
    if same and published == project.published:
        return project
    checks.check_allowed(request.allow)
    return _check_project(request, project.library, project.layouts, published)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The findings of a check of the library."""

    leaflets: int
    editions: int
    clinics: int
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        """Number of findings that are errors."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)


def check_project(project: Project, request: BuildRequest) -> CheckReport:
    """Return every problem of the library, of its last build, and of every edition that is handed out."""
    library, handed_out = project.library, {output_key.edition for output_key in project.output_keys()}
    context = CheckContext(library, project.layouts, request.as_of, output_folder.read_manifest(request.out))
    found = dict.fromkeys((*project.findings, *checks.run_checks(context, request.allow, checks.output_rules())))
    found |= dict.fromkeys(editions.missing_facts(library, handed_out))
    findings = tuple(sorted(found, key=lambda finding: finding.place))
    return CheckReport(len(library.leaflets), len(handed_out), len(library.clinics), findings)


def make_plan(project: Project, request: BuildRequest, manifest: Manifest) -> Plan:
    """Plan a build over the output folder, in the order in which pages are drawn and rendered fastest.

    Raises UsageError if no clinic hands out what was requested.
    """
    output_keys = sorted(project.output_keys(), key=planning.body_sort_key)
    made = planning.compute_plan(output_keys, request.selection, plan_context(project, request, manifest))
    nothing = not (made.run or made.kept or made.remove or made.blocked)
    wrong = any(finding.severity is Severity.ERROR for finding in project.findings)
    if nothing and request.selection != SELECT_ALL and not wrong:
        raise UsageError("no clinic hands out what was asked for", hint="see who hands out what: pdfkit list")
    return made


def plan_context(project: Project, request: BuildRequest, manifest: Manifest) -> PlanContext:
    """Return the data from which a plan is made."""
    errors = [finding for finding in project.findings if finding.severity is Severity.ERROR]
    blocking: dict[str, tuple[Finding, ...]] = {}
    for finding in errors:
        if checks.blocks_rendering(finding):
            name = project.register.name(finding.place.file)
            blocking[name] = (*blocking.get(name, ()), finding)
    return PlanContext(
        manifest=manifest,
        register=project.register,
        on_disk=partial(output_folder.disk_state, request.out),
        draw=project.draw,
        lacking=lambda output_key: tuple(editions.missing_facts(project.library, (output_key.edition,))),
        blocking=blocking,
        broken=frozenset(
            project.register.name(finding.place.file) for finding in errors if checks.protects_existing_pdfs(finding)
        ),
        force=request.force,
    )


def dry_run(request: BuildRequest) -> tuple[Plan, BuildSummary]:
    """Return what a build would do, and change nothing.

    Raises UsageError for an unknown name or an unusable output folder.
    """
    project = open_project(request)
    _check_request(request, project.library, project.layouts)
    made = make_plan(project, request, project.published)
    return made, _summarize(project, made)


def build(request: BuildRequest, watcher: ProgressListener | None = None) -> BuildSummary:
    """Load the library and build it: `build_project` for callers that do not need the project."""
    started = time.monotonic()
    loaded, layouts = load_project(request)
    _check_request(request, loaded, layouts)
    with OutputFolder(request.out) as output:
        summary = _build(_check_project(request, loaded, layouts, output.manifest), request, output, watcher)
    summary.seconds = time.monotonic() - started
    return summary


def build_project(
    project: Project,
    request: BuildRequest,
    watcher: ProgressListener | None = None,
    workers: "KeptWorkers | None" = None,
) -> BuildSummary:
    """Bring the output folder up to date with a library that has been loaded, with workers of its own or those given.

    Content problems block only the PDFs that depend on them, and are in the summary.
    Raises UsageError for an invalid request, OutputError if the output folder cannot be written, and PdfkitError if
    this machine cannot render; PDFs that were finished before are kept.
    """
    started = time.monotonic()
    _check_request(request, project.library, project.layouts)
    with OutputFolder(request.out) as output:
        summary = _build(_checked_for(project, request, output.manifest), request, output, watcher, workers)
    summary.seconds = time.monotonic() - started
    return summary


def render_edition(project: Project, request: BuildRequest, output_key: OutputKey) -> RenderedPdf:
    """Render one PDF and return it; the output folder is not changed.

    Raises UsageError if no clinic hands it out, SourceError with the errors of the library that block it, and
    PdfkitError if it cannot be rendered.
    """
    return render_unpublished(project, request, output_key)[1]


def render_unpublished(
    project: Project, request: BuildRequest, output_key: OutputKey, workers: "KeptWorkers | None" = None
) -> tuple[ManifestEntry, RenderedPdf]:
    """Render one PDF as `render_edition` does, and return it with the entry that it would have in the manifest."""
    project, path = _checked_for(project, request, project.published), output_key.path
    if output_key not in project.output_keys():
        raise UsageError(f"no clinic hands out {path}", hint="see who hands out what: pdfkit list")
    context = plan_context(project, replace(request, force=True), Manifest())
    made = planning.compute_plan((output_key,), SELECT_ALL, context)
    if path in made.blocked:
        raise SourceError(made.blocked[path])
    from pdfkit_cli.build.plan_runner import render_task

    return render_task(project, request, made.run[0], workers)


def _check_request(request: BuildRequest, loaded: Library, layouts: Layouts) -> None:
    output_guard.check_output_folder(request.out, request.library, loaded.clinics)
    editions.check_selection(loaded, request.selection, layouts.formats)


def _build(
    project: Project,
    request: BuildRequest,
    output: OutputFolder,
    watcher: ProgressListener | None,
    workers: "KeptWorkers | None" = None,
) -> BuildSummary:
    watcher = watcher or ProgressListener()
    made = make_plan(project, request, output.manifest)
    summary = _summarize(project, made)
    watcher.planned(made)
    output.begin(made.kept, {run.output_key.path for run in made.run} | set(made.remove), project.register.groups)
    try:
        if made.run or made.remove:
            from pdfkit_cli.build.plan_runner import PlanRunner  # imports what starts and watches workers

            PlanRunner(project, request, output, watcher, summary, workers).run(made)
    finally:
        output.finish()
    if request.selection == SELECT_ALL or summary.rendered or summary.removed:
        _write_catalogue(project, output)
    subject = CheckContext(project.library, project.layouts, request.as_of, output.manifest)
    summary.findings += tuple(checks.run_checks(subject, request.allow, checks.output_rules()))
    return summary


def _write_catalogue(project: Project, output: OutputFolder) -> None:
    """Write the static catalogue, always for everything in the output folder."""
    from pdfkit_cli.output.catalogue import builder  # imports Jinja2, which who only asks does not need

    files, kept = output.manifest.files, output.folder / output_folder.WORK_FOLDER / output_folder.THUMBNAILS_FOLDER
    paths = builder.catalogue_paths(project.library, files)
    output.pages(paths, builder.catalogue_pages(project.library, project.layouts, files, output.folder, kept))


def _summarize(project: Project, made: Plan) -> BuildSummary:
    known = set(project.findings)
    drawn = tuple(
        dict.fromkeys(finding for findings in made.blocked.values() for finding in findings if finding not in known)
    )
    failed = {path: problem_from_finding(findings[0]) for path, findings in made.blocked.items()}
    return BuildSummary(kept=len(made.kept), failed=failed, findings=(*project.findings, *drawn))
