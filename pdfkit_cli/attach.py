"""One letter and its leaflets to one pack: the way through, callable from Python."""

from pathlib import Path

from pdfkit_cli import execute, packs
from pdfkit_cli.build import Request, open_workshop
from pdfkit_cli.enclosures import Wanted, bring_up_to_date, choose
from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.execute import WorkersError
from pdfkit_cli.models import Channels
from pdfkit_cli.packs import Enclosure, Limits, Pack, Packed, PackError

LETTER = {"da": "Brev", "sv": "Brev", "en": "Letter"}
"""What the bookmark of a letter says, in the language of the clinic; English in any other."""


def attach(
    request: Request, letter: Path, wanted: Wanted, to: Path, *, separate: bool = False, unlock: bool = False
) -> Packed:
    """Put leaflets behind a letter, in the order asked for, or with `separate` make one file of the leaflets alone.

    The letter is looked into in a process of its own, with limits of time and memory. Raises PdfkitError with the letter's name and
    what to do.
    """
    if to.resolve() == letter.resolve():
        raise PackError(f"{to}: this is the letter itself", hint="name another file with -o")
    workshop = open_workshop(request)
    chosen = choose(workshop, wanted)
    built = bring_up_to_date(request, chosen.printings)
    if failed := [error for error in built.values() if isinstance(error, str)]:
        raise PdfkitError("\n".join(failed), hint="mend it: pdfkit check")
    enclosures = tuple(
        enclosure for printing in chosen.printings if isinstance(enclosure := built[printing], Enclosure)
    )
    title = LETTER.get(workshop.library.clinics[chosen.clinic].model.language, LETTER["en"])
    limits = limits_of(workshop.library.library.channels)
    pack = Pack(None if separate else letter, enclosures, wanted.channel, limits, title, to, unlock)
    try:
        for outcome in execute.run(packs.make, [(letter, pack)], execute.Limits(1, request.seconds), ready):
            if outcome.result is None:
                raise PdfkitError(_naming(letter, outcome.error))
            return outcome.result
    except WorkersError as error:
        raise PdfkitError(f"{letter}: {error}") from None
    raise AssertionError("one task has one outcome")


def _naming(letter: Path, error: str) -> str:
    """Return an error with the letter's name, also where the worker was ended: “it took longer than …”."""
    return f"{letter}: {error}" if error.startswith(("it ", "its ")) else error


def ready() -> None:
    """A worker needs nothing beforehand: packs are made with pypdf alone."""


def limits_of(channels: Channels) -> Limits:
    """Return what the library says that its channels take."""
    return Limits(channels.paper.sheets, int(channels.digital.megabytes * 1_000_000))
