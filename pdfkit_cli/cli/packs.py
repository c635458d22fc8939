"""Leaflets after letters: `pdfkit attach`, `pdfkit packs`, and `pdfkit issued`, which lists what went out, and `pdfkit recall`."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pdfkit_cli import PackMode, UsageError
from pdfkit_cli.cli.console import err, out, print_json, progress_bar
from pdfkit_cli.cli.options import JsonOption, LibraryOption, OutOption
from pdfkit_cli.content.enumerations import DEFAULT_CHANNEL
from pdfkit_cli.errors import ExitCode

if TYPE_CHECKING:
    from pdfkit_cli.packs.batch import RowResult
    from pdfkit_cli.packs.issue_log import IssuedMonth


def attach(
    letter: Annotated[Path, typer.Argument(help="The letter, a PDF.", metavar="LETTER.pdf")],
    leaflet: Annotated[list[str], typer.Option(help="A leaflet by its name or document id. May be repeated.")],
    clinic: Annotated[str, typer.Option(help="The clinic that writes the letter.")] = "",
    language: Annotated[str, typer.Option(help="Language of the leaflets (default: the clinic's language).")] = "",
    format: Annotated[str, typer.Option(help="Format of the leaflets (default: the one that suits the channel).")] = "",
    channel: Annotated[
        str, typer.Option(help="How it reaches the patient: paper, digital, or another channel of library.yaml.")
    ] = DEFAULT_CHANNEL,
    to: Annotated[
        Path | None, typer.Option("-o", "--to", help="Output file (default: next to the letter).", metavar="OUT.pdf")
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
    """Put leaflets after an appointment letter, as one PDF.

    Example: pdfkit attach letter.pdf --leaflet facet-denervation --clinic rygcenter-syddanmark
    """
    from pdfkit_cli import BuildRequest, EnclosureRequest, attach_leaflets

    wanted = EnclosureRequest(tuple(leaflet), clinic, language, format, channel)
    target = to or letter.with_name(f"{letter.stem}.pack.pdf")
    way = _pack_mode(separate, embed, split)
    packed = attach_leaflets(BuildRequest(library, out_folder), letter, wanted, target, way=way, unlock=unlock)
    files = [str(target.with_name(name)) for name in packed.files]
    if as_json:
        print_json({"file": files[0]} | asdict(packed) | {"files": files})
        return
    if packed.left_out:
        err.print(f"left out of the letter: {', '.join(packed.left_out)}", style="yellow")
    if not packed.accessible:
        lacks = "does not claim to be accessible (PDF/UA)" if packed.tagged else "has no tags"
        err.print(f"the letter {lacks}, so the pack is not accessible as a whole", style="yellow")
    sheets = f", {packed.sheets} sheets" if packed.printed else ""
    out.print(f"{', '.join(files)}: {packed.pages} pages{sheets}, {packed.bytes / 1e6:.2f} MB")


def _pack_mode(separate: bool, embed: bool, split: bool) -> PackMode:
    asked = [
        way for way, wish in ((PackMode.SEPARATE, separate), (PackMode.EMBED, embed), (PackMode.SPLIT, split)) if wish
    ]
    if len(asked) > 1:
        raise UsageError(f"--{' and --'.join(asked)} exclude each other", hint="name one of them")
    return asked[0] if asked else PackMode.JOIN


def packs(
    jobs: Annotated[
        Path,
        typer.Argument(
            help="List of letters, one per row (CSV or JSON lines); with --watch, the inbox.", metavar="JOBS.csv"
        ),
    ],
    outbox: Annotated[
        Path | None, typer.Argument(help="With --watch, the folder for the packs.", metavar="OUTBOX")
    ] = None,
    to: Annotated[Path, typer.Option("--to", help="The folder for the packs and the report.", metavar="DIR")] = Path(
        "packs"
    ),
    watch: Annotated[
        bool, typer.Option("--watch", help="Pack each letter that is put into a folder, until Ctrl-C.")
    ] = False,
    library: LibraryOption = Path("leaflets"),
    out_folder: OutOption = Path("dist"),
    workers: Annotated[
        int, typer.Option("--jobs", min=0, help="Number of worker processes (default: one per core).")
    ] = 0,
) -> None:
    """Put leaflets after every letter of a list; a second run resumes where the first one stopped.

    Example: pdfkit packs today.csv --to packs
    """
    if watch != (outbox is not None):
        raise UsageError("--watch takes two folders: pdfkit packs --watch INBOX OUTBOX", hint="see docs/packs.md")
    from pdfkit_cli import BuildRequest
    from pdfkit_cli.packs import batch, hot_folder
    from pdfkit_cli.packs.problems import in_one_line

    request = BuildRequest(library, out_folder, jobs=workers)
    if outbox is not None:
        err.print(f"watching {jobs}; stop with Ctrl-C")
        hot_folder.watch_inbox(request, jobs, outbox, lambda line: err.print(line))
        return
    with progress_bar() as bar:
        task = bar.add_task("packing", total=None)

        def done(result: "RowResult", count: int) -> None:
            bar.update(task, advance=1, total=count)
            if result.state == "failed":
                reason = in_one_line(result.problems, "en")
                err.print(f"{jobs}:{result.line}: {reason}", style="red")

        dispatched = batch.run_batch(request, jobs, to, done)
    counts = Counter(result.state for result in dispatched.results)
    out.print(
        f"{counts['done']} made, {counts['kept']} kept from an earlier run, {counts['failed']} failed; see {to / 'report.csv'}",
    )
    if any(problem.is_bug for result in dispatched.results for problem in result.problems):
        raise typer.Exit(ExitCode.OUR_FAULT)
    raise typer.Exit(ExitCode.OK if dispatched.clean else ExitCode.FINDINGS)


def issued(
    leaflet: Annotated[
        str, typer.Argument(help="A leaflet by its name or document id (default: all).", metavar="LEAFLET")
    ] = "",
    library: LibraryOption = Path("leaflets"),
    out_folder: OutOption = Path("dist"),
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV for spreadsheets: a row for each month.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List what went out: by month, clinic and language, and for one leaflet by version.

    Example: pdfkit issued BP-01
    """
    from pdfkit_cli.packs import issue_log

    id = _issued_id(leaflet, library, out_folder) if leaflet else ""
    found = [issue for issue in issue_log.read_issues(out_folder) if id in ("", issue.leaflet)]
    versions, months = issue_log.issued_versions(found), issue_log.issued_months(found)
    if as_json:
        print_json([asdict(version) for version in versions])
    elif as_csv:
        out.print(issue_log.months_csv(months), end="")
    elif not found:
        out.print(f"{id} has not gone out" if id else "nothing has gone out")
    else:
        for version in versions if id else ():
            out.print(
                f"version {version.version} {version.digest[:8]} {version.clinic} {version.language}: {version.count} times, "
                f"{version.first} to {version.last}",
            )
        _print_months(months)


