"""One letter and its leaflets to one pack: the way through, callable from Python."""

import gc
import logging
from contextlib import suppress
from pathlib import Path

from pikepdf import settings

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.content.models import PackMode
from pdfkit_cli.errors import PdfkitError, Problem, error_from_problem
from pdfkit_cli.packs import assembly
from pdfkit_cli.packs.assembly import Enclosure, Pack, PackError, PackResult
from pdfkit_cli.packs.overwrite_guard import ProtectedFiles, published_files
from pdfkit_cli.packs.selection import EnclosureRequest, ensure_built, select_enclosures
from pdfkit_cli.system import worker_pool
from pdfkit_cli.system.worker_pool import WorkerPoolError

LETTER_TITLES = {"da": "Brev", "sv": "Brev", "en": "Letter"}
"""What the bookmark of a letter says, in the language of the clinic; English in any other."""

OTHER_TARGET_HINT = "name another file with -o"
"""What to do where the pack cannot go."""

GC_THRESHOLD = 5_000
"""New objects between two searches for garbage; with the usual 700 a letter of 300 pages cost a sixth more, with 100,000 memory did not stay level."""

MAX_UNPACKED_BYTES = 100 << 20
"""Bytes of one stream that are unpacked; objects and metadata take some megabytes at most, and content is never unpacked here."""


def attach_leaflets(
    request: BuildRequest,
    letter: Path,
    wanted: EnclosureRequest,
    to: Path,
    *,
    unlock: bool = False,
    way: PackMode = PackMode.JOIN,
) -> PackResult:
    """Put leaflets behind a letter, in the order asked for, or in another way.

    The letter is looked into in a process of its own, with limits of time and memory. Raises PdfkitError with the letter's name and
    what to do.
    """
    _check_target(letter, to)
    project = open_project(request)
    chosen = select_enclosures(project, wanted)
    built = ensure_built(request, chosen.output_keys)
    if failed := [problem for problem in built.values() if isinstance(problem, Problem)]:
        raise PdfkitError("\n".join(problem.message for problem in failed), hint=failed[0].hint)
    enclosures = tuple(
        enclosure for output_key in chosen.output_keys if isinstance(enclosure := built[output_key], Enclosure)
    )
    spoken = project.library.clinics[chosen.clinic].model.language
    title = LETTER_TITLES.get(spoken, LETTER_TITLES["en"])
    if over := ProtectedFiles((letter, *published_files(request.out, to.parent))).conflict(to, way):
        which = "a file of the pack" if way is PackMode.SPLIT else "the pack"
        raise PackError(f"{to}: {which} would be written over {over}", hint=OTHER_TARGET_HINT)
    pack = Pack(
        None if way is PackMode.SEPARATE else letter, enclosures, chosen.channel, title, to, unlock, way, spoken
    )
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        for outcome in worker_pool.run_tasks(
            assembly.make_pack, [(letter, pack)], worker_pool.TaskLimits(1, request.seconds), init_worker
        ):
            if outcome.problem:
                raise error_from_problem(outcome.problem, str(letter))
            if outcome.result:
                return outcome.result
    except WorkerPoolError as error:
        raise PdfkitError(f"{letter}: {error}") from None
    except OSError as error:
        raise PackError(f"{to.parent}: cannot be made: {error.strerror}", hint="choose another place") from None
    raise AssertionError("one task has one outcome")


def _check_target(letter: Path, to: Path) -> None:
    """Raise PackError where the pack would be written over its letter, or over what cannot be a pack: a list, a file of the library."""
    if to.resolve() == letter.resolve():
        raise PackError(f"{to}: this is the letter itself", hint=OTHER_TARGET_HINT)
    head = _read_head(to)
    if head and b"%PDF-" not in head:  # an empty file may be one that `mktemp` made
        raise PackError(f"{to}: stands there already, and is no PDF", hint=OTHER_TARGET_HINT)


def _read_head(file: Path) -> bytes:
    """Return how a file begins; nothing where there is none, or none that can be read."""
    with suppress(OSError):
        if file.is_file():  # a pipe would wait for who writes into it
            with file.open("rb") as opened:
                return opened.read(1024)
    return b""


def init_worker() -> None:
    """Make a worker ready: what a reader would print of a broken letter may be words of the letter, and what it unpacks has a limit."""
    for reader in ("pikepdf", "pypdfium2"):
        logging.getLogger(reader).setLevel(logging.CRITICAL)
    settings.set_qpdf_limits(flate_max_memory=MAX_UNPACKED_BYTES)
    gc.set_threshold(GC_THRESHOLD)
