"""`pdfkit doctor`: checks the requirements on this machine."""

from dataclasses import asdict

import typer

from pdfkit_cli.cli.console import out, print_json
from pdfkit_cli.cli.options import JsonOption
from pdfkit_cli.errors import ExitCode


def doctor(as_json: JsonOption = False) -> None:
    """Check that this machine has what pdfkit needs.

    Example: pdfkit doctor
    """
    from pdfkit_cli.build import diagnostics

    readings = list(diagnostics.run_diagnostics())
    if as_json:
        print_json([asdict(reading) for reading in readings])
    else:
        for reading in readings:
            line = f"{'ok     ' if reading.good else 'MISSING'} {reading.name}: {reading.value}"
            out.print(line if reading.good else f"{line}\n        to do: {reading.remedy}")
    raise typer.Exit(ExitCode.OK if all(reading.good for reading in readings) else ExitCode.FINDINGS)
