"""The attachment of leaflets to one letter, callable from Python."""

import logging
from contextlib import suppress
from pathlib import Path

from pikepdf import settings

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.content.models import PackMode
from pdfkit_cli.errors import PdfkitError, Problem, error_from_problem
from pdfkit_cli.packs import assembly
from pdfkit_cli.packs.assembly import PackError, PackResult
from pdfkit_cli.packs.overwrite_guard import ProtectedFiles, published_files
from pdfkit_cli.packs.selection import EnclosureRequest, ensure_built, plan_pack, select_enclosures
from pdfkit_cli.system import worker_pool
from pdfkit_cli.system.worker_pool import WorkerPoolError

MAX_UNPACKED_BYTES = 100 << 20
"""Limit in bytes for the unpacking of one stream.

Objects and metadata take some megabytes at most, and page content is never unpacked here.
"""


def attach_leaflets(
    request: BuildRequest,
    letter: Path,
    wanted: EnclosureRequest,
    to: Path,
    *,
    unlock: bool = False,
    way: PackMode = PackMode.JOIN,
) -> PackResult:
    """Attach leaflets to a letter in the order of the request; `way` is the mode of packing.

    The letter is parsed in a separate process, with limits of time and memory.
    Raises PdfkitError with the letter's name and the remedy.
    """
    _check_target(letter, to)
    project = open_project(request)
    chosen = select_enclosures(project, wanted)
    built = ensure_built(project, request, chosen.output_keys)
    pack = plan_pack(project, chosen, built, letter=letter, out=to, way=way, unlock=unlock)
    if isinstance(pack, Problem):
        raise PdfkitError(pack.message, hint=pack.hint)
    if over := ProtectedFiles((letter, *published_files(request.out, to.parent))).conflict(to, way):
        code = "overwrites-split" if way is PackMode.SPLIT else "overwrites"
        raise PackError(code, output=to, file=over)
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        limits = worker_pool.TaskLimits(1, request.seconds)
        outcome = worker_pool.run_task(assembly.make_pack, pack, limits, init_worker)
    except WorkerPoolError as error:
        raise PdfkitError(f"{letter}: {error}") from None
    except OSError as error:
        raise PackError("pack-unwritable", to.parent, reason=error.strerror) from None
    if outcome.problem:
        raise error_from_problem(outcome.problem, letter)
    assert outcome.result
    return outcome.result


def _check_target(letter: Path, to: Path) -> None:
    """Raise PackError if the pack would overwrite its letter, or a file that is not a PDF: a list, a file of the library."""
    if to.resolve() == letter.resolve():
        raise PackError("target-letter", to)
    head = _read_head(to)
    if head and b"%PDF-" not in head:  # an empty file may be one that `mktemp` made
        raise PackError("target-not-pdf", to)


def _read_head(file: Path) -> bytes:
    """Return the first 1,024 bytes of a file; none if it does not exist or cannot be read."""
    with suppress(OSError):
        if file.is_file():  # reading a pipe would block until another process writes into it
            with file.open("rb") as opened:
                return opened.read(1024)
    return b""


def init_worker() -> None:
    """Prepare a worker: silence messages about broken letters, which may contain their text, and limit unpacking."""
    for reader in ("pikepdf", "pypdfium2"):
        logging.getLogger(reader).setLevel(logging.CRITICAL)
    settings.set_qpdf_limits(flate_max_memory=MAX_UNPACKED_BYTES)