def _issued_id(leaflet: str, library: Path, out_folder: Path) -> str:
    """Return the document id of a leaflet, which the log may know without the library. Raises UsageError."""
    from pdfkit_cli.content import loader
    from pdfkit_cli.packs import issue_log
    from pdfkit_cli.packs.selection import find_leaflet

    known = issue_log.issued_ids(out_folder)
    if leaflet in known:
        return leaflet
    loaded = loader.load_library(library)
    return loaded.leaflets[find_leaflet(loaded, leaflet, known)].model.id


_WAYS = ("in packs", "on printers", "to print windows", "saved")


def _print_months(months: "list[IssuedMonth]") -> None:
    rows = [["month", "clinic", "language", *_WAYS]]
    rows += [
        [one.month, one.clinic, one.language, *map(str, (one.pack, one.printer, one.window, one.saved))]
        for one in months
    ]
    _print_table(rows)


def _print_table(rows: list[list[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        out.print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def recall(
    leaflet: Annotated[str, typer.Argument(help="A leaflet by its name or document id.", metavar="LEAFLET")],
    below: Annotated[str, typer.Option(help="The first version that is not recalled.", metavar="VERSION")],
    because: Annotated[str, typer.Option(help="Why, in one line, as the staff will read it.", metavar="TEXT")],
    library: LibraryOption = Path("leaflets"),
    out_folder: OutOption = Path("dist"),
    as_json: JsonOption = False,
) -> None:
    """Recall old versions of a leaflet, and list the clinics that handed them out.

    Example: pdfkit recall BP-01 --below 0.1 --because "The phone number was wrong"
    """
    from datetime import date

    from pdfkit_cli.content import loader, recalls
    from pdfkit_cli.packs import issue_log

    loaded, id = loader.load_library(library), _issued_id(leaflet, library, out_folder)
    recorded = recalls.record_recall(loaded, id, below, because, date.today())
    issues = [
        issue
        for issue in issue_log.read_issues(out_folder)
        if issue.leaflet == id and recorded.recall.covers(issue.version)
    ]
    entry = next((entry for entry in loaded.leaflets.values() if entry.model.id == id), None)
    handing_out = [name for name, clinic in loaded.clinics.items() if entry and entry.name in clinic.model.hands_out]
    clinics = issue_log.issued_clinics(issues, handing_out)
    if as_json:
        entered = {"leaflet": id, **recorded.recall.model_dump(mode="json"), "place": str(recorded.place)}
        print_json({"recall": entered, "clinics": [asdict(clinic) for clinic in clinics]})
        return
    out.print(f"{recorded.place}: {id} is recalled below {recorded.recall.below}: {recorded.recall.because}")
    if entry and recorded.recall.covers(entry.model.version):
        out.print(
            f"{entry.place('version')}: {entry.model.version} is recalled, too, and not handed out; correct the text and raise “version”"
        )
    rows = [["clinic", *_WAYS, "last"]]
    rows += [
        [one.clinic, *map(str, (one.pack, one.printer, one.window, one.saved)), one.last[:10] or "never"]
        for one in clinics
    ]
    _print_table(rows)
