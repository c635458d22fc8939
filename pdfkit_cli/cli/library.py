"""Commands on the content of a library: `pdfkit list`, `pdfkit check` and `pdfkit translated`."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdfkit_cli.cli.console import finding_json, out, print_findings, print_json
from pdfkit_cli.cli.options import AsOfOption, JsonOption, LibraryOption, OutOption, as_of_day
from pdfkit_cli.errors import ExitCode

if TYPE_CHECKING:
    from pdfkit_cli.checks.rule import Rule
    from pdfkit_cli.content.library import LeafletEntry, Library
    from pdfkit_cli.content.models import Format


def check(
    library: LibraryOption = Path("leaflets"),
    out_folder: OutOption = Path("dist"),
    as_json: JsonOption = False,
    as_sarif: Annotated[bool, typer.Option("--sarif", help="Print SARIF, for code hosts and editors.")] = False,
    as_of: AsOfOption = None,
    list_rules: Annotated[bool, typer.Option("--list", help="List all checks and how severe they are here.")] = False,
) -> None:
    """Check the library and its last build, and list every problem.

    Example: pdfkit check
    """
    from pdfkit_cli import BuildRequest, check_project, open_project
    from pdfkit_cli.content import loader

    if list_rules:
        _list_rules(loader.load_library(library), out_folder, as_json)
        return
    request = BuildRequest(library, out_folder, as_of=as_of_day(as_of))
    report = check_project(open_project(request), request)
    if as_json:
        print_json([finding_json(finding) for finding in report.findings])
    elif as_sarif:
        from pdfkit_cli.checks import sarif

        print_json(sarif.sarif_log(report.findings))
    else:
        print_findings(report.findings)
        out.print(
            f"{report.leaflets} leaflets, {report.editions} editions, {report.clinics} clinics: "
            f"{report.errors} errors, {len(report.findings) - report.errors} warnings"
        )
    raise typer.Exit(ExitCode.FINDINGS if report.errors else ExitCode.OK)


def _list_rules(loaded: "Library", out_folder: Path, as_json: bool) -> None:
    from pdfkit_cli import checks
    from pdfkit_cli.build import output_folder

    published = output_folder.read_manifest(out_folder).files.values()
    allowed = Counter(code for entry in published for code in entry.allowed)
    rows = [_rule_json(rule, loaded, allowed[rule.code]) for rule in checks.all_rules().values()]
    if as_json:
        print_json(rows)
        return
    for row in sorted(rows, key=lambda row: row["code"]):
        out.print(f"{row['code']}: {'; '.join(_rule_words(row))}")


def _rule_json(rule: "Rule", loaded: "Library", allowed: int) -> dict[str, Any]:
    setting = None if rule.safety else loaded.settings.checks.severity.get(rule.code)
    return {
        "code": rule.code,
        "title": rule.title,
        "severity": setting.severity if setting else str(rule.severity),
        "only": list(setting.only) if setting else [],
        "except": list(setting.exempt) if setting else [],
        "default_severity": str(rule.severity),
        "changed_by_library": setting is not None,
        "can_be_changed": not rule.safety,
        "allowed_in_last_build": allowed,
        "package": rule.package,
    }


def _rule_words(row: Mapping[str, Any]) -> Iterator[str]:
    from pdfkit_cli.checks.rule import OWN_PACKAGE

    yield row["severity"] + "".join(f" {key} for {', '.join(row[key])}" for key in ("only", "except") if row[key])
    if row["changed_by_library"]:
        yield f"set in library.yaml, otherwise {row['default_severity']}"
    if not row["can_be_changed"]:
        yield "safety, cannot be lowered or allowed"
    if row["allowed_in_last_build"]:
        yield f"allowed in {row['allowed_in_last_build']} PDFs of the last build"
    if row["package"] != OWN_PACKAGE:
        yield f"from package {row['package']}"
    yield row["title"]


def list_(library: LibraryOption = Path("leaflets"), as_json: JsonOption = False) -> None:
    """List the leaflets, their languages and formats, and who hands them out.

    Example: pdfkit list --json
    """
    from pdfkit_cli.content import loader, packaged
    from pdfkit_cli.rendering import layout_files

    loaded = loader.load_library(library)
    formats = layout_files.read_formats(layout_files.read_layouts(packaged.packaged_folder("layouts"), library))
    rows = [_leaflet_json(name, entry, loaded, formats) for name, entry in sorted(loaded.leaflets.items())]
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            _print_leaflet(row, formats)
    print_findings(loaded.findings)


def _leaflet_json(
    name: str, entry: "LeafletEntry", loaded: "Library", formats: "Mapping[str, Format]"
) -> dict[str, Any]:
    from pdfkit_cli.content.models import format_order

    model = entry.model
    return {
        "leaflet": name,
        "id": model.id,
        "version": model.version,
        "status": str(entry.status),
        "titles": {language: text.front_matter.title for language, text in sorted(entry.translations.items())},
        "languages": sorted(entry.translations),
        "formats": sorted(model.formats, key=lambda each: format_order(formats, each)),
        "variants": [str(variant) for variant in model.variants],
        "clinics": sorted(clinic for clinic, value in loaded.clinics.items() if name in value.model.hands_out),
    }


def _print_leaflet(row: dict[str, Any], formats: "Mapping[str, Format]") -> None:
    out.print(f"{row['leaflet']}  {row['id']} version {row['version']}, {row['status']}")
    for language, title in row["titles"].items():
        out.print(f"  {language}  {title}")
    named = (f"{name} ({formats[name].title_in('en')})" if name in formats else name for name in row["formats"])
    out.print(f"  formats: {', '.join(named)}")
    for key in ("variants", "clinics"):
        out.print(f"  {key}: {', '.join(row[key]) or 'none'}")


def translated(
    leaflet: Annotated[str, typer.Argument(help="A leaflet by the name of its folder.", metavar="LEAFLET")],
    language: Annotated[str, typer.Argument(help="The language of the translation.", metavar="LANG")],
    library: LibraryOption = Path("leaflets"),
) -> None:
    """Mark a translation as up to date with its source.

    Example: pdfkit translated facet-denervation en
    """
    from pdfkit_cli.content import loader, translations

    recorded = translations.record_source(loader.load_library(library), leaflet, language)
    for segment in recorded.new:
        out.print(f"  {recorded.original}:{segment.line}: {segment.words}")
    out.print(f"recorded {recorded.segments} passages, {len(recorded.new)} of them new, in {recorded.path}")
