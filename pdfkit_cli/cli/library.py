"""What stands in a library: `pdfkit list`, `pdfkit check` and `pdfkit translated`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from pdfkit_cli import build as building
from pdfkit_cli import catalogue, sarif, translations
from pdfkit_cli.build import Request
from pdfkit_cli.catalogue import Catalogue, LeafletEntry
from pdfkit_cli.cli.options import AsOfOption, JsonOption, LibraryOption, OutOption, day_of
from pdfkit_cli.cli.terminal import finding_json, out, print_findings, print_json
from pdfkit_cli.errors import Exit


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
    report = building.check(Request(library, out_folder, as_of=day_of(as_of)))
    if as_json:
        print_json([finding_json(finding) for finding in report.findings])
    elif as_sarif:
        print_json(sarif.sarif(report.findings))
    else:
        print_findings(report.findings)
        out.print(
            f"{report.leaflets} leaflets, {report.editions} editions, {report.clinics} clinics: "
            f"{report.errors} errors, {len(report.findings) - report.errors} warnings"
        )
    raise typer.Exit(Exit.FINDINGS if report.errors else Exit.OK)


def list_(library: LibraryOption = Path("leaflets"), as_json: JsonOption = False) -> None:
    """List the leaflets, their languages and formats, and who hands them out.

    Example: pdfkit list --json
    """
    loaded = catalogue.load(library)
    if as_json:
        print_json([_leaflet_json(name, entry, loaded) for name, entry in sorted(loaded.leaflets.items())])
    else:
        for name, entry in sorted(loaded.leaflets.items()):
            _print_leaflet(name, entry, loaded)
    print_findings(loaded.findings)


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
