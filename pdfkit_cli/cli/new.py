"""Commands that create a leaflet, a clinic or a library: `pdfkit new …`; and `pdfkit schema`."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from pdfkit_cli.build import SCHEMA_KINDS
from pdfkit_cli.cli.console import out
from pdfkit_cli.cli.options import LibraryOption


def new_leaflet(
    name: str,
    owner: Annotated[
        str | None, typer.Option(help="The clinic that owns it and hands it out.", metavar="CLINIC")
    ] = None,
    language: Annotated[str | None, typer.Option(help="The language that it is written in.")] = None,
    library: LibraryOption = Path("leaflets"),
) -> None:
    """Create a leaflet that can be built at once.

    Example: pdfkit new leaflet my-leaflet --owner rygcenter-syddanmark --language da
    """
    from pdfkit_cli.build import scaffold
    from pdfkit_cli.content import loader

    _print_created(scaffold.create_leaflet(loader.load_library(library), name, owner, language, date.today()))
    out.print(f"build it with: pdfkit build {name}")


def new_clinic(
    name: str,
    brand: Annotated[str | None, typer.Option(help="Its brand, a folder of brands/.")] = None,
    library: LibraryOption = Path("leaflets"),
) -> None:
    """Create a clinic, to be filled in.

    Example: pdfkit new clinic my-clinic --brand rygcenter
    """
    from pdfkit_cli.build import scaffold
    from pdfkit_cli.content import loader

    _print_created(scaffold.create_clinic(loader.load_library(library), name, brand))


def new_library(folder: Annotated[Path, typer.Argument(metavar="FOLDER")] = Path("leaflets")) -> None:
    """Create a library with one leaflet, one clinic and one brand, which can be built at once.

    Example: pdfkit new library
    """
    from pdfkit_cli.build import scaffold

    _print_created(scaffold.create_library(folder, date.today()))
    out.print("build it with: pdfkit build" + ("" if folder == Path("leaflets") else f" --library {folder}"))


def _print_created(paths: Iterable[Path]) -> None:
    for path in paths:
        out.print(f"wrote {path}")


def schema(
    kind: Annotated[str | None, typer.Argument(help="One of: " + ", ".join(SCHEMA_KINDS), metavar="KIND")] = None,
    library: LibraryOption = Path("leaflets"),
) -> None:
    """Print the JSON Schema of one kind of file, or write all of them into the library for editors.

    Example: pdfkit schema clinic
    """
    from pdfkit_cli.build import scaffold

    if kind:
        out.print(scaffold.json_schema(kind), end="")
    else:
        _print_created(scaffold.write_schemas(library))
