"""`pdfkit build`, with its dry run and its watch mode, and `pdfkit why`."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pdfkit_cli import PdfkitError, UsageError, Variant
from pdfkit_cli.build import TIME_LIMIT
from pdfkit_cli.cli.console import err, finding_json, out, print_error, print_findings, print_json, progress_bar
from pdfkit_cli.cli.options import AsOfOption, JsonOption, LibraryOption, OutOption, as_of_day
from pdfkit_cli.errors import ExitCode, Problem

if TYPE_CHECKING:
    from pdfkit_cli import BuildRequest, BuildSummary, ProgressListener, Project
    from pdfkit_cli.build.planning import Plan
    from pdfkit_cli.output.fingerprints import RebuildReason


def build(
    leaflets: Annotated[
        list[str] | None, typer.Argument(help="Leaflet folders to build (default: all).", metavar="LEAFLET")
    ] = None,
    clinic: Annotated[list[str] | None, typer.Option(help="Only this clinic. May be repeated.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="Only this language. May be repeated.")] = None,
    format: Annotated[list[str] | None, typer.Option(help="Only this format. May be repeated.")] = None,
    variant: Annotated[list[Variant] | None, typer.Option(help="Only this variant. May be repeated.")] = None,
    library: LibraryOption = Path("leaflets"),
    out_folder: OutOption = Path("dist"),
    jobs: Annotated[int, typer.Option(min=0, help="Number of worker processes (default: one per core).")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Re-render everything, even if unchanged.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and change nothing.")] = False,
    as_json: JsonOption = False,
    watch: Annotated[bool, typer.Option("--watch", help="Rebuild whenever a file is saved.")] = False,
    as_of: AsOfOption = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            "--allow", help="Treat errors of this check as warnings in this run. May be repeated.", metavar="CODE"
        ),
    ] = None,
    seconds: Annotated[
        float, typer.Option("--time-limit", min=0.1, help="Time limit for one render, in seconds.")
    ] = TIME_LIMIT,
    no_imprint: Annotated[
        bool,
        typer.Option(
            "--no-imprint",
            help="Render every PDF in full, without a layout that clinics share: slower, and it looks the same.",
        ),
    ] = False,
    cluster: Annotated[
        str, typer.Option(help="Render on a Dask cluster: the address of its scheduler.", metavar="ADDRESS")
    ] = "",
) -> None:
    """Render what changed, for every clinic, language and format.

    Example: pdfkit build facet-denervation --clinic rygcenter-syddanmark --language da --format a4
    """
    from pdfkit_cli import BuildRequest, Selection

    names = tuple(
        map(tuple, (leaflets or (), clinic or (), language or (), format or (), [str(v) for v in variant or ()]))
    )
    if cluster and jobs:
        raise UsageError("--jobs counts worker processes of this machine; leave it out with --cluster")
    if cluster:
        from pdfkit_cli.build.cluster.dask import encryption_warning

        if warning := encryption_warning(cluster):
            err.print(warning)
    request = BuildRequest(
        library,
        out_folder,
        Selection(*names),
        as_of_day(as_of),
        jobs,
        force,
        seconds,
        tuple(allow or ()),
        cluster=cluster,
        imprint=not no_imprint,
    )
    if dry_run:
        _dry_run(request, as_json)
    elif watch:
        _watch_and_build(request)
    else:
        summary = _build(request, quiet=as_json)
        _report(summary, as_json)
        if summary.bugs:
            raise typer.Exit(ExitCode.OUR_FAULT)
        raise typer.Exit(ExitCode.OK if summary.clean else ExitCode.FINDINGS)


def _build(request: "BuildRequest", *, quiet: bool = False) -> "BuildSummary":
    from pdfkit_cli import build_project, open_project

    with _progress_listener(quiet) as watcher:
        return build_project(open_project(request), request, watcher)


@contextmanager
def _progress_listener(quiet: bool) -> "Iterator[ProgressListener]":
    """Return a progress bar on a terminal, one line per file elsewhere; both on stderr."""
    from pdfkit_cli import ProgressListener

    if quiet:
        yield ProgressListener()
    elif not err.is_terminal:
        yield ProgressListener(
            done=lambda path, problem: err.print(f"failed {path}: {problem}" if problem else f"rendered {path}")
        )
    else:
        with progress_bar() as bar:
            task = bar.add_task("loading", total=None)

            def done(path: str, problem: Problem | None) -> None:
                if problem:
                    err.print(f"failed {path}: {problem}", style="red")
                bar.update(task, advance=1, description=path.split("/")[-1])

            yield ProgressListener(lambda plan: bar.update(task, total=len(plan.run), description="rendering"), done)


def _report(summary: "BuildSummary", as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "rendered": sorted(summary.rendered),
                "kept": summary.kept,
                "removed": summary.removed,
                "failed": {path: str(problem) for path, problem in summary.failed.items()},
                "whole": summary.unshared,
                "findings": [finding_json(finding) for finding in summary.findings],
                "seconds": round(summary.seconds, 2),
            }
        )
        return
    print_findings(summary.findings)
    for path, problem in sorted(summary.failed.items(), key=itemgetter(0)):
        listed = problem.place and any(
            (finding.code, finding.place) == (problem.code, problem.place) for finding in summary.findings
        )
        err.print(f"failed {path}" if listed else f"failed {path}: {problem}")
    if summary.bugs:
        err.print(f"{summary.bugs} failed through a bug in pdfkit; the others are made")
    if summary.late:
        err.print(f"{len(summary.late)} took too long; allow more time for long leaflets: --time-limit SECONDS")
    out.print(
        f"{len(summary.rendered)} rendered, {summary.kept} kept, {len(summary.removed)} removed, "
        f"{len(summary.failed)} failed in {summary.seconds:.1f} seconds"
    )
    for reason, count in Counter(summary.unshared.values()).most_common():
        out.print(f"{count} of them rendered in full, which takes longer: {reason.description}")


def _dry_run(request: "BuildRequest", as_json: bool) -> None:
    from pdfkit_cli.build import pipeline

    made, summary = pipeline.dry_run(request)
    if as_json:
        print_json(
            {
                "run": {run.output_key.path: list(map(str, run.reasons)) for run in made.run},
                "keep": sorted(made.kept),
                "remove": list(made.remove),
                "blocked": {path: [str(f) for f in findings] for path, findings in made.blocked.items()},
            }
        )
    else:
        print_findings(summary.findings)
        for run in made.run:
            out.print(f"render {run.output_key.path}: {_shorten_reasons(run.reasons)}")
        for path in made.remove:
            out.print(f"remove {path}: no clinic hands it out any more")
        for path in made.blocked:
            out.print(f"blocked {path}: see the errors above")
        out.print(
            f"{len(made.run)} to render, {len(made.kept)} to keep, {len(made.remove)} to remove, {len(made.blocked)} blocked"
        )
    raise typer.Exit(ExitCode.OK if summary.clean else ExitCode.FINDINGS)


def _shorten_reasons(reasons: "Iterable[RebuildReason]") -> str:
    first, *rest = reasons
    return str(first) + (f" and {len(rest)} more" if rest else "")


def _watch_and_build(request: "BuildRequest") -> None:
    from watchfiles import watch as changes

    from pdfkit_cli import build_project, open_project
    from pdfkit_cli.build import output_guard
    from pdfkit_cli.build.kept_workers import KeptWorkers

    if not os.path.isdir(request.library):  # noqa: PTH112  # pathlib raises where it may not look
        raise UsageError(f"{request.library}: no such folder", hint="name the library with --library")
    output_guard.check_output_folder(request.out, request.library)  # or it would notice its own PDFs, and build again
    project: Project | None = None
    first = True
    # It starts to watch before the first build, and says so after a moment without changes.
    with KeptWorkers() as workers:
        for changed in changes(request.library, request.layouts, yield_on_timeout=True, rust_timeout=200, step=20):
            if changed or first:
                try:
                    with _progress_listener(quiet=False) as watcher:
                        project = open_project(request, project)
                        summary = build_project(project, request, watcher, workers)
                    _report(summary, as_json=False)
                except PdfkitError as error:
                    print_error(error)
                err.print(f"watching {request.library}; stop with Ctrl-C")
            first = False


def why(
    file: Annotated[Path, typer.Argument(help="A PDF in the output folder.", metavar="FILE")],
    library: LibraryOption = Path("leaflets"),
    out_folder: OutOption = Path("dist"),
    as_json: JsonOption = False,
) -> None:
    """Show what a PDF was made from, and what has changed since.

    Example: pdfkit why dist/rygcenter-syddanmark/facet-denervation.da.a4.pdf
    """
    from pdfkit_cli import BuildRequest, Selection
    from pdfkit_cli.build import output_folder
    from pdfkit_cli.build.pipeline import plan_build

    manifest = output_folder.read_manifest(out_folder)
    path = (
        file.resolve().relative_to(out_folder.resolve()).as_posix()
        if file.resolve().is_relative_to(out_folder.resolve())
        else file.as_posix()
    )
    entry = manifest.files.get(path)
    if entry is None:
        from pdfkit_cli.content.suggestions import did_you_mean

        near = did_you_mean(path, manifest.files) if manifest.files else "; build first"
        raise UsageError(f"{out_folder / 'manifest.json'} does not list {path}{near}")
    request = BuildRequest(
        library,
        out_folder,
        Selection((entry.leaflet,), (entry.clinic,), (entry.language,), (entry.format,), (entry.variant,)),
    )
    made = plan_build(request, manifest)
    made_from = {name: digest for group in entry.inputs for name, digest in manifest.inputs.get(group, {}).items()}
    now = _file_state(path, made)
    if as_json:
        print_json({"path": path, "entry": asdict(entry), "made_from": made_from, "now": now})
        return
    out.print(
        f"{path}\n{entry.title}: {entry.id} version {entry.version}, {entry.language}, {entry.variant}, {entry.format}, for {entry.clinic}",
    )
    out.print("made from")
    for name, digest in sorted(made_from.items()):
        out.print(f"  {digest[:12]}  {name}")
    out.print(f"how: {_layout_description(entry.whole)}")
    out.print("since then: " + "; ".join(now))


def _layout_description(unshared: str) -> str:
    """Return how a PDF was rendered, given the manifest's reason why it shares no body."""
    if not unshared:
        return "the clinic's own content was imprinted on a body that clinics share"
    from pdfkit_cli.rendering.unverified import UnsharedReason

    reason = UnsharedReason(unshared).description if unshared in set(UnsharedReason) else unshared
    return f"rendered in full: {reason}"


def _file_state(path: str, made: "Plan") -> list[str]:
    """Return whether a file is up to date, or why not."""
    if path in made.kept:
        return ["nothing changed that it prints; it is up to date"]
    if path in made.blocked:
        return [str(finding) for finding in made.blocked[path]]
    for run in made.run:
        if run.output_key.path == path:
            return list(map(str, run.reasons))
    return ["no clinic hands it out any more; the next build removes it"]
