"""Printing on the printers of printers.yaml: `pdfkit print`, and `pdfkit printers`, which lists them."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pdfkit_cli.cli.console import err, out, print_json
from pdfkit_cli.cli.options import AsOfOption, JsonOption, LibraryOption, OutOption, as_of_day
from pdfkit_cli.errors import ExitCode

if TYPE_CHECKING:
    from pdfkit_cli.printing.dispatch import JobReport
    from pdfkit_cli.printing.progress import JobProgress
    from pdfkit_cli.printing.survey import PrinterReport


def print_(
    leaflet: Annotated[list[str], typer.Argument(help="Leaflets by name or document id.", metavar="LEAFLET…")],
    clinic: Annotated[str, typer.Option(help="The clinic that hands them out.")] = "",
    language: Annotated[str, typer.Option(help="Their language (default: the clinic's language).")] = "",
    format: Annotated[str, typer.Option(help="Their format (default: the first one for office printers).")] = "",
    copies: Annotated[int, typer.Option(help="Copies of each.")] = 1,
    printer: Annotated[str, typer.Option(help="The printer (default: the only one of the clinic).")] = "",
    sets: Annotated[
        bool, typer.Option("--sorted/--unsorted", help="Sets with one of each leaflet, or all copies of each together.")
    ] = False,
    from_sheet: Annotated[
        int, typer.Option("--from-sheet", help="Begin with this sheet, after a paper jam.", metavar="N")
    ] = 1,
    again: Annotated[bool, typer.Option("--again", help="Print once more what may have been printed already.")] = False,
    order: Annotated[
        str, typer.Option("--order", help="A name for this order: under the same name it is printed once.")
    ] = "",
    library: LibraryOption = Path("leaflets"),
    out_folder: OutOption = Path("dist"),
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print leaflets on a printer, and wait until they are printed; what was sent before is never sent again.

    Example: pdfkit print BP-01 --clinic rygcenter-syddanmark --copies 20
    """
    from pdfkit_cli import BuildRequest
    from pdfkit_cli.printing import dispatch
    from pdfkit_cli.printing.selection import PrintRequest

    wanted = PrintRequest(tuple(leaflet), clinic, language, format, copies, printer, from_sheet, sets)
    request = BuildRequest(library, out_folder, as_of=as_of_day(as_of))
    report = dispatch.print_leaflets(request, wanted, _tell, order=order, again=again)
    if as_json:
        print_json(asdict(report))
    else:
        for job in report.jobs:
            _print_job(job, report.printer)
    raise typer.Exit(ExitCode.OK if report.clean else ExitCode.FINDINGS)


def _tell(title: str, progress: "JobProgress") -> None:
    err.print(f"{title}: {progress.words()}", style="yellow" if progress.troubles else "")


def _print_job(job: "JobReport", printer: str) -> None:
    from pdfkit_cli.printing.problems import phrase

    for note in job.notes:
        err.print(f"{job.title}: {phrase(note)}", style="yellow")
    if job.problem:
        err.print(f"{printer}: {job.problem.message}", style="red")
        err.print(f"hint: {job.problem.hint}")
        return
    copies = f", {job.copies} copies" if job.copies > 1 else ""
    out.print(f"{job.title}: {job.sheets} sheets{copies}, printed on {printer}")


def printers(
    clinic: Annotated[str, typer.Option(help="Only the printers of this clinic.")] = "",
    library: LibraryOption = Path("leaflets"),
    as_json: JsonOption = False,
) -> None:
    """List the printers, what they can, and what is wrong with them.

    Example: pdfkit printers
    """
    from pdfkit_cli.printing import survey

    reports = survey.survey_printers(library, clinic)
    if as_json:
        print_json([asdict(report) for report in reports])
    else:
        for report in reports:
            _print_printer(report)
        if not reports:
            out.print("there are no printers; write them into printers.yaml: see docs/printing.md")
    raise typer.Exit(ExitCode.FINDINGS if any(report.problems for report in reports) else ExitCode.OK)


def _print_printer(report: "PrinterReport") -> None:
    place = f", {report.place}" if report.place else ""
    out.print(f"{report.short_name}: {report.name}{place} ({report.uri})")
    for line in report.abilities:
        out.print(f"  {line}")
    for problem in report.problems:
        out.print(f"  {problem}", style="red")
