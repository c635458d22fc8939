"""Carries a plan out: removes and renders PDFs, in worker processes or on a cluster, and publishes each result."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from uuid import uuid4

from pdfkit_cli import checks
from pdfkit_cli.build.cluster import dask, page_transport
from pdfkit_cli.build.cluster.machine import ClusterJob
from pdfkit_cli.build.kept_workers import KeptWorkers, WorkerSetup
from pdfkit_cli.build.output_folder import OutputFolder
from pdfkit_cli.build.planning import FingerprintedPage, Plan, RenderTask, body_sort_key
from pdfkit_cli.checks import over_page_budget
from pdfkit_cli.content import yaml_source
from pdfkit_cli.errors import Finding, PdfkitError, Problem, Severity, problem_from_finding
from pdfkit_cli.output.manifest import ManifestEntry
from pdfkit_cli.rendering import render_worker, toolchain
from pdfkit_cli.rendering.page import Page
from pdfkit_cli.rendering.rendered_pdf import RenderedPdf
from pdfkit_cli.rendering.toolchain import group_digest
from pdfkit_cli.system import cache_folder, fault_log, temporary, worker_pool
from pdfkit_cli.system.worker_pool import TaskLimits, TaskResult, WorkerPoolError

if TYPE_CHECKING:
    from pdfkit_cli.build.pipeline import BuildRequest, BuildSummary, ProgressListener, Project

BATCH_SIZE = 64
"""PDFs with one body that are given to a worker together: a second or two of work, and the body is laid out in one worker only."""


RenderBatch: TypeAlias = tuple[tuple[str, ...], tuple[Page, ...]]
"""PDFs that one worker makes one after another: their paths and pages."""

BatchRenderer: TypeAlias = Callable[
    [Iterable[RenderBatch]], Iterator[TaskResult[tuple[str, ...], tuple[RenderedPdf | Problem, ...]]]
]


@dataclass(slots=True)
class PlanRunner:
    """Removes and renders the files of a plan, and enters each result in the summary."""

    project: "Project"
    request: "BuildRequest"
    output: OutputFolder
    watcher: "ProgressListener"
    summary: "BuildSummary"
    workers: KeptWorkers | None
    started: dict[str, tuple[RenderTask, FingerprintedPage]] = field(default_factory=dict)

    def run(self, made: Plan) -> None:
        """Remove, then render. Raises PdfkitError if this machine cannot render."""
        for path in made.remove:
            self.output.remove(path)
            self.summary.removed.append(path)
        if made.run:
            with _batch_renderer(self.project, self.request, len(made.run), self.workers) as rendered:
                alone = self._render(made.run, BATCH_SIZE, rendered)
                self._render(alone, 1, rendered)  # renders each one alone to find the cause

    def _render(self, runs: Iterable[RenderTask], most: int, rendered: BatchRenderer) -> list[RenderTask]:
        """Render in batches of at most `most` PDFs; return the tasks of batches that ended without a result."""
        unfinished: list[RenderTask] = []
        for outcome in rendered(self._batches(runs, most)):
            if outcome.result is None and len(outcome.name) > 1:
                unfinished += [self.started.pop(path)[0] for path in outcome.name]
                continue
            if outcome.late:
                self.summary.late.update(outcome.name)
            for path, result in zip(outcome.name, _reported_results(outcome), strict=True):
                self._finish(path, result)
        return unfinished

    def _batches(self, runs: Iterable[RenderTask], most: int) -> Iterator[RenderBatch]:
        for drawn in _batches(self.project, runs, most):
            self.started.update((run.output_key.path, (run, one)) for run, one in drawn)
            yield tuple(run.output_key.path for run, _ in drawn), tuple(one.page for _, one in drawn)

    def _finish(self, path: str, result: RenderedPdf | Problem) -> None:
        run, drawn = self.started.pop(path)
        problem = result if isinstance(result, Problem) else _refusal(self.project, self.request, run, result)
        if problem:
            self.summary.failed[path] = problem
        elif isinstance(result, RenderedPdf):
            self.output.put(path, result.pdf, _manifest_entry(self.project, run, drawn, result))
            self.summary.rendered.append(path)
            if result.unshared:
                self.summary.unshared[path] = result.unshared
        self.watcher.done(path, problem)


def render_task(
    project: "Project", request: "BuildRequest", run: RenderTask, workers: KeptWorkers | None = None
) -> tuple[ManifestEntry, RenderedPdf]:
    """Render one PDF and return it, with the entry that it would have in the manifest. Raises PdfkitError if it cannot be rendered."""
    path, drawn = run.output_key.path, project.draw(run.output_key)
    with _batch_renderer(project, request, 1, workers) as rendered:
        (result,) = (each for outcome in rendered([((path,), (drawn.page,))]) for each in _reported_results(outcome))
    problem = result if isinstance(result, Problem) else _refusal(project, request, run, result)
    if isinstance(result, RenderedPdf) and problem is None:
        return _manifest_entry(project, run, drawn, result), result
    assert problem
    raise PdfkitError(f"{path}: {problem.message}", hint=problem.hint)


def _reported_results(
    outcome: TaskResult[tuple[str, ...], tuple[RenderedPdf | Problem, ...]],
) -> Iterator[RenderedPdf | Problem]:
    """Yield the result of each PDF of a batch; bugs are written to the log."""
    if outcome.problem:
        yield outcome.problem
    for result in outcome.result or ():
        yield fault_log.report(result) if isinstance(result, Problem) else result


def _batches(
    project: "Project", runs: Iterable[RenderTask], most: int
) -> Iterator[list[tuple[RenderTask, FingerprintedPage]]]:
    """Yield batches of PDFs for one worker, with their pages: those that share a body, or a layout.

    Editions with the same text are drawn clinic by clinic, since their formats share the HTML; a body is that text in one format and brand.
    """
    for _, group in groupby(runs, lambda run: body_sort_key(run.output_key)[:3]):
        batches: dict[tuple[str, str], list[tuple[RenderTask, FingerprintedPage]]] = {}
        for run in group:
            drawn = project.draw(run.output_key)
            clinic = "" if drawn.page.may_share_body else run.output_key.edition.clinic
            key = drawn.page.stylesheet.digest, clinic  # a booklet without a shared body shares its pages' layout
            batches.setdefault(key, []).append((run, drawn))
            if len(batches[key]) == most:
                yield batches.pop(key)
        yield from batches.values()


@contextmanager
def _batch_renderer(
    project: "Project", request: "BuildRequest", count: int, workers: KeptWorkers | None = None
) -> Iterator[BatchRenderer]:
    """Return the renderer of batches: worker processes here, kept or for this build only, or those of a cluster.

    Raises PdfkitError if they cannot start.
    """
    try:
        yield from _started_renderer(project, request, count, workers)
    except WorkerPoolError as error:
        raise PdfkitError(f"the renderer cannot start: {error}", hint="see what is missing: pdfkit doctor") from None


def _started_renderer(
    project: "Project", request: "BuildRequest", count: int, workers: KeptWorkers | None
) -> Iterator[BatchRenderer]:
    if request.cluster:
        from pdfkit_cli.rendering import renderer

        order = ClusterJob(
            uuid4().hex,
            renderer.render,
            renderer.prepare_process,
            page_transport.unpack_page,
            toolchain.tool_versions,
            project.versions,
            request.seconds,
        )
        yield partial(_render_on_cluster, request.cluster, order)
        return
    limits = TaskLimits(min(request.workers, count), request.seconds)
    if workers and not request.force:
        setup = worker_setup(project, request)
        kept = setup.kept
        yield partial(workers.run, setup, limits.workers)
    else:
        kept = None if request.force else _cache_folder(project)
        with temporary.temporary_folder() as folder:
            prepare = partial(render_worker.prepare_process, folder, kept or folder)
            yield lambda batches: worker_pool.run_tasks(render_worker.render_all, batches, limits, prepare)
    if kept:
        cache_folder.prune(kept)


def worker_setup(project: "Project", request: "BuildRequest") -> WorkerSetup:
    """Return what decides whether workers that were kept may be used for a build."""
    fonts = frozenset(project.layouts.font_digests(project.library.brands.values()))
    return WorkerSetup(request.seconds, _cache_folder(project), group_digest(project.versions), fonts)


def _cache_folder(project: "Project") -> Path | None:
    return cache_folder.versioned_cache_folder(group_digest(project.versions))


def _render_on_cluster(
    address: str, order: ClusterJob[Page, RenderedPdf], batches: Iterable[RenderBatch]
) -> Iterator[TaskResult[tuple[str, ...], tuple[RenderedPdf | Problem, ...]]]:
    """Render on a cluster, which groups pages itself, and returns a result for each page of a group."""
    pages = (pair for paths, pages in batches for pair in zip(paths, pages, strict=True))
    for outcome in dask.run_on_cluster(
        address, order, dask.TaskTransport(page_transport.pack_page, page_transport.body_key), pages
    ):
        yield TaskResult((outcome.name,), (outcome.result,) if outcome.result else None, outcome.problem)


def _refusal(project: "Project", request: "BuildRequest", run: RenderTask, rendered: RenderedPdf) -> Problem | None:
    """Return why a PDF must not be published, or None."""
    leaflet = project.library.leaflets[run.output_key.edition.leaflet]
    problem = over_page_budget.budget_problem(leaflet, run.output_key.format, rendered.pages)
    if problem is None or over_page_budget.CODE in request.allow:
        return None
    if checks.severity_at(project.library, over_page_budget.RULE, problem[0]) is not Severity.ERROR:
        return None
    return problem_from_finding(Finding(over_page_budget.CODE, problem[1], problem[0]))


def _manifest_entry(
    project: "Project", run: RenderTask, drawn: FingerprintedPage, rendered: RenderedPdf
) -> ManifestEntry:
    key = run.output_key.edition
    leaflet = project.library.leaflets[key.leaflet]
    return ManifestEntry(
        clinic=key.clinic,
        leaflet=key.leaflet,
        language=key.language,
        variant=str(key.variant),
        format=run.output_key.format,
        id=leaflet.model.id,
        version=leaflet.model.version,
        status=str(leaflet.status),
        digest=drawn.digest,
        title=drawn.title,
        pages=rendered.pages,
        key=drawn.key,
        inputs=run.inputs.groups,
        sha256=yaml_source.sha256_hex(rendered.pdf),
        bytes=len(rendered.pdf),
        mtime_ns=0,
        remarks=rendered.remarks,
        whole=rendered.unshared.value if rendered.unshared else "",
        body=rendered.body[:16],
        allowed=_allowed_findings(project, run, rendered.pages),
        text=leaflet.translations[key.language].text_digest,
    )


def _allowed_findings(project: "Project", run: RenderTask, pages: int) -> tuple[str, ...]:
    files = project.register.files(run.inputs) if project.allowed else {}
    codes = {code for code, file in project.allowed if project.register.name(file) in files}
    over = over_page_budget.budget_problem(
        project.library.leaflets[run.output_key.edition.leaflet], run.output_key.format, pages
    )
    return tuple(sorted(codes | ({over_page_budget.CODE} if over else set())))
