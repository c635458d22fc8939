"""Every command, in the order of the help, and the function that does it."""

from collections.abc import Callable
from typing import Annotated

import typer

from pdfkit_cli import __version__
from pdfkit_cli.cli import building, desk, doctor, library, packing, scaffolding, verifying
from pdfkit_cli.cli.terminal import out

COMMANDS: dict[str, Callable[..., None]] = {
    "build": building.build,
    "check": library.check,
    "attach": packing.attach,
    "packs": packing.packs,
    "desk": desk.desk,
    "issued": packing.issued,
    "list": library.list_,
    "why": building.why,
    "verify": verifying.verify,
    "translated": library.translated,
    "schema": scaffolding.schema,
    "doctor": doctor.doctor,
}
NEW: dict[str, Callable[..., None]] = {
    "leaflet": scaffolding.new_leaflet,
    "clinic": scaffolding.new_clinic,
    "library": scaffolding.new_library,
}

app = typer.Typer(
    name="pdfkit",
    help="Print a library of patient leaflets as branded, accessible PDFs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
new_app = typer.Typer(help="Make a new leaflet, clinic or library.", no_args_is_help=True)
app.add_typer(new_app, name="new")
for name, command in COMMANDS.items():
    app.command(name)(command)
for name, command in NEW.items():
    new_app.command(name)(command)


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
