"""What stands in a library: `pdfkit list`, `pdfkit check` and `pdfkit translated`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from pdfkit_cli.build import pipeline
from pdfkit_cli.build.pipeline import BuildRequest
from pdfkit_cli.checks import sarif
from pdfkit_cli.cli.console import finding_json, out, print_findings, print_json
from pdfkit_cli.cli.options import AsOfOption, JsonOption, LibraryOption, OutOption, as_of_day
from pdfkit_cli.content import loader, translations
from pdfkit_cli.content.loader import LeafletEntry, Library
from pdfkit_cli.content.models import Format, format_order
from pdfkit_cli.errors import ExitCode


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
    report = pipeline.check_library(BuildRequest(library, out_folder, as_of=as_of_day(as_of)))
    if as_json:
        print_json([finding_json(finding) for finding in report.findings])
    elif as_sarif:
        print_json(sarif.sarif_log(report.findings))
    else:
        print_findings(report.findings)
        out.print(
            f"{report.leaflets} leaflets, {report.editions} editions, {report.clinics} clinics: "
            f"{report.errors} errors, {len(report.findings) - report.errors} warnings"
        )
    raise typer.Exit(ExitCode.FINDINGS if report.errors else ExitCode.OK)


def list_(library: LibraryOption = Path("leaflets"), as_json: JsonOption = False) -> None:
    """List the leaflets, their languages and formats, and who hands them out.

    Example: pdfkit list --json
    """
    loaded, layouts = pipeline.load_project(BuildRequest(library))
    formats = layouts.formats
    rows = [_leaflet_json(name, entry, loaded, formats) for name, entry in sorted(loaded.leaflets.items())]
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            _print_leaflet(row, formats)
    print_findings(loaded.findings)


def _leaflet_json(name: str, entry: LeafletEntry, loaded: Library, formats: Mapping[str, Format]) -> dict[str, Any]:
    model = entry.model
    return {
        "leaflet": name,
        "id": model.id,
        "version": model.version,
        "status": str(model.status),
        "titles": {language: text.front_matter.title for language, text in sorted(entry.translations.items())},
        "languages": sorted(entry.translations),
        "formats": sorted(model.formats, key=lambda each: format_order(formats, each)),
        "variants": [str(variant) for variant in model.variants],
        "clinics": sorted(clinic for clinic, value in loaded.clinics.items() if name in value.model.hands_out),
    }


def _print_leaflet(row: dict[str, Any], formats: Mapping[str, Format]) -> None:
    out.print(f"{row['leaflet']}  {row['id']} version {row['version']}, {row['status']}", markup=False)
    for language, title in row["titles"].items():
        out.print(f"  {language}  {title}", markup=False)
    named = (f"{name} ({formats[name].title_in('en')})" if name in formats else name for name in row["formats"])
    out.print(f"  formats: {', '.join(named)}", markup=False)
    for key in ("variants", "clinics"):
        out.print(f"  {key}: {', '.join(row[key]) or 'none'}", markup=False)


def translated(
    leaflet: Annotated[str, typer.Argument(help="A leaflet by the name of its folder.", metavar="LEAFLET")],
    language: Annotated[str, typer.Argument(help="The language of the translation.", metavar="LANG")],
    library: LibraryOption = Path("leaflets"),
) -> None:
    """Record that a translation says what its source says now.

    Example: pdfkit translated facet-denervation en
    """
    recorded = translations.record_source(loader.load_library(library), leaflet, language)
    for segment in recorded.new:
        out.print(f"  {recorded.original}:{segment.line}: {segment.words}", markup=False)
    out.print(
        f"recorded {recorded.segments} passages, {len(recorded.new)} of them new, in {recorded.path}", markup=False
    )
