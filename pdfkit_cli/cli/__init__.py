"""The command line: the only place that prints or exits. `app` lists every command."""

import atexit
import errno
import gc
import io
import os
import sys
import threading
from typing import NoReturn

from pdfkit_cli.cli.app import app
from pdfkit_cli.cli.console import err, print_error
from pdfkit_cli.errors import ExitCode, PdfkitError
from pdfkit_cli.system import call_stack

__all__ = ["_run_command", "app", "main"]


GC_THRESHOLD = 10_000
"""New objects between two garbage collections, since most objects of a library are kept.

With the default of 700, a check of a large library took a sixth longer.
"""


@call_stack.in_one_piece
def main() -> NoReturn:
    """Run a command and exit: 0 success, 1 findings or failures, 2 usage error, 3 bug in pdfkit, 130 interrupted."""
    gc.set_threshold(GC_THRESHOLD)
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "1"  # looking for some takes 0.04 s, and they are the code of strangers
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None if the shell closed it
            stream.reconfigure(errors="backslashreplace")  # a terminal may lack a character
    _end(_run_command(sys.argv[1:]))


def _end(code: int) -> NoReturn:
    """End this process, without taking apart what it has loaded: 0.03 s of CPU, and the last garbage collection as much again.

    What was registered for the end is done. A thread that still runs, or output that cannot be written, is left to Python.
    """
    gc.freeze()
    if threading.active_count() == 1:
        atexit._run_exitfuncs()
        try:
            for stream in filter(None, (sys.stdout, sys.stderr)):
                stream.flush()
        except (OSError, ValueError):
            sys.exit(code)
        os._exit(code)
    sys.exit(code)


def _run_command(arguments: list[str]) -> int:
    try:
        code = int(app(args=arguments, prog_name="pdfkit", standalone_mode=False) or 0)
        if code == ExitCode.INTERRUPTED:  # Typer's exit code for Ctrl-C
            err.print("pdfkit: interrupted; finished work is kept, and the next run resumes")
        return code
    except PdfkitError as error:
        print_error(error)
        return error.exit_code
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            err.print("pdfkit: the output cannot be written: no space left")
            return ExitCode.FINDINGS
        if hasattr(error, "show") and hasattr(error, "exit_code"):  # a usage error of the command line itself
            error.show()
            return int(error.exit_code)
        return _report_crash(error)


def _report_crash(error: Exception) -> int:
    from pdfkit_cli.system import fault_log

    known = fault_log.internal_error(error)
    problem = fault_log.report(known.problem)
    err.print(f"pdfkit: {problem}")
    return known.exit_code
