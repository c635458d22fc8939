"""Options that several commands share."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

LibraryOption = Annotated[Path, typer.Option("--library", help="The folder with library.yaml.", metavar="DIR")]
OutOption = Annotated[Path, typer.Option("--out", help="The output folder for the PDFs.", metavar="DIR")]
AsOfOption = Annotated[
    datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="Check as if it were this day.", metavar="DATE")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def as_of_day(as_of: datetime | None) -> date:
    """Return the day given by `--as-of`, or today."""
    return as_of.date() if as_of else date.today()
