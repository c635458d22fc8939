"""The command line: the only place that prints or exits."""

import errno
import gc
import io
import json
import os
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pdfkit_cli import __version__, catalogue, hotfolder, publish, sarif, scaffold, translations
from pdfkit_cli import attach as attaching
from pdfkit_cli import build as building
from pdfkit_cli import dispatch as dispatching
from pdfkit_cli import doctor as doctors
from pdfkit_cli import plan as planning
from pdfkit_cli import verify as verifying
from pdfkit_cli.build import Request, Summary, Watcher
from pdfkit_cli.catalogue import Catalogue, LeafletEntry
from pdfkit_cli.editions import Selection
from pdfkit_cli.enclosures import Wanted
from pdfkit_cli.errors import Exit, Finding, PdfkitError, Severity, SourceError, UsageError
from pdfkit_cli.models import Variant
from pdfkit_cli.packs import Channel, Way
from pdfkit_cli.pdf.metadata import Identity
from pdfkit_cli.verify import Built, Verdict

app = typer.Typer(
    name="pdfkit",
    help="Print a library of patient leaflets as branded, accessible PDFs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
new_app = typer.Typer(help="Make a new leaflet, clinic or library.", no_args_is_help=True)
app.add_typer(new_app, name="new")

out = Console(soft_wrap=True, highlight=False, emoji=False)
err = Console(stderr=True, soft_wrap=True, highlight=False, emoji=False)

LibraryOption = Annotated[Path, typer.Option("--library", help="The folder with library.yaml.", metavar="DIR")]
OutOption = Annotated[Path, typer.Option("--out", help="The folder that the PDFs go to.", metavar="DIR")]
AsOfOption = Annotated[
    datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="Check as if it were this day.", metavar="DATE")
]
AllowOption = Annotated[
    list[str] | None,
    typer.Option("--allow", help="Let errors of this check pass, this once. May be repeated.", metavar="CODE"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


GARBAGE = 10_000
"""New objects between two searches for garbage: what is read of a library stays. With the usual 700 a check of a large one took a sixth longer."""


def main() -> None:
    """Run a command and exit: 0 fine, 1 findings or failures, 2 usage, 3 our own fault, 130 interrupted."""
    gc.set_threshold(GARBAGE)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None where the shell closed it
            stream.reconfigure(errors="backslashreplace")  # a terminal may lack a letter
    sys.exit(_run(sys.argv[1:]))


def _run(arguments: list[str]) -> int:
    try:
        code = int(app(args=arguments, prog_name="pdfkit", standalone_mode=False) or 0)
        if code == Exit.INTERRUPTED:  # what Typer makes of Ctrl-C
            err.print("pdfkit: interrupted; what is finished stays, and the next run goes on")
        return code
    except PdfkitError as error:
        _print_error(error)
        return error.exit_code
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            err.print("pdfkit: the answer cannot be written: no space left")
            return Exit.FINDINGS
        if hasattr(error, "show") and hasattr(error, "exit_code"):  # a usage error of the command line itself
            error.show()
            return int(error.exit_code)
        return _our_fault(error)


def _print_error(error: PdfkitError) -> None:
    if isinstance(error, SourceError):
        _print_findings(error.findings)
        return
    err.print(f"pdfkit: {error}", markup=False)
    if error.hint:
        err.print(f"hint: {error.hint}", markup=False)


def _our_fault(error: Exception) -> int:
    with tempfile.NamedTemporaryFile("w", prefix="pdfkit-", suffix=".log", delete=False) as log:
        traceback.print_exception(error, file=log)
    err.print(
        f"pdfkit: this is a fault of pdfkit, not yours ({type(error).__name__}); please report it with {log.name}",
        markup=False,
    )
    return Exit.OUR_FAULT


def _version(value: bool) -> None:
    if value:
        out.print(f"pdfkit {__version__}")
        raise typer.Exit


@app.callback()
def _pdfkit(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def build(
    leaflets: Annotated[
        list[str] | None, typer.Argument(help="Leaflets by the name of their folder; all without.", metavar="LEAFLET")
    ] = None,
    clinic: Annotated[list[str] | None, typer.Option(help="Only this clinic. May be repeated.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="Only this language. May be repeated.")] = None,
    format: Annotated[list[str] | None, typer.Option(help="Only this format. May be repeated.")] = None,
    variant: Annotated[list[Variant] | None, typer.Option(help="Only this variant. May be repeated.")] = None,
    library: LibraryOption = Path("leaflets"),
    out_folder: OutOption = Path("dist"),
    jobs: Annotated[int, typer.Option(min=0, help="Worker processes; one a core without.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Render what has not changed, too.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and touch nothing.")] = False,
    as_json: JsonOption = False,
    watch: Annotated[bool, typer.Option("--watch", help="Build again each time a file is saved.")] = False,
    as_of: AsOfOption = None,
    allow: AllowOption = None,
    seconds: Annotated[
        float, typer.Option("--time-limit", min=0.1, help="Seconds that one render may take.")
    ] = building.TIME_LIMIT,
    cluster: Annotated[
        str, typer.Option(help="Render on a Dask cluster: the address of its scheduler.", metavar="ADDRESS")
    ] = "",
) -> None:
    """Render what changed, for every clinic, language and format.

    Example: pdfkit build facet-denervation --clinic rygcenter-syddanmark --language da --format a4
    """
    names = tuple(
        map(tuple, (leaflets or (), clinic or (), language or (), format or (), [str(v) for v in variant or ()]))
    )
    if cluster and jobs:
        raise UsageError("--jobs counts worker processes of this machine; leave it out with --cluster")
    request = Request(
        library, out_folder, Selection(*names), _day(as_of), jobs, force, seconds, tuple(allow or ()), cluster=cluster
    )
    if dry_run:
        _dry_run(request, as_json)
    elif watch:
        _watch(request)
    else:
        summary = _build(request, quiet=as_json)
        _report(summary, as_json)
        raise typer.Exit(Exit.OK if summary.clean else Exit.FINDINGS)


def _day(as_of: datetime | None) -> date:
    return as_of.date() if as_of else date.today()


def _build(request: Request, *, quiet: bool = False) -> Summary:
    with _watcher(quiet) as watcher:
        return building.build(request, watcher)


@contextmanager
def _watcher(quiet: bool) -> Iterator[Watcher]:
    """A progress bar on a terminal, a line a file elsewhere; both on stderr."""
    if quiet:
        yield Watcher()
    elif not err.is_terminal:
        yield Watcher(
            done=lambda path, error: err.print(
                f"{'failed' if error else 'rendered'} {path}{': ' if error else ''}{error}", markup=False
            )
        )
    else:
        with _progress() as bar:
            task = bar.add_task("loading", total=None)

            def done(path: str, error: str) -> None:
                if error:
                    bar.console.print(f"failed {path}: {error}", markup=False, style="red")
                bar.update(task, advance=1, description=path.split("/")[-1])

            yield Watcher(lambda plan: bar.update(task, total=len(plan.run), description="rendering"), done)


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=err, transient=True)


def _report(summary: Summary, as_json: bool) -> None:
    if as_json:
        _print_json(
            {
                "rendered": sorted(summary.rendered),
                "kept": summary.kept,
                "removed": summary.removed,
                "failed": summary.failed,
                "whole": summary.whole,
                "findings": [_finding_json(finding) for finding in summary.findings],
                "seconds": round(summary.seconds, 2),
            }
        )
        return
    _print_findings(summary.findings)
    said = {str(finding) for finding in summary.findings}
    for path, error in sorted(summary.failed.items()):
        err.print(f"failed {path}" + ("" if error in said else f": {error}"), markup=False)
    out.print(
        f"{len(summary.rendered)} rendered, {summary.kept} kept, {len(summary.removed)} removed, "
        f"{len(summary.failed)} failed in {summary.seconds:.1f} seconds"
    )
    for reason, count in Counter(summary.whole.values()).most_common():
        out.print(f"{count} of them rendered whole, which takes longer: {reason}", markup=False)


def _dry_run(request: Request, as_json: bool) -> None:
    made, summary = building.dry_run(request)
    if as_json:
        _print_json(
            {
                "run": {run.printing.path: list(run.reasons) for run in made.run},
                "keep": sorted(made.kept),
                "remove": list(made.remove),
                "blocked": {path: [str(f) for f in findings] for path, findings in made.blocked.items()},
            }
        )
    else:
        _print_findings(summary.findings)
        for run in made.run:
            out.print(f"render {run.printing.path}: {_short(run.reasons)}", markup=False)
        for path in made.remove:
            out.print(f"remove {path}: no clinic hands it out any more", markup=False)
        for path in made.blocked:
            out.print(f"blocked {path}: see the errors above", markup=False)
        out.print(
            f"{len(made.run)} to render, {len(made.kept)} to keep, {len(made.remove)} to remove, {len(made.blocked)} blocked"
        )
    raise typer.Exit(Exit.OK if summary.clean else Exit.FINDINGS)


def _short(reasons: Iterable[str]) -> str:
    first, *rest = reasons
    return first + (f" and {len(rest)} more" if rest else "")


def _watch(request: Request) -> None:
    from watchfiles import watch as changes

    if not request.library.is_dir():
        raise UsageError(f"{request.library}: no such folder", hint="name the library with --library")
    first = True
    # It begins to watch before the first build, and says so after a moment without changes.
    for changed in changes(request.library, request.layouts, yield_on_timeout=True, rust_timeout=200):
        if changed or first:
            try:
                _report(_build(request), as_json=False)
            except PdfkitError as error:
                _print_error(error)
            err.print(f"watching {request.library}; stop with Ctrl-C", markup=False)
        first = False


@app.command()
def check(
    library: LibraryOption = Path("leaflets"),
    out_folder: OutOption = Path("dist"),
    as_json: JsonOption = False,
    as_sarif: Annotated[bool, typer.Option("--sarif", help="Print SARIF, for code hosts and editors.")] = False,
    as_of: AsOfOption = None,
) -> None:
    """Read the whole library, and the last build of it, and name every problem.

    Example: pdfkit check
    """
    report = building.check(Request(library, out_folder, as_of=_day(as_of)))
    if as_json:
        _print_json([_finding_json(finding) for finding in report.findings])
    elif as_sarif:
        _print_json(sarif.sarif(report.findings))
    else:
        _print_findings(report.findings)
        out.print(
            f"{report.leaflets} leaflets, {report.editions} editions, {report.clinics} clinics: "
            f"{report.errors} errors, {len(report.findings) - report.errors} warnings"
        )
    raise typer.Exit(Exit.FINDINGS if report.errors else Exit.OK)


@app.command()
def attach(
    letter: Annotated[Path, typer.Argument(help="The letter, a PDF.", metavar="LETTER.pdf")],
    leaflet: Annotated[list[str], typer.Option(help="A leaflet by its name or document id. May be repeated.")],
    clinic: Annotated[str, typer.Option(help="The clinic that writes the letter.")] = "",
    language: Annotated[str, typer.Option(help="The language of the leaflets; the clinic's own without.")] = "",
    format: Annotated[str, typer.Option(help="The format of the leaflets; what suits the channel without.")] = "",
    channel: Annotated[Channel, typer.Option(help="How it reaches the patient.")] = Channel.PAPER,
    to: Annotated[
        Path | None, typer.Option("-o", "--to", help="The pack; beside the letter without.", metavar="OUT.pdf")
    ] = None,
    separate: Annotated[
        bool, typer.Option("--separate", help="Leave the letter as it is; make one file of the leaflets.")
    ] = False,
    embed: Annotated[bool, typer.Option("--embed", help="Attach the leaflets to the letter, as files in it.")] = False,
    split: Annotated[
        bool, typer.Option("--split", help="Make as many files as the limit of the channel asks for.")
    ] = False,
    unlock: Annotated[bool, typer.Option("--unlock", help="Take a letter that is protected against changes.")] = False,
    library: LibraryOption = Path("leaflets"),
    out_folder: OutOption = Path("dist"),
    as_json: JsonOption = False,
) -> None:
    """Put leaflets behind an appointment letter, as one PDF.

    Example: pdfkit attach letter.pdf --leaflet facet-denervation --clinic rygcenter-syddanmark
    """
    wanted = Wanted(tuple(leaflet), clinic, language, format, channel)
    target = to or letter.with_name(f"{letter.stem}.pack.pdf")
    way = _way(separate, embed, split)
    packed = attaching.attach(Request(library, out_folder), letter, wanted, target, way=way, unlock=unlock)
    files = [str(target.with_name(name)) for name in packed.files]
    if as_json:
        _print_json({"file": files[0]} | asdict(packed) | {"files": files})
        return
    if packed.left_out:
        err.print(f"left out of the letter: {', '.join(packed.left_out)}", markup=False, style="yellow")
    if not packed.accessible:
        err.print("the letter has no tags, so the pack as a whole is not accessible", markup=False, style="yellow")
    sheets = f", {packed.sheets} sheets" if channel is Channel.PAPER else ""
    out.print(f"{', '.join(files)}: {packed.pages} pages{sheets}, {packed.bytes / 1e6:.2f} MB", markup=False)


def _way(separate: bool, embed: bool, split: bool) -> Way:
    asked = [way for way, wish in ((Way.SEPARATE, separate), (Way.EMBED, embed), (Way.SPLIT, split)) if wish]
    if len(asked) > 1:
        raise UsageError(f"--{' and --'.join(asked)} exclude each other", hint="name one of them")
    return asked[0] if asked else Way.JOIN


@app.command("packs")
def packs_(
    jobs: Annotated[
        Path, typer.Argument(help="A row a letter, as CSV or JSON lines; with --watch the inbox.", metavar="JOBS.csv")
    ],
    outbox: Annotated[
        Path | None, typer.Argument(help="With --watch, the folder that the packs go to.", metavar="OUTBOX")
    ] = None,
    to: Annotated[Path, typer.Option("--to", help="The folder for the packs and the report.", metavar="DIR")] = Path(
        "packs"
    ),
    watch: Annotated[bool, typer.Option("--watch", help="Pack what is put into a folder, until Ctrl-C.")] = False,
    library: LibraryOption = Path("leaflets"),
    out_folder: OutOption = Path("dist"),
    workers: Annotated[int, typer.Option("--jobs", min=0, help="Worker processes; one a core without.")] = 0,
) -> None:
    """Put leaflets behind every letter of a list; started again, it goes on where it was.

    Example: pdfkit packs today.csv --to packs
    """
    if watch != (outbox is not None):
        raise UsageError("--watch takes two folders: pdfkit packs --watch INBOX OUTBOX", hint="see docs/packs.md")
    request = Request(library, out_folder, jobs=workers)
    if outbox is not None:
        err.print(f"watching {jobs}; stop with Ctrl-C", markup=False)
        hotfolder.watch(request, jobs, outbox, lambda line: err.print(line, markup=False))
        return
    with _progress() as bar:
        task = bar.add_task("packing", total=None)

        def done(result: dispatching.Result, count: int) -> None:
            bar.update(task, advance=1, total=count)
            if result.state == "failed":
                bar.console.print(f"{jobs}:{result.line}: {result.reason}", markup=False, style="red")

        dispatched = dispatching.dispatch(request, jobs, to, done)
    counts = Counter(result.state for result in dispatched.results)
    out.print(
        f"{counts['done']} made, {counts['kept']} there before, {counts['failed']} failed; see {to / 'report.csv'}",
        markup=False,
    )
    raise typer.Exit(Exit.OK if dispatched.clean else Exit.FINDINGS)


@app.command()
def desk(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes a free one.")] = 8000,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
    library: LibraryOption = Path("leaflets"),
    out_folder: OutOption = Path("dist"),
) -> None:
    """Open the page where secretaries find, print and pack leaflets.

    Example: pdfkit desk
    """
    if missing := [name for name in ("starlette", "uvicorn", "multipart", "rapidfuzz") if find_spec(name) is None]:
        raise UsageError(
            f"the desk needs what is not installed here: {', '.join(missing)}",
            hint='install it: pip install "pdfkit-cli[desk]"',
        )
    from pdfkit_cli.desk import serve, settings

    serve.serve(
        settings.settings(library, out_folder, host, port, os.environ),
        started=lambda address: err.print(f"the desk is open at {address}; close it with Ctrl-C", markup=False),
        browser=not no_browser,
    )


@app.command()
def issued(
    leaflet: Annotated[str, typer.Argument(help="A leaflet by its document id.", metavar="ID")],
    out_folder: OutOption = Path("dist"),
    as_json: JsonOption = False,
) -> None:
    """Say which versions of a leaflet went out behind letters, and when.

    Example: pdfkit issued BP-01
    """
    found = dispatching.issued(out_folder, leaflet)
    if as_json:
        _print_json([asdict(version) for version in found])
        return
    for version in found:
        out.print(
            f"version {version.version} {version.digest[:8]} {version.clinic} {version.language}: {version.count} times, "
            f"{version.first} to {version.last}",
            markup=False,
        )
    if not found:
        out.print(f"{leaflet} has not gone out behind a letter", markup=False)


@app.command("list")
def list_(library: LibraryOption = Path("leaflets"), as_json: JsonOption = False) -> None:
    """List the leaflets, their languages and formats, and who hands them out.

    Example: pdfkit list --json
    """
    loaded = catalogue.load(library)
    if as_json:
        _print_json([_leaflet_json(name, entry, loaded) for name, entry in sorted(loaded.leaflets.items())])
    else:
        for name, entry in sorted(loaded.leaflets.items()):
            _print_leaflet(name, entry, loaded)
    _print_findings(loaded.findings)


def _leaflet_json(name: str, entry: LeafletEntry, loaded: Catalogue) -> dict[str, Any]:
    model = entry.model
    return {
        "leaflet": name,
        "id": model.id,
        "version": model.version,
        "status": str(model.status),
        "titles": {language: text.matter.title for language, text in sorted(entry.translations.items())},
        "languages": sorted(entry.translations),
        "formats": list(model.formats),
        "variants": [str(variant) for variant in model.variants],
        "clinics": sorted(clinic for clinic, value in loaded.clinics.items() if name in value.model.hands_out),
    }


def _print_leaflet(name: str, entry: LeafletEntry, loaded: Catalogue) -> None:
    row = _leaflet_json(name, entry, loaded)
    out.print(f"{name}  {row['id']} version {row['version']}, {row['status']}", markup=False)
    for language, title in row["titles"].items():
        out.print(f"  {language}  {title}", markup=False)
    for key in ("formats", "variants", "clinics"):
        out.print(f"  {key}: {', '.join(row[key]) or 'none'}", markup=False)


@app.command()
def why(
    file: Annotated[Path, typer.Argument(help="A PDF of the output folder.", metavar="FILE")],
    library: LibraryOption = Path("leaflets"),
    out_folder: OutOption = Path("dist"),
    as_json: JsonOption = False,
) -> None:
    """Say what a PDF was made from, and what changed since.

    Example: pdfkit why dist/rygcenter-syddanmark/facet-denervation.da.a4.pdf
    """
    manifest = publish.look(out_folder)
    path = (
        file.resolve().relative_to(out_folder.resolve()).as_posix()
        if file.resolve().is_relative_to(out_folder.resolve())
        else file.as_posix()
    )
    entry = manifest.files.get(path)
    if entry is None:
        near = catalogue.near(path, manifest.files) if manifest.files else "; build first"
        raise UsageError(f"{out_folder / 'manifest.json'} does not list {path}{near}")
    request = Request(
        library,
        out_folder,
        Selection((entry.leaflet,), (entry.clinic,), (entry.language,), (entry.format,), (entry.variant,)),
    )
    made = building.make_plan(building.open_workshop(request), request, manifest)
    made_from = {name: digest for group in entry.inputs for name, digest in manifest.inputs.get(group, {}).items()}
    now = _state(path, made)
    if as_json:
        _print_json({"path": path, "entry": asdict(entry), "made_from": made_from, "now": now})
        return
    out.print(
        f"{path}\n{entry.title}: {entry.id} version {entry.version}, {entry.language}, {entry.variant}, {entry.format}, for {entry.clinic}",
        markup=False,
    )
    out.print("made from", markup=False)
    for name, digest in sorted(made_from.items()):
        out.print(f"  {digest[:12]}  {name}", markup=False)
    shared = "the clinic's matter was imprinted on a body that clinics share"
    out.print("how: " + (f"rendered whole: {entry.whole}" if entry.whole else shared), markup=False)
    out.print("since then: " + "; ".join(now), markup=False)


def _state(path: str, made: planning.Plan) -> list[str]:
    """Say how a file stands now."""
    if path in made.kept:
        return ["nothing changed that it prints; it is up to date"]
    if path in made.blocked:
        return [str(finding) for finding in made.blocked[path]]
    for run in made.run:
        if run.printing.path == path:
            return list(run.reasons)
    return ["no clinic hands it out any more; the next build removes it"]


@app.command()
def verify(
    files: Annotated[list[Path], typer.Argument(help="PDFs, whatever they are called.", metavar="FILE")],
    library: LibraryOption = Path("leaflets"),
    out_folder: OutOption = Path("dist"),
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove that PDFs are whole and conformant, and say which leaflet each is and whether it is current.

    Example: pdfkit verify dist/rygcenter-syddanmark/facet-denervation.da.a4.pdf
    """
    verdicts = list(verifying.verify(verifying.Request(tuple(files), library, out_folder, _day(as_of))))
    if as_json:
        _print_json([_verdict_json(verdict) for verdict in verdicts])
    else:
        for verdict in verdicts:
            out.print("\n  ".join(_verdict_lines(verdict)), markup=False)
    raise typer.Exit(Exit.OK if all(verdict.good for verdict in verdicts) else Exit.FINDINGS)


MOST_FAULTS = 6
"""Faults of a file that a person is told."""


def _verdict_lines(verdict: Verdict) -> Iterator[str]:
    yield f"{verdict.file}: {'good' if verdict.good else 'not good'}, {verdict.standing}"
    if identity := verdict.identity:
        yield _named(identity)
        yield f"on paper, compare at the foot of each page: {verdict.short_hash}"
    if verdict.reason:
        yield verdict.reason
    for one in verdict.inside:
        yield f"from page {one.page}: {_named(one.identity)}: {one.standing}{'; ' if one.reason else ''}{one.reason}"
    if verdict.overdue:
        yield f"its review was due on {verdict.overdue}; hand it out when it has been reviewed"
    if verdict.built is Built.SAME:
        yield "byte for byte what was built"
    elif verdict.built is Built.ALTERED:
        yield "altered: not the bytes that stand in the output folder for this text; print it anew from there"
    elif verdict.built is Built.PERSONAL:
        yield "filled in for one patient"
    yield from map(str, verdict.faults[:MOST_FAULTS])
    if len(verdict.faults) > MOST_FAULTS:
        yield f"and {len(verdict.faults) - MOST_FAULTS} more faults; --json names them all"


def _named(identity: Identity) -> str:
    return (
        f"{identity.leaflet}: {identity.id} version {identity.version}, {identity.language}, {identity.variant}, "
        f"{identity.format}, for {identity.clinic}"
    )


def _verdict_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "file": verdict.file,
        "good": verdict.good,
        "readable": verdict.readable,
        "conformant": not verdict.faults,
        "faults": [asdict(fault) for fault in verdict.faults],
        "identity": asdict(verdict.identity) if verdict.identity else None,
        "on_paper": verdict.short_hash or None,
        "standing": str(verdict.standing),
        "reason": verdict.reason,
        "overdue": str(verdict.overdue) if verdict.overdue else None,
        "built": str(verdict.built),
        "inside": [
            asdict(one) | {"standing": str(one.standing), "overdue": str(one.overdue) if one.overdue else None}
            for one in verdict.inside
        ],
    }


@app.command()
def translated(
    leaflet: Annotated[str, typer.Argument(help="A leaflet by the name of its folder.", metavar="LEAFLET")],
    language: Annotated[str, typer.Argument(help="The language of the translation.", metavar="LANG")],
    library: LibraryOption = Path("leaflets"),
) -> None:
    """Record that a translation says what its source says now.

    Example: pdfkit translated facet-denervation en
    """
    recorded = translations.record(catalogue.load(library), leaflet, language)
    for passage in recorded.new:
        out.print(f"  {recorded.original}:{passage.line}: {passage.words}", markup=False)
    out.print(
        f"recorded {recorded.passages} passages, {len(recorded.new)} of them new, in {recorded.path}", markup=False
    )


@new_app.command("leaflet")
def new_leaflet(
    name: str,
    owner: Annotated[
        str | None, typer.Option(help="The clinic that owns it and hands it out.", metavar="CLINIC")
    ] = None,
    language: Annotated[str | None, typer.Option(help="The language that it is written in.")] = None,
    library: LibraryOption = Path("leaflets"),
) -> None:
    """Make a leaflet that builds as it is.

    Example: pdfkit new leaflet my-leaflet --owner rygcenter-syddanmark --language da
    """
    _made(scaffold.leaflet(catalogue.load(library), name, owner, language, date.today()))
    out.print(f"build it with: pdfkit build {name}")


@new_app.command("clinic")
def new_clinic(
    name: str,
    brand: Annotated[str | None, typer.Option(help="Its brand, a folder of brands/.")] = None,
    library: LibraryOption = Path("leaflets"),
) -> None:
    """Make a clinic, ready for its facts.

    Example: pdfkit new clinic my-clinic --brand rygcenter
    """
    _made(scaffold.clinic(catalogue.load(library), name, brand))


@new_app.command("library")
def new_library(folder: Annotated[Path, typer.Argument(metavar="FOLDER")] = Path("leaflets")) -> None:
    """Make a library with one leaflet, one clinic and one brand, which builds as it is.

    Example: pdfkit new library
    """
    _made(scaffold.library(folder, date.today()))
    out.print(
        "build it with: pdfkit build" + ("" if folder == Path("leaflets") else f" --library {folder}"), markup=False
    )


def _made(paths: Iterable[Path]) -> None:
    for path in paths:
        out.print(f"wrote {path}", markup=False)


@app.command()
def schema(
    kind: Annotated[str | None, typer.Argument(help="One of: " + ", ".join(scaffold.SCHEMAS), metavar="KIND")] = None,
    library: LibraryOption = Path("leaflets"),
) -> None:
    """Print the JSON Schema of a kind of file, or write them all into the library for editors.

    Example: pdfkit schema clinic
    """
    if kind:
        out.print(scaffold.schema(kind), end="", markup=False)
    else:
        _made(scaffold.write_schemas(library))


@app.command()
def doctor(as_json: JsonOption = False) -> None:
    """Say what this machine has of what pdfkit needs, and what to install.

    Example: pdfkit doctor
    """
    readings = list(doctors.examine())
    if as_json:
        _print_json([asdict(reading) for reading in readings])
    else:
        for reading in readings:
            line = f"{'ok     ' if reading.good else 'MISSING'} {reading.name}: {reading.value}"
            out.print(line if reading.good else f"{line}\n        to do: {reading.remedy}", markup=False)
    raise typer.Exit(Exit.OK if all(reading.good for reading in readings) else Exit.FINDINGS)


def _print_findings(findings: Iterable[Finding]) -> None:
    for finding in findings:
        err.print(str(finding), markup=False, style="red" if finding.severity is Severity.ERROR else "yellow")


def _finding_json(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "message": finding.message,
        "file": place.file,
        "line": place.line,
        "column": place.column,
    }


def _print_json(value: object) -> None:
    """Print for machines as it is; `out` would look into each line for a terminal's sake."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
