"""Make a pack of an uploaded letter and the chosen leaflets, in a worker process; nothing of it is kept."""

import asyncio
import os
import shutil
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from io import BytesIO
from json import dumps
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from anyio import CancelScope, to_thread
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.content.models import DEFAULT_CHANNEL, Channel, Format, Preflight
from pdfkit_cli.desk import on_demand_build
from pdfkit_cli.desk.bounded_queue import BoundedQueue, QueueFullError
from pdfkit_cli.desk.i18n import Translator
from pdfkit_cli.desk.personal_views import PastDayError, filled_in, personal_problem
from pdfkit_cli.desk.templating import (
    ProblemError,
    authorised_output,
    chosen_phrases,
    current_library,
    desk_state,
    joining_channels,
    render_template,
    requested_clinic,
)
from pdfkit_cli.errors import InternalError, PdfkitError
from pdfkit_cli.output.published_file import AlteredPdfError
from pdfkit_cli.packs import assembly, attaching
from pdfkit_cli.packs.assembly import Enclosure, Pack, PackError, PackResult
from pdfkit_cli.packs.letters import LetterError
from pdfkit_cli.packs.problems import phrase
from pdfkit_cli.printing.selection import printers_of
from pdfkit_cli.rendering.personal_copies import PersonalError
from pdfkit_cli.system import temporary, worker_pool
from pdfkit_cli.system.worker_pool import WorkerPoolError

PACK_SECONDS = 30.0
"""Seconds that one pack may take; a typical one takes less than one."""

MAX_LEAFLETS = 30
"""Leaflets in one pack."""

MAX_FIELDS = 400
"""Fields of one form: the leaflets, and what was typed for the patient."""

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
    filled: Mapping[int, bytes] = field(default_factory=dict)
    """PDFs that were filled in for the patient, by the number of their enclosure."""

    output_keys: tuple[OutputKey, ...] = ()
    """The leaflets, in the order of the enclosures."""


Stop = Callable[[], bool]
"""Returns whether what is being made is no longer wanted."""

Given = TypeVar("Given")
Made = TypeVar("Made")


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


def pack_format(form: Format, channel: Channel) -> Format:
    """Return how leaflets of a format are printed in a pack: never folded, and on one side only where the channel says so."""
    preflight = (form.preflight or Preflight(page=form.paper_size)).model_copy(
        update={"max_pages": 1 if channel.sides == 1 else None}
    )
    return form.model_copy(update={"office_printer": True, "duplex": "long-edge", "preflight": preflight})


def make_desk_pack(pack: PackSpec, seconds: float, stop: Stop) -> PackMade:
    """Make a pack in a worker process, in a private folder that is removed afterwards. Raises ProblemError."""
    packed, (file,) = make_desk_files(pack, seconds, stop, make_in_worker)
    return PackMade(file, packed)


def make_desk_files(
    pack: PackSpec, seconds: float, stop: Stop, work: Callable[[Pack], PackResult | PackRefused]
) -> tuple[PackResult, tuple[BinaryIO, ...]]:
    """Return what a worker process makes of a pack, and its files, in a private folder that is removed: they have no names any more.

    The files are that of the pack, or those named `part-…` that `work` makes of it. Raises ProblemError.
    """
    with temporary.temporary_folder(temporary.DESK_PREFIX) as folder:
        path = folder / "letter.pdf" if pack.letter else None
        if path and pack.letter:
            _write(path, pack.letter)
        enclosures = list(pack.enclosures)
        for number, pdf in pack.filled.items():
            enclosures[number] = replace(enclosures[number], path=folder / f"leaflet-{number}.pdf", sha256="")
            _write(enclosures[number].path, BytesIO(pdf))
        out = folder / "pack.pdf"
        unlimited = pack.channel.model_copy(update={"sheets": 0, "megabytes": 0})  # limits are only reported
        given = Pack(path, tuple(enclosures), unlimited, pack.title, out)
        packed = made_of_letter(work, given, PackResult, seconds, stop)
        return packed, tuple(file.open("rb") for file in sorted(folder.glob("part-*.pdf")) or [out])


def _write(path: Path, letter: BinaryIO) -> None:
    letter.seek(0)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(letter, file, _CHUNK)


def made_of_letter(
    work: Callable[[Given], Made | PackRefused],
    given: Given,
    kind: type[Made],
    seconds: float,
    stop: Stop,
) -> Made:
    """Return what a worker process makes of a letter, of this kind. Raises ProblemError."""
    try:
        limits = worker_pool.TaskLimits(1, seconds, stop)
        outcome = worker_pool.run_task(work, given, limits, attaching.init_worker)
    except WorkerPoolError:
        raise ProblemError("pack_died", HTTPStatus.SERVICE_UNAVAILABLE) from None
    if isinstance(outcome.result, kind):
        return outcome.result
    if isinstance(outcome.result, PackRefused):
        raise ProblemError(outcome.result.phrase)
    raise ProblemError("pack_slow" if outcome.late else "pack_died", HTTPStatus.SERVICE_UNAVAILABLE)


async def pack_response(request: Request) -> Response:
    """Answer with the pack as a PDF, and its size and warnings in the header `X-Pack`."""
    return await answer_upload(request, partial(_answer, request))


