"""`pdfkit desk`: starts the secretaries' web page."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from pdfkit_cli.cli.console import err
from pdfkit_cli.cli.options import LibraryOption, OutOption
from pdfkit_cli.errors import UsageError, install_hint


def desk(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes a free one.")] = 8000,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
    library: LibraryOption = Path("leaflets"),
    out_folder: OutOption = Path("dist"),
) -> None:
    """Open the page where secretaries find, print and pack leaflets.

    Example: pdfkit desk
    """
    if missing := [name for name in ("starlette", "uvicorn", "multipart") if find_spec(name) is None]:
        raise UsageError(
            f"the desk needs what is not installed here: {', '.join(missing)}",
            hint=install_hint("desk"),
        )
    from pdfkit_cli.build import output_guard

    output_guard.check_output_folder(out_folder, library)
    from pdfkit_cli.desk import server, settings

    made = settings.load_settings(library, out_folder, host, port, os.environ)
    os.environ.pop(settings.TOKEN, None)  # no process that the desk starts inherits it
    server.run_server(
        made,
        started=lambda address: err.print(f"the desk is open at {address}; close it with Ctrl-C"),
        browser=not no_browser,
    )
