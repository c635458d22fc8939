"""Making a pack: the letter that was dropped and the leaflets chosen, in a worker, and nothing of it kept."""

import asyncio
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from json import dumps
from pathlib import Path
from typing import BinaryIO, Final

from anyio import CancelScope, to_thread
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from pdfkit_cli import attach, execute, packs, temporary
from pdfkit_cli.desk import making
from pdfkit_cli.desk.offers import printable
from pdfkit_cli.desk.page import ProblemError, catalogue_of, clinic_of, desk_of, words_of
from pdfkit_cli.desk.queueing import FullError, Queue
from pdfkit_cli.desk.words import Words
from pdfkit_cli.editions import Printing
from pdfkit_cli.enclosures import enclosure_of
from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.execute import WorkersError
from pdfkit_cli.intact import DamagedError
from pdfkit_cli.letters import LetterError
from pdfkit_cli.packs import Channel, Enclosure, Limits, Pack, Packed, PackError

SECONDS = 30.0
"""Seconds that one pack may take: a usual one takes less than one."""

MOST = 30
"""Leaflets in one pack."""

AT_ONCE, WAITING, READING = 2, 10, 24
"""Packs that are made at the same time, that wait for it, and requests for one that are read at the same time."""

RETRY: Final = 30
"""Seconds to wait where all places are taken."""

_CHUNK: Final = 1 << 16

MultiPartParser.spool_max_size = 1  # a letter goes to a file that has no name, as it comes, and not into memory first


def queue() -> Queue:
    """Return the queue of one desk."""
    return Queue(AT_ONCE, WAITING, READING)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a pack is made of."""

    letter: BinaryIO | None
    enclosures: tuple[Enclosure, ...]
    channel: Channel
    title: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why there is no pack, as the name of a phrase."""

    phrase: str


@dataclass(frozen=True, slots=True)
class Made:
    """A pack, and what is to be said of it. Its file has no name any more, and is gone when it is closed."""

    pdf: BinaryIO
    packed: Packed

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the pack, once."""
        with self.pdf as file:
            while chunk := file.read(_CHUNK):
                yield chunk


def work(pack: Pack) -> Packed | Refused:
    """Make one pack; what a worker does. Raises nothing that an author or a secretary could have caused."""
    try:
        return packs.make(pack)
    except LetterError as error:
        return Refused(f"letter_{error.kind}")
    except PackError as error:
        return Refused(f"pack_{error.kind}")
    except DamagedError:  # it was right a moment ago
        return Refused("build_runs")
    except PdfkitError:
        return Refused("pack_failed")


def make(pack: Wanted, seconds: float, stop: Callable[[], bool]) -> Made:
    """Make a pack in a worker process, in a folder that only we can read and that is gone afterwards. Raises ProblemError."""
    with temporary.folder(temporary.DESK) as folder:
        path = folder / "letter.pdf" if pack.letter else None
        if path and pack.letter:
            _write(path, pack.letter)
        out = folder / "pack.pdf"
        packed = _packed(Pack(path, pack.enclosures, pack.channel, Limits(), pack.title, out), seconds, stop)
        return Made(out.open("rb"), packed)


def _write(path: Path, letter: BinaryIO) -> None:
    letter.seek(0)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(letter, file, _CHUNK)


def _packed(pack: Pack, seconds: float, stop: Callable[[], bool]) -> Packed:
    try:
        for outcome in execute.run(work, [("pack", pack)], execute.Limits(1, seconds, stop), attach.ready):
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
    catalogue_of(request)
    if clinic_of(request) is None:
        raise ProblemError("wrong_request")
    queue = desk_of(request).packing
    try:
        with queue.reading.one():
            form = await request.form(max_files=1, max_fields=MOST + 2)
        try:
            return await _unless_hung_up(request, form)
        finally:
            await form.close()
    except FullError:
        raise ProblemError("busy", HTTPStatus.SERVICE_UNAVAILABLE, retry_after=RETRY) from None


async def _unless_hung_up(request: Request, form: FormData) -> Response:
    """Wait for a turn and make the pack, as long as somebody waits for it."""
    ended, hung_up = desk_of(request).library.ended, threading.Event()

    async def listen() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        hung_up.set()
        scope.cancel()

    with CancelScope() as scope:
        listening = asyncio.create_task(listen())
        try:
            async with desk_of(request).packing.turn():
                return await _answer(request, form, lambda: hung_up.is_set() or ended.is_set())
        finally:
            listening.cancel()
    return Response(status_code=HTTPStatus.NO_CONTENT)  # which nobody reads


async def _answer(request: Request, form: FormData, stop: Callable[[], bool]) -> Response:
    """Make the pack of the leaflets as they are now: while it waited, one may have been withdrawn."""
    desk, clinic, catalogue = desk_of(request), clinic_of(request), catalogue_of(request)
    printings = [_printing(request, path) for path in form.getlist("leaflet")]
    if clinic is None or not printings:
        raise ProblemError("pack_nothing")
    entries = await making.all_current(desk.library, printings)
    building = desk.library.request
    enclosures = tuple(
        enclosure_of(building, printing, entry) for printing, entry in zip(printings, entries, strict=True)
    )
    upload, channel = form.get("letter"), Channel.DIGITAL if form.get("channel") == "digital" else Channel.PAPER
    letter = upload.file if isinstance(upload, UploadFile) else None
    title = attach.LETTER.get(clinic.model.language, attach.LETTER["en"])
    made = await to_thread.run_sync(make, Wanted(letter, enclosures, channel, title), SECONDS, stop)
    say, limits = words_of(request), attach.limits_of(catalogue.library.channels)
    said = {
        "words": _size(say, made.packed, channel),
        "warnings": _warnings(say, made.packed, channel, limits, with_letter=letter is not None),
    }
    headers = {"x-pack": dumps(said), "content-length": str(os.fstat(made.pdf.fileno()).st_size)}
    return StreamingResponse(made.chunks(), media_type="application/pdf", headers=headers)


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
        said.append(say("pack_letter_unclaimed" if packed.tagged else "pack_letter_untagged"))
    if packed.left_out:
        said.append(say("pack_left_out"))
    return said


ROUTES = [Route("/pack", pack, methods=["POST"])]
