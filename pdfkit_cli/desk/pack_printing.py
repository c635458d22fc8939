"""Print a letter with its leaflets on a printer of the clinic.

Where leaflets are stapled, letter and leaflets are a job each; otherwise all of it is one job, which no other print can come between.
The letter is opened in processes of its own. What is printed waits in files without names, which are gone when the desk ends.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from http import HTTPStatus
from typing import BinaryIO, Final, TypeVar

from anyio import to_thread
from pikepdf import Pdf
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pdfkit_cli.content.models import Format
from pdfkit_cli.desk import isolated_task, pack_views, press_room
from pdfkit_cli.desk.pack_views import PackRefused, PackSpec, Stop
from pdfkit_cli.desk.press_room import PressedPart
from pdfkit_cli.desk.templating import (
    ProblemError,
    chosen_phrases,
    parse_page_number,
    requested_clinic,
    requested_format,
)
from pdfkit_cli.packs import attaching
from pdfkit_cli.packs.assembly import Enclosure, Pack, PackResult
from pdfkit_cli.printing.dispatch import PrintPart
from pdfkit_cli.printing.press import pages_from
from pdfkit_cli.printing.raster import draw_raster
from pdfkit_cli.printing.ticket import RasterSettings

DRAWING_SECONDS: Final = 120.0
"""Seconds for drawing a letter with its leaflets for a printer that takes no PDF."""

Given = TypeVar("Given")


def make_parts_in_worker(pack: Pack) -> PackResult | PackRefused:
    """Make a pack, and of it a file for the letter and each leaflet, in a worker; see `make_in_worker`."""
    made = pack_views.make_in_worker(pack)
    if isinstance(made, PackResult):
        with Pdf.open(pack.out) as whole:
            for number, (first, last) in enumerate(made.staple_sets):
                with Pdf.new() as part:
                    part.pages.extend(whole.pages[first - 1 : last])
                    part.save(pack.out.with_name(f"part-{number:03}.pdf"))
    return made


async def press_pack(request: Request) -> Response:
    """Print a letter with its leaflets: an order that is known is not printed again."""
    return await pack_views.answer_upload(request, partial(_press, request))


async def pack_progress(request: Request) -> Response:
    """Say how far an order is."""
    return await run_in_threadpool(press_room.press_answer, request, request.query_params.get("order", ""))


async def _press(request: Request, form: FormData, stop: Stop) -> Response:
    pressed = press_room.read_press(request, form)
    if not press_room.press_room(request).knows(pressed.order):
        spec = await pack_views.read_pack(request, form)
        if isinstance(spec, Response):
            return spec
        if not spec.channel.sides:
            raise ProblemError("wrong_request")
        parts, files = await to_thread.run_sync(_make_parts, request, spec, pressed.printer.staple, stop)
        press_room.press(request, pressed, _asked(request, parts), files=files)
    return press_room.press_answer(request, pressed.order)


def _asked(request: Request, parts: Sequence[PressedPart]) -> Sequence[PressedPart]:
    """Return the parts to print: all, or the one whose rest is missing. Raises ProblemError."""
    if "part" not in request.query_params:
        return parts
    number = parse_page_number(request.query_params["part"])
    if number is None or number >= len(parts):
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    return [parts[number]]


def _make_parts(request: Request, spec: PackSpec, stapled: bool, stop: Stop) -> tuple[list[PressedPart], ExitStack]:
    """Return what is printed, and its files, to be closed when it has been. Raises ProblemError."""
    work = make_parts_in_worker if stapled else pack_views.make_in_worker
    packed, files = pack_views.make_desk_files(spec, pack_views.PACK_SECONDS, stop, work)
    form = pack_views.pack_format(requested_format(request, spec.output_keys[0]), spec.channel)
    ranges = packed.staple_sets if stapled else [(1, packed.pages)]
    pages = [last - first + 1 for first, last in ranges]
    about = _leaflet_by_leaflet(request, spec) if stapled else [_all_in_one(request, spec)]
    parts = [
        _part(request, number, one, form, count, file)
        for number, (one, count, file) in enumerate(zip(about, pages, files, strict=True))
    ]
    closing = ExitStack()
    for file in files:
        closing.enter_context(file)
    return parts, closing


About = tuple[str, str, Sequence[Enclosure], tuple[str, ...]]
"""What a printer shows of a part, what makes it the same again, the leaflets in it, and their paths."""


def _all_in_one(request: Request, spec: PackSpec) -> About:
    paths = tuple(output_key.path for output_key in spec.output_keys)
    identity = " ".join(("letter", *paths) if spec.letter else paths)
    return chosen_phrases(request)("pack"), identity, spec.enclosures, paths


def _leaflet_by_leaflet(request: Request, spec: PackSpec) -> list[About]:
    letter: list[About] = [(chosen_phrases(request)("letter"), "letter", (), ())] if spec.letter else []
    made = zip(spec.enclosures, spec.output_keys, strict=True)
    return letter + [
        (f"{one.id} {key.edition.language} {key.format}", key.path, (one,), (key.path,)) for one, key in made
    ]


def _part(request: Request, number: int, about: About, form: Format, pages: int, file: BinaryIO) -> PressedPart:
    title, identity, enclosures, paths = about

    def read(first_page: int) -> bytes:
        file.seek(0)
        pdf = file.read()
        return _in_worker(_rest_in_worker, (pdf, first_page)) if first_page else pdf

    part = PrintPart(title, identity, form, pages, read, enclosures, draw=_draw)
    return PressedPart(part, f"/{requested_clinic(request).name}/pack/print?part={number}", paths)


def _draw(pdf: bytes, how: RasterSettings) -> bytes:
    return _in_worker(_draw_in_worker, (pdf, how))


def _draw_in_worker(task: tuple[bytes, RasterSettings]) -> bytes:
    return draw_raster(*task)


def _rest_in_worker(task: tuple[bytes, int]) -> bytes:
    return pages_from(*task)


def _in_worker(work: Callable[[Given], bytes], given: Given) -> bytes:
    """Return what a process of its own makes of the PDF of a letter. Raises PdfkitError."""
    return isolated_task.run_isolated(work, given, DRAWING_SECONDS, attaching.init_worker)


ROUTES = [
    Route("/{clinic}/pack/print", press_pack, methods=["POST"]),
    Route("/{clinic}/pack/print", pack_progress),
]
