"""All commands, in the order of the help, and the functions that run them.

Their modules import no implementation: each function does, when it runs. So help and completion of all commands are quick.
"""

from collections.abc import Callable
from typing import Annotated

import typer

from pdfkit_cli import __version__
from pdfkit_cli.cli import build, desk, doctor, library, new, packs, printing, translate, verify
from pdfkit_cli.cli.console import out
from pdfkit_cli.cli.parameters import convert_on_demand

COMMANDS: dict[str, Callable[..., None]] = {
    "build": build.build,
    "check": library.check,
    "attach": packs.attach,
    "packs": packs.packs,
    "print": printing.print_,
    "printers": printing.printers,
    "desk": desk.desk,
    "issued": packs.issued,
    "recall": packs.recall,
    "list": library.list_,
    "why": build.why,
    "verify": verify.verify,
    "translated": library.translated,
    "schema": new.schema,
    "doctor": doctor.doctor,
}
NEW: dict[str, Callable[..., None]] = {
    "leaflet": new.new_leaflet,
    "clinic": new.new_clinic,
    "library": new.new_library,
}
TRANSLATE: dict[str, Callable[..., None]] = {
    "export": translate.export,
    "import": translate.import_,
    "memory": translate.memory,
    "glossary": translate.glossary,
}

convert_on_demand()
app = typer.Typer(
    name="pdfkit",
    help="Print a library of patient leaflets as branded, accessible PDFs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # frames around the help would take longer than all the rest
    context_settings={"help_option_names": ["-h", "--help"]},
)
new_app = typer.Typer(help="Create a leaflet, clinic or library.", no_args_is_help=True)
app.add_typer(new_app, name="new")
translate_app = typer.Typer(help="Send passages to translators, and take them back.", no_args_is_help=True)
app.add_typer(translate_app, name="translate")
for name, command in COMMANDS.items():
    app.command(name)(command)
for name, command in NEW.items():
    new_app.command(name)(command)
for name, command in TRANSLATE.items():
    translate_app.command(name)(command)


def _version(value: bool) -> None:
    if value:
        out.print(f"pdfkit {__version__}")
        raise typer.Exit


@app.callback()
def _pdfkit(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Print the traceback of an internal error.")] = False,
) -> None:
    if debug:
        from pdfkit_cli.system import fault_log

        fault_log.show_on_stderr()
