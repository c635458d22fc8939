"""PDFs made for the desk when they are asked for: what is missing or no longer true is built first, in the workers of the builds."""

import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool

from pdfkit_cli import build as building
from pdfkit_cli import intact
from pdfkit_cli.build import Request
from pdfkit_cli.desk.library import Library, selection
from pdfkit_cli.desk.page import ProblemError
from pdfkit_cli.editions import Printing
from pdfkit_cli.errors import OutputError, PdfkitError
from pdfkit_cli.intact import DamagedError
from pdfkit_cli.manifest import Entry

SECONDS = 30.0
"""Seconds that one render may take here: somebody stands at the counter."""

PATIENCE = 20.0
"""Seconds to wait while another build writes the output folder."""

_one_at_a_time = threading.Lock()


async def current(library: Library, printing: Printing) -> Entry:
    """Return what stands in the output folder for a printing, built first where it has to be. Raises ProblemError."""
    return (await all_current(library, [printing]))[0]


async def content(library: Library, printing: Printing, unless: str = "") -> tuple[Entry, bytes | None]:
    """The same with its bytes, or none where its SHA-256 begins with `unless`. All in one thread: to change threads costs more than to read a leaflet."""
    return await run_in_threadpool(_content, library, printing, unless)


async def all_current(library: Library, printings: Iterable[Printing]) -> list[Entry]:
    """The same for several, in their order."""
    return [(await run_in_threadpool(_content, library, printing, ""))[0] for printing in printings]


def _current(library: Library, printing: Printing) -> Entry:
    if entry := library.current(printing):
        return entry
    with _one_at_a_time:
        library.refresh()
        return library.current(printing) or _built(library, printing)


def _content(library: Library, printing: Printing, unless: str) -> tuple[Entry, bytes | None]:
    entry = _current(library, printing)
    if unless and entry.sha256.startswith(unless):
        return entry, None
    path = library.request.out / printing.path
    with suppress(DamagedError):
        return entry, intact.read(path, entry.sha256)
    with _one_at_a_time:
        entry = _built(library, printing, force=True)
        try:
            return entry, intact.read(path, entry.sha256)
        except DamagedError:
            raise ProblemError("render_failed", HTTPStatus.SERVICE_UNAVAILABLE) from None


def _built(library: Library, printing: Printing, *, force: bool = False) -> Entry:
    request = replace(
        library.request, selection=selection(printing), as_of=library.today, seconds=SECONDS, jobs=1, force=force
    )
    summary = _patiently(request)
    if entry := library.current(printing):
        return entry
    problem = "render_slow" if printing.path in summary.late else "render_failed"
    raise ProblemError(problem, HTTPStatus.SERVICE_UNAVAILABLE, why=summary.failed.get(printing.path, ""))


def _patiently(request: Request) -> building.Summary:
    """Build, and wait for another build to end."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return building.build(request)
        except OutputError:
            if time.monotonic() > until:
                raise ProblemError("build_runs", HTTPStatus.SERVICE_UNAVAILABLE) from None
            time.sleep(0.5)
        except PdfkitError as error:
            raise ProblemError("render_failed", HTTPStatus.SERVICE_UNAVAILABLE, why=str(error)) from None
