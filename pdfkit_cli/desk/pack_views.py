"""Make a pack of an uploaded letter and the chosen leaflets, in a worker process; nothing of it is kept."""

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

from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.content.models import DEFAULT_CHANNEL, Channel
from pdfkit_cli.desk import on_demand_build
from pdfkit_cli.desk.bounded_queue import BoundedQueue, QueueFullError
from pdfkit_cli.desk.i18n import Translator
from pdfkit_cli.desk.templating import (
    ProblemError,
    authorised_output,
    chosen_clinic,
    chosen_phrases,
    current_library,
    desk_state,
    joining_channels,
)
from pdfkit_cli.errors import InternalError, PdfkitError
from pdfkit_cli.output.published_file import AlteredPdfError
from pdfkit_cli.packs import assembly, attaching
from pdfkit_cli.packs.assembly import Enclosure, Pack, PackError, PackResult
from pdfkit_cli.packs.letters import LetterError
from pdfkit_cli.packs.problems import phrase
from pdfkit_cli.packs.selection import make_enclosure
from pdfkit_cli.system import temporary, worker_pool
from pdfkit_cli.system.worker_pool import WorkerPoolError

PACK_SECONDS = 30.0
"""Seconds that one pack may take; a typical one takes less than one."""

MAX_LEAFLETS = 30
"""Leaflets in one pack."""

MAX_CONCURRENT, MAX_WAITING, MAX_READING = 2, 10, 24
"""Packs that are made at the same time, packs that wait, and requests that are read at the same time."""

RETRY_AFTER: Final = 30
"""Seconds to wait if the queue is full."""

_CHUNK: Final = 1 << 16

MultiPartParser.spool_max_size = 1  # an upload goes straight to an unnamed file, never into memory


def pack_queue() -> BoundedQueue:
    """Return the queue of one desk."""
    return BoundedQueue(MAX_CONCURRENT, MAX_WAITING, MAX_READING)


@dataclass(frozen=True, slots=True)
class PackSpec:
    """What goes into a pack."""

    letter: BinaryIO | None
    enclosures: tuple[Enclosure, ...]
    channel: Channel
    title: str


@dataclass(frozen=True, slots=True)
class PackRefused:
    """Why there is no pack: the name of a phrase."""

    phrase: str


