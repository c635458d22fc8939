"""Making a pack: the letter that was dropped and the leaflets chosen, in a worker, and nothing of it kept."""

import os
from dataclasses import dataclass
from http import HTTPStatus
from json import dumps
from pathlib import Path
from tempfile import TemporaryDirectory

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pdfkit_cli import attach, execute, packs
from pdfkit_cli.desk import making
from pdfkit_cli.desk.offers import printable
from pdfkit_cli.desk.page import ProblemError, catalogue_of, clinic_of, desk_of, words_of
from pdfkit_cli.desk.words import Words
from pdfkit_cli.editions import Printing
from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.execute import WorkersError
from pdfkit_cli.letters import LetterError
from pdfkit_cli.packs import Channel, Enclosure, Limits, Pack, Packed, PackError

SECONDS = 30.0
"""Seconds that one pack may take: a usual one takes less than one."""

MOST = 30
"""Leaflets in one pack."""

_at_once = CapacityLimiter(2)
"""Packs that are made at the same time; the others wait."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why there is no pack, as the name of a phrase."""

    phrase: str


@dataclass(frozen=True, slots=True)
class Made:
    """A pack, and what is to be said of it."""

    pdf: bytes
    packed: Packed


def work(pack: Pack) -> Packed | Refused:
    """Make one pack; what a worker does. Raises nothing that an author or a secretary could have caused."""
    try:
        return packs.make(pack)
    except LetterError as error:
        return Refused(f"letter_{error.kind}")
    except PackError as error:
        return Refused(f"pack_{error.kind}")
    except PdfkitError:
        return Refused("pack_failed")


def make(letter: bytes | None, enclosures: tuple[Enclosure, ...], channel: Channel, title: str, seconds: float) -> Made:
    """Make a pack in a worker process, in a folder that only we can read and that is gone afterwards. Raises ProblemError."""
    with TemporaryDirectory(prefix="pdfkit-desk-") as name:
        folder = Path(name)
        path = folder / "letter.pdf" if letter is not None else None
        if path and letter is not None:
            _write(path, letter)
        pack = Pack(path, enclosures, channel, Limits(), title, folder / "pack.pdf")
        packed = _packed(pack, seconds)
        return Made((folder / "pack.pdf").read_bytes(), packed)


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def _packed(pack: Pack, seconds: float) -> Packed:
    try:
        for outcome in execute.run(work, [("pack", pack)], execute.Limits(1, seconds), attach.ready):
            match outcome.result:
                case Packed() as packed:
                    return packed
                case Refused(phrase):
                    raise ProblemError(phrase)
            raise ProblemError("pack_slow" if outcome.late else "pack_died", HTTPStatus.SERVICE_UNAVAILABLE)
    except WorkersError:
        raise ProblemError("pack_died", HTTPStatus.SERVICE_UNAVAILABLE) from None
    raise AssertionError("one task has one outcome")


async def pack(request: Request) -> Response:
    """Answer with the pack as a PDF, and with what to know of it in the header `X-Pack`."""
    desk, clinic = desk_of(request), clinic_of(request)
    catalogue = catalogue_of(request)
    if clinic is None:
        raise ProblemError("wrong_request")
    async with request.form(max_files=1, max_fields=MOST + 2) as form:
        channel = Channel.DIGITAL if form.get("channel") == "digital" else Channel.PAPER
        printings = [_printing(request, path) for path in form.getlist("leaflet")]
        upload = form.get("letter")
        letter = await upload.read() if isinstance(upload, UploadFile) else None
    if not printings:
        raise ProblemError("pack_nothing")
    entries = await making.all_current(desk.library, printings)
    out = desk.library.request.out
    enclosures = tuple(
        Enclosure(
            out / printing.path,
            entry.title,
            printing.format,
            entry.id,
            entry.version,
            entry.digest,
            entry.clinic,
            entry.language,
            entry.sha256,
        )
        for printing, entry in zip(printings, entries, strict=True)
    )
    title = attach.LETTER.get(clinic.model.language, attach.LETTER["en"])
    made = await to_thread.run_sync(make, letter, enclosures, channel, title, SECONDS, limiter=_at_once)
    say = words_of(request)
    limits = attach.limits_of(catalogue.library.channels)
    said = {
        "words": _size(say, made.packed, channel),
        "warnings": _warnings(say, made.packed, channel, limits, with_letter=letter is not None),
    }
    return Response(made.pdf, media_type="application/pdf", headers={"x-pack": dumps(said)})


def _printing(request: Request, path: object) -> Printing:
    """Return a leaflet of the pack, looked up among those that this clinic may hand out. Raises ProblemError."""
    clinic, printing = clinic_of(request), printable(request, str(path))
    if clinic is None or printing.edition.clinic != clinic.name:
        raise ProblemError("no_leaflet")
    return printing


def _megabytes(bytes: int, say: Words) -> str:
    number = f"{bytes / 1e6:.2f}"
    return number if say.language == "en" else number.replace(".", ",")


def _size(say: Words, packed: Packed, channel: Channel) -> str:
    values = {"pages": say("pages", n=packed.pages), "mb": _megabytes(packed.bytes, say)}
    if channel is Channel.DIGITAL:
        return say("pack_is_digital", **values)
    return say("pack_is", sheets=say("sheets", n=packed.sheets), **values)


def _warnings(say: Words, packed: Packed, channel: Channel, limits: Limits, *, with_letter: bool) -> list[str]:
    said = []
    if channel is Channel.PAPER and limits.sheets and packed.sheets > limits.sheets:
        said.append(say("pack_sheets", sheets=say("sheets", n=packed.sheets), limit=limits.sheets))
    if channel is Channel.DIGITAL and limits.bytes and packed.bytes > limits.bytes:
        said.append(say("pack_bytes", mb=_megabytes(packed.bytes, say), limit=_megabytes(limits.bytes, say)))
    if with_letter and not packed.accessible:
        said.append(say("pack_letter_untagged"))
    if packed.left_out:
        said.append(say("pack_left_out"))
    return said


ROUTES = [Route("/pack", pack, methods=["POST"])]
