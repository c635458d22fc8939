"""PDFs on demand: one that is missing or outdated is built first, in a worker of the desk's own.

It waits for no other build: while one writes the output folder, the PDF is made beside it.
"""

import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool

from pdfkit_cli.build import pipeline, plan_runner
from pdfkit_cli.build.pipeline import BuildRequest, Project
from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.desk.library_state import LibraryState, selection_of
from pdfkit_cli.desk.templating import ProblemError
from pdfkit_cli.errors import OutputBusyError, PdfkitError
from pdfkit_cli.output import published_file
from pdfkit_cli.output.manifest import ManifestEntry
from pdfkit_cli.output.published_file import AlteredPdfError
from pdfkit_cli.packs.assembly import Enclosure
from pdfkit_cli.packs.selection import make_enclosure

BUILD_SECONDS = 30.0
"""Seconds that one render may take here: somebody is waiting at the counter."""

_build_lock = threading.Lock()


async def current_entry(library: LibraryState, output_key: OutputKey) -> ManifestEntry:
    """Return the entry of a PDF that is up to date, built first if necessary. Raises ProblemError."""
    return (await current_entries(library, [output_key]))[0]


async def current_content(
    library: LibraryState, output_key: OutputKey, unless: str = ""
) -> tuple[ManifestEntry, bytes | None]:
    """Return the entry with its bytes, or without if its SHA-256 starts with `unless`.

    All in one thread: changing threads costs more than reading a leaflet.
    """
    return await run_in_threadpool(_content, library, output_key, unless)


async def current_entries(library: LibraryState, output_keys: Iterable[OutputKey]) -> list[ManifestEntry]:
    """Return the entries of several PDFs that are up to date, in the same order. Raises ProblemError."""
    return [(await run_in_threadpool(_content, library, output_key, ""))[0] for output_key in output_keys]


def _current(library: LibraryState, output_key: OutputKey) -> ManifestEntry:
    if entry := library.current(output_key):
        return entry
    with _build_lock:
        library.refresh()
        return library.current(output_key) or _built(library, output_key)


def _content(library: LibraryState, output_key: OutputKey, unless: str) -> tuple[ManifestEntry, bytes | None]:
    entry = _current(library, output_key)
    if unless and entry.sha256.startswith(unless):
        return entry, None
    with suppress(AlteredPdfError):
        return entry, published_file.read_verified(library.file(output_key.path, entry), entry.sha256)
    with _build_lock:
        entry = _built(library, output_key, force=True)
        try:
            return entry, published_file.read_verified(library.file(output_key.path, entry), entry.sha256)
        except AlteredPdfError:
            raise ProblemError("render_failed", HTTPStatus.SERVICE_UNAVAILABLE) from None


def _built(library: LibraryState, output_key: OutputKey, *, force: bool = False) -> ManifestEntry:
    project = library.now.project
    if project is None:
        raise ProblemError("library_broken", HTTPStatus.SERVICE_UNAVAILABLE)
    request = replace(_request(library), selection=selection_of(output_key), force=force)
    try:
        summary = pipeline.build_project(project, request, workers=library.workers)
    except OutputBusyError:
        return _built_beside(library, project, output_key)
    except PdfkitError as error:
        raise ProblemError("render_failed", HTTPStatus.SERVICE_UNAVAILABLE, why=str(error)) from None
    if entry := library.current(output_key):
        return entry
    problem = "render_slow" if output_key.path in summary.late else "render_failed"
    raise ProblemError(problem, HTTPStatus.SERVICE_UNAVAILABLE, why=str(summary.failed.get(output_key.path, "")))


def _built_beside(library: LibraryState, project: Project, output_key: OutputKey) -> ManifestEntry:
    """Make a PDF while another build writes the output folder, and publish nothing."""
    number, path = library.now.number, output_key.path
    try:
        entry, rendered = pipeline.render_unpublished(project, _request(library), output_key, library.workers)
        library.unpublished.keep(path, number, entry, rendered.pdf)
    except (PdfkitError, OSError) as error:
        raise ProblemError("render_failed", HTTPStatus.SERVICE_UNAVAILABLE, why=str(error)) from None
    return entry


def _request(library: LibraryState) -> BuildRequest:
    return replace(library.request, as_of=library.today, seconds=BUILD_SECONDS, jobs=1)


def enclosure_of(library: LibraryState, output_key: OutputKey, entry: ManifestEntry) -> Enclosure:
    """Return a PDF that is up to date, wherever it lies, to be put into a pack or printed. Raises ProblemError."""
    project = library.now.project
    if project is None:
        raise ProblemError("library_broken", HTTPStatus.SERVICE_UNAVAILABLE)
    made = make_enclosure(library.request, project, output_key, entry)
    return replace(made, path=library.file(output_key.path, entry))


def start_worker(library: LibraryState) -> None:
    """Start the worker of the next build, after a change of the library: whatever is needed next may be outdated."""
    if project := library.now.project:
        with suppress(PdfkitError, OSError):  # the build that needs it reports why it cannot start
            library.workers.start(plan_runner.worker_setup(project, _request(library)))