@dataclass(frozen=True, slots=True)
class PackMade:
    """A pack and its description. Its file has no name any more, and disappears when it is closed."""

    pdf: BinaryIO
    packed: PackResult

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the pack, once."""
        with self.pdf as file:
            while chunk := file.read(_CHUNK):
                yield chunk


def make_in_worker(pack: Pack) -> PackResult | PackRefused:
    """Make one pack, in a worker. Raises nothing that an author or a secretary could cause."""
    try:
        return assembly.make_pack(pack)
    except LetterError as error:
        return PackRefused(f"letter_{error.kind}")
    except PackError as error:
        return PackRefused(f"pack_{error.kind}")
    except AlteredPdfError:  # it was intact a moment ago
        return PackRefused("build_runs")
    except InternalError:
        raise
    except PdfkitError:
        return PackRefused("pack_failed")


def make_desk_pack(pack: PackSpec, seconds: float, stop: Callable[[], bool]) -> PackMade:
    """Make a pack in a worker process, in a private folder that is removed afterwards. Raises ProblemError."""
    with temporary.temporary_folder(temporary.DESK_PREFIX) as folder:
        path = folder / "letter.pdf" if pack.letter else None
        if path and pack.letter:
            _write(path, pack.letter)
        out = folder / "pack.pdf"
        unlimited = pack.channel.model_copy(update={"sheets": 0, "megabytes": 0})  # limits are only reported
        packed = _packed(Pack(path, pack.enclosures, unlimited, pack.title, out), seconds, stop)
        return PackMade(out.open("rb"), packed)


def _write(path: Path, letter: BinaryIO) -> None:
    letter.seek(0)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(letter, file, _CHUNK)


def _packed(pack: Pack, seconds: float, stop: Callable[[], bool]) -> PackResult:
    try:
        limits = worker_pool.TaskLimits(1, seconds, stop)
        outcome = worker_pool.run_task(make_in_worker, pack, limits, attaching.init_worker)
    except WorkerPoolError:
        raise ProblemError("pack_died", HTTPStatus.SERVICE_UNAVAILABLE) from None
    match outcome.result:
        case PackResult() as packed:
            return packed
        case PackRefused(phrase):
            raise ProblemError(phrase)
    raise ProblemError("pack_slow" if outcome.late else "pack_died", HTTPStatus.SERVICE_UNAVAILABLE)


async def pack_response(request: Request) -> Response:
    """Answer with the pack as a PDF, and its size and warnings in the header `X-Pack`."""
    current_library(request)
    if chosen_clinic(request) is None:
        raise ProblemError("wrong_request")
    queue = desk_state(request).pack_queue
    try:
        with queue.reading.one():
            form = await request.form(max_files=1, max_fields=MAX_LEAFLETS + 2)
        try:
            return await _make_while_connected(request, form)
        finally:
            await form.close()
    except QueueFullError:
        raise ProblemError("busy", HTTPStatus.SERVICE_UNAVAILABLE, retry_after=RETRY_AFTER) from None


async def _make_while_connected(request: Request, form: FormData) -> Response:
    """Wait for a turn and make the pack, unless the browser disconnects."""
    ended, hung_up = desk_state(request).library.ended, threading.Event()

    async def listen() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        hung_up.set()
        scope.cancel()

    with CancelScope() as scope:
        listening = asyncio.create_task(listen())
        try:
            async with desk_state(request).pack_queue.turn():
                return await _answer(request, form, lambda: hung_up.is_set() or ended.is_set())
        finally:
            listening.cancel()
    return Response(status_code=HTTPStatus.NO_CONTENT)  # the browser has disconnected


async def _answer(request: Request, form: FormData, stop: Callable[[], bool]) -> Response:
    """Make the pack of the current leaflets: one may have been withdrawn while the request waited."""
    desk, clinic, library = desk_state(request), chosen_clinic(request), current_library(request)
    output_keys = [_requested_output(request, path) for path in form.getlist("leaflet")]
    if clinic is None or not output_keys:
        raise ProblemError("pack_nothing")
    entries = await on_demand_build.current_entries(desk.library, output_keys)
    request_, project = desk.library.request, desk.library.now.project
    assert project
    enclosures = tuple(
        make_enclosure(request_, project, output_key, entry)
        for output_key, entry in zip(output_keys, entries, strict=True)
    )
    channel = joining_channels(library).get(str(form.get("channel", DEFAULT_CHANNEL)))
    if channel is None:
        raise ProblemError("wrong_request")
    upload = form.get("letter")
    letter = upload.file if isinstance(upload, UploadFile) else None
    title = phrase("letter_title", clinic.model.language)
    made = await to_thread.run_sync(make_desk_pack, PackSpec(letter, enclosures, channel, title), PACK_SECONDS, stop)
    say = chosen_phrases(request)
    said = {
        "words": _size(say, made.packed, channel),
        "warnings": _warnings(say, made.packed, channel, with_letter=letter is not None),
    }
    headers = {"x-pack": dumps(said), "content-length": str(os.fstat(made.pdf.fileno()).st_size)}
    return StreamingResponse(made.chunks(), media_type="application/pdf", headers=headers)


def _requested_output(request: Request, path: object) -> OutputKey:
    """Return a leaflet of the pack, which this clinic must hand out. Raises ProblemError."""
    clinic, output_key = chosen_clinic(request), authorised_output(request, str(path))
    if clinic is None or output_key.edition.clinic != clinic.name:
        raise ProblemError("no_leaflet")
    return output_key


def _megabytes(bytes: int, say: Translator) -> str:
    number = f"{bytes / 1e6:.2f}"
    return number if say.language == "en" else number.replace(".", ",")


def _size(say: Translator, packed: PackResult, channel: Channel) -> str:
    values = {"pages": say("pages", n=packed.pages), "mb": _megabytes(packed.bytes, say)}
    if not channel.sides:
        return say("pack_is_digital", **values)
    return say("pack_is", sheets=say("sheets", n=packed.sheets), **values)


def _warnings(say: Translator, packed: PackResult, channel: Channel, *, with_letter: bool) -> list[str]:
    said = []
    if channel.sheets and packed.sheets > channel.sheets:
        said.append(say("pack_sheets", sheets=say("sheets", n=packed.sheets), limit=channel.sheets))
    if channel.megabytes and packed.bytes > channel.max_bytes:
        said.append(say("pack_bytes", mb=_megabytes(packed.bytes, say), limit=_megabytes(channel.max_bytes, say)))
    if with_letter and not packed.accessible:
        said.append(say("pack_letter_unclaimed" if packed.tagged else "pack_letter_untagged"))
    if packed.left_out:
        said.append(say("pack_left_out"))
    return said


ROUTES = [Route("/pack", pack_response, methods=["POST"])]