async def answer_upload(
    request: Request, answer: Callable[[FormData, Stop], Awaitable[Response]], max_fields: int = MAX_FIELDS
) -> Response:
    """Read a form with a letter, wait for a turn and answer, unless the browser disconnects. Raises ProblemError."""
    requested_clinic(request)
    try:
        with desk_state(request).pack_queue.reading.one():
            form = await request.form(max_files=1, max_fields=max_fields)
        try:
            return await answer_while_connected(request, partial(answer, form))
        finally:
            await form.close()
    except QueueFullError:
        raise ProblemError("busy", HTTPStatus.SERVICE_UNAVAILABLE, retry_after=RETRY_AFTER) from None


async def answer_while_connected(request: Request, answer: Callable[[Stop], Awaitable[Response]]) -> Response:
    """Wait for a turn and answer, unless the browser disconnects. Raises QueueFullError."""
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
                return await answer(lambda: hung_up.is_set() or ended.is_set())
        finally:
            listening.cancel()
    return Response(status_code=HTTPStatus.NO_CONTENT)  # the browser has disconnected


async def _answer(request: Request, form: FormData, stop: Stop) -> Response:
    spec = await read_pack(request, form)
    if isinstance(spec, Response):
        return spec
    pack = await to_thread.run_sync(make_desk_pack, spec, PACK_SECONDS, stop)
    say, upload = chosen_phrases(request), form.get("letter")
    letter_bytes = upload.size or 0 if isinstance(upload, UploadFile) else None
    said = {
        "words": _size(say, pack.packed, spec.channel),
        "warnings": _warnings(say, pack.packed, spec.channel, letter_bytes),
    }
    headers = {"x-pack": dumps(said), "content-length": str(os.fstat(pack.pdf.fileno()).st_size)}
    return StreamingResponse(pack.chunks(), media_type="application/pdf", headers=headers)


async def read_pack(request: Request, form: FormData) -> PackSpec | Response:
    """Return what goes into a pack, of the current leaflets: one may have been withdrawn while the request waited.

    The response says what is wrong with what was typed for the patient. Raises ProblemError.
    """
    desk, clinic, library = desk_state(request), requested_clinic(request), current_library(request)
    paths = form.getlist("leaflet")
    if len(paths) > MAX_LEAFLETS:
        raise ProblemError("wrong_request")
    output_keys = [_requested_output(request, path) for path in paths]
    if not output_keys:
        raise ProblemError("pack_nothing")
    entries = await on_demand_build.current_entries(desk.library, output_keys)
    made = zip(output_keys, entries, strict=True)
    enclosures = tuple(on_demand_build.enclosure_of(desk.library, output_key, entry) for output_key, entry in made)
    channel = joining_channels(library).get(str(form.get("channel", DEFAULT_CHANNEL)))
    if channel is None:
        raise ProblemError("wrong_request")
    filled = {}
    for number, typed in _typed(form, len(output_keys)).items():
        try:
            filled[number] = await filled_in(request, output_keys[number], typed, allow_past="past" in form)
        except (PersonalError, PastDayError) as error:
            return personal_problem(request, error, enclosures[number].title)
    upload = form.get("letter")
    letter = upload.file if isinstance(upload, UploadFile) else None
    title = phrase("letter_title", clinic.model.language)
    return PackSpec(letter, enclosures, channel, title, filled, tuple(output_keys))


def _typed(form: FormData, leaflets: int) -> dict[int, dict[str, str]]:
    """Return what was typed for the patient by the number of the leaflet: fields of the form such as `personal.0.date`."""
    found: dict[int, dict[str, str]] = {}
    for name, value in form.items():
        prefix, _, rest = name.partition(".")
        number, _, label = rest.partition(".")
        if prefix == "personal" and number.isascii() and number.isdecimal() and int(number[:4]) < leaflets:
            found.setdefault(int(number[:4]), {})[label] = str(value)
    return found


def _requested_output(request: Request, path: object) -> OutputKey:
    """Return a leaflet of the pack, which this clinic must hand out. Raises ProblemError."""
    clinic, output_key = requested_clinic(request), authorised_output(request, str(path))
    if output_key.edition.clinic != clinic.name:
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


def _warnings(say: Translator, packed: PackResult, channel: Channel, letter_bytes: int | None) -> list[str]:
    """Return what the secretary should know; `letter_bytes` is None without a letter. A leaflet is blamed only if the letter alone would fit."""
    said = []
    if channel.sheets and packed.sheets > channel.sheets:
        alone = channel.sheets_of(packed.staple_sets[0][1]) if letter_bytes is not None else 0
        name, sheets = ("pack_letter_sheets", alone) if alone > channel.sheets else ("pack_sheets", packed.sheets)
        said.append(say(name, sheets=say("sheets", n=sheets), limit=channel.sheets))
    if channel.megabytes and packed.bytes > channel.max_bytes:
        alone = letter_bytes or 0
        name, size = ("pack_letter_bytes", alone) if alone > channel.max_bytes else ("pack_bytes", packed.bytes)
        said.append(say(name, mb=_megabytes(size, say), limit=_megabytes(channel.max_bytes, say)))
    if letter_bytes is not None and not packed.accessible:
        said.append(say("pack_letter_unclaimed" if packed.tagged else "pack_letter_untagged"))
    if packed.left_out:
        said.append(say("pack_left_out"))
    return said


async def pack_page(request: Request) -> Response:
    """Show the letter and its leaflets, which the browser remembers."""
    printers = printers_of(desk_state(request).library.now.printers, requested_clinic(request).name)
    return render_template(request, "pack.html", printers=printers)


ROUTES = [
    Route("/{clinic}/pack", pack_page, methods=["GET"]),
    Route("/{clinic}/pack", pack_response, methods=["POST"]),
]
