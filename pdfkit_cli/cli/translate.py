"""Commands that exchange passages with translators: `pdfkit translate …`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pdfkit_cli.cli.console import err, out, print_findings
from pdfkit_cli.cli.options import LibraryOption
from pdfkit_cli.errors import ExitCode, PdfkitError, SourceError

if TYPE_CHECKING:
    from pdfkit_cli.content.library import Library
    from pdfkit_cli.translation.imports import Imported
    from pdfkit_cli.translation.marked_pages import PlacedText


class FileFormat(StrEnum):
    """A format that translation tools read."""

    XLIFF = "xliff"
    XLIFF2 = "xliff2"
    PO = "po"
    DOCX = "docx"


def export(
    leaflet: Annotated[str, typer.Argument(help="A leaflet by the name of its folder.", metavar="LEAFLET")],
    to: Annotated[
        str, typer.Option("--to", help="The language to translate into; qps for a pseudo-translation.", metavar="LANG")
    ],
    format: Annotated[
        FileFormat, typer.Option("--format", help="What the translator's tool reads.")
    ] = FileFormat.XLIFF,
    everything: Annotated[bool, typer.Option("--all", help="Also passages whose translation is up to date.")] = False,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="The file to write: LEAFLET.LANG.FORMAT by default.", metavar="FILE")
    ] = None,
    memory: Annotated[
        list[Path] | None,
        typer.Option("--memory", help="A TMX file with earlier translations to offer.", metavar="FILE"),
    ] = None,
    library: LibraryOption = Path("leaflets"),
) -> None:
    """Write the passages that are to be translated into a file for translation tools.

    Example: pdfkit translate export facet-denervation --to en --all
    """
    from pdfkit_cli.content import loader
    from pdfkit_cli.translation import exports, marked_pages, pseudo

    if to == pseudo.LANGUAGE:
        folder = out_file or Path(f"{leaflet}.{to}")
        text = pseudo.write_library(loader.load_library(library), leaflet, folder)
        build = f"pdfkit build {leaflet} --language {text.stem} --library {folder} --out {folder}-dist"
        out.print(f"wrote {text}; see where the layout breaks: {build}")
        return
    path = out_file or Path(f"{leaflet}.{to}.{exports.ENDINGS.get(format, format)}")
    loaded = loader.load_library(library)
    remembered = exports.read_memories(memory or (), loaded, leaflet, to)
    travelling = exports.travelling_units(loaded, leaflet, to, everything, remembered)
    if not travelling.units:
        err.print(f"{leaflet} is up to date in “{to}”; write all of it with --all")
        return
    picture = path.with_suffix(".pages.pdf")
    pages = _source_pages(loaded, leaflet, picture.name)
    done = exports.write_units(travelling, format, pages)
    exports.write_exported(path, done.data)
    out.print(f"wrote {done.units} units of {done.passages} passages to {path}")
    if pages:
        exports.write_exported(picture, marked_pages.marked_pdf(travelling.units, pages))
        out.print(f"wrote the pages that they are on to {picture}")


def _source_pages(library: "Library", leaflet: str, name: str) -> "PlacedText | None":
    """Return the pages of a source text; without them, the export is as good, and why there are none is told."""
    from pdfkit_cli.build import source_pages

    try:
        return source_pages.render_source(library, leaflet, name)
    except PdfkitError as error:
        err.print(f"without a picture of the pages: {error}")
        return None


def memory(
    source: Annotated[str, typer.Option("--from", help="The language that was translated from.", metavar="LANG")],
    to: Annotated[str, typer.Option("--to", help="The language that was translated into.", metavar="LANG")],
    out_file: Annotated[
        Path | None, typer.Option("--out", help="The file to write: FROM-TO.tmx by default.", metavar="FILE")
    ] = None,
    library: LibraryOption = Path("leaflets"),
) -> None:
    """Write all translations that are up to date into a TMX file, the translation memory of tools.

    Example: pdfkit translate memory --from da --to en
    """
    from pdfkit_cli.content import loader
    from pdfkit_cli.translation import exports

    path = out_file or Path(f"{source}-{to}.tmx")
    text, passages = exports.export_memory(loader.load_library(library), source, to)
    exports.write_exported(path, text.encode())
    out.print(f"wrote {passages} passages to {path}")


def glossary(
    source: Annotated[str, typer.Option("--from", help="The language of the terms.", metavar="LANG")],
    to: Annotated[str, typer.Option("--to", help="The language of their translations.", metavar="LANG")],
    out_file: Annotated[
        Path | None, typer.Option("--out", help="The file to write: FROM-TO.tbx by default.", metavar="FILE")
    ] = None,
    library: LibraryOption = Path("leaflets"),
) -> None:
    """Write the glossary of a language into a TBX file, as translation tools read it.

    Example: pdfkit translate glossary --from da --to en
    """
    from pdfkit_cli.content import loader
    from pdfkit_cli.translation import exports

    path = out_file or Path(f"{source}-{to}.tbx")
    text, terms = exports.export_glossary(loader.load_library(library), source, to)
    if not terms:
        err.print(f"{library}/glossary/{to}.yaml has no terms in “{source}”, so nothing was written")
        return
    exports.write_exported(path, text.encode())
    out.print(f"wrote {terms} terms to {path}")


def import_(
    files: Annotated[list[Path], typer.Argument(help="Files that translators returned.", metavar="FILE…")],
    library: LibraryOption = Path("leaflets"),
) -> None:
    """Take translated passages into the library: each that is right is applied, each other is named with the reason.

    Example: pdfkit translate import facet-denervation.en.xliff
    """
    from pdfkit_cli.content import loader
    from pdfkit_cli.translation import imports

    refused = 0
    for path in files:
        try:
            for returned in imports.read_returned(path):
                done = imports.import_leaflet(loader.load_library(library), returned)
                print_findings(done.refused)
                refused += len(done.refused)
                _print_imported(done)
        except SourceError as error:
            print_findings(error.findings)
            refused += 1
    raise typer.Exit(ExitCode.FINDINGS if refused else ExitCode.OK)


def _print_imported(done: "Imported") -> None:
    out.print(
        f"{done.path}: {done.accepted} passages imported, {len(done.refused)} refused, {done.left} left to translate"
    )
    if done.unreviewed:
        out.print(f"{done.path}: is marked as unreviewed now; have it read, then write “translation: reviewed”")
