"""One letter and its leaflets to one pack: the way through, callable from Python."""

import gc
import logging
from contextlib import suppress
from pathlib import Path

from pikepdf import settings

from pdfkit_cli import execute, packs
from pdfkit_cli.build import Request, open_workshop
from pdfkit_cli.enclosures import Wanted, bring_up_to_date, choose
from pdfkit_cli.errors import PdfkitError, Problem
from pdfkit_cli.execute import WorkersError
from pdfkit_cli.models import Channels
from pdfkit_cli.packs import Enclosure, Limits, Pack, Packed, PackError, Way
from pdfkit_cli.spared import Spared, published

LETTER = {"da": "Brev", "sv": "Brev", "en": "Letter"}
"""What the bookmark of a letter says, in the language of the clinic; English in any other."""

ELSEWHERE = "name another file with -o"
"""What to do where the pack cannot go."""

GARBAGE = 5_000
"""New objects between two searches for garbage; with the usual 700 a letter of 300 pages cost a sixth more, with 100,000 memory did not stay level."""

UNPACKED = 100 << 20
"""Bytes of one stream that are unpacked; objects and metadata take some megabytes at most, and content is never unpacked here."""


def attach(
    request: Request,
    letter: Path,
    wanted: Wanted,
    to: Path,
    *,
    unlock: bool = False,
    way: Way = Way.JOIN,
) -> Packed:
    """Put leaflets behind a letter, in the order asked for, or in another way.

    The letter is looked into in a process of its own, with limits of time and memory. Raises PdfkitError with the letter's name and
    what to do.
    """
    _check_target(letter, to)
    workshop = open_workshop(request)
    chosen = choose(workshop, wanted)
    built = bring_up_to_date(request, chosen.printings)
    if failed := [problem for problem in built.values() if isinstance(problem, Problem)]:
        raise PdfkitError("\n".join(problem.message for problem in failed), hint=failed[0].hint)
    enclosures = tuple(
        enclosure for printing in chosen.printings if isinstance(enclosure := built[printing], Enclosure)
    )
    spoken = workshop.library.clinics[chosen.clinic].model.language
    title = LETTER.get(spoken, LETTER["en"])
    limits = limits_of(workshop.library.library.channels)
    if over := Spared((letter, *published(request.out, to.parent))).under(to, way):
        which = "a file of the pack" if way is Way.SPLIT else "the pack"
        raise PackError(f"{to}: {which} would be written over {over}", hint=ELSEWHERE)
    pack = Pack(
        None if way is Way.SEPARATE else letter, enclosures, wanted.channel, limits, title, to, unlock, way, spoken
    )
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        for outcome in execute.run(packs.make, [(letter, pack)], execute.Limits(1, request.seconds), ready):
            if outcome.result is None:
                raise PdfkitError(_naming(letter, outcome.error))
            return outcome.result
    except WorkersError as error:
        raise PdfkitError(f"{letter}: {error}") from None
    except OSError as error:
        raise PackError(f"{to.parent}: cannot be made: {error.strerror}", hint="choose another place") from None
    raise AssertionError("one task has one outcome")


def _check_target(letter: Path, to: Path) -> None:
    """Raise PackError where the pack would be written over its letter, or over what cannot be a pack: a list, a file of the library."""
    if to.resolve() == letter.resolve():
        raise PackError(f"{to}: this is the letter itself", hint=ELSEWHERE)
    head = _head(to)
    if head and b"%PDF-" not in head:  # an empty file may be one that `mktemp` made
        raise PackError(f"{to}: stands there already, and is no PDF", hint=ELSEWHERE)


def _head(file: Path) -> bytes:
    """Return how a file begins; nothing where there is none, or none that can be read."""
    with suppress(OSError):
        if file.is_file():  # a pipe would wait for who writes into it
            with file.open("rb") as opened:
                return opened.read(1024)
    return b""


def _naming(letter: Path, error: str) -> str:
    """Return an error with the letter's name, also where the worker was ended: “it took longer than …”."""
    return f"{letter}: {error}" if error.startswith(("it ", "its ")) else error


def ready() -> None:
    """Make a worker ready: what a reader would print of a broken letter may be words of the letter, and what it unpacks has a limit."""
    for reader in ("pypdf", "pikepdf", "pypdfium2"):
        logging.getLogger(reader).setLevel(logging.CRITICAL)
    settings.set_qpdf_limits(flate_max_memory=UNPACKED)
    gc.set_threshold(GARBAGE)


def limits_of(channels: Channels) -> Limits:
    """Return what the library says that its channels take."""
    return Limits(channels.paper.sheets, int(channels.digital.megabytes * 1_000_000), channels.digital.files)
