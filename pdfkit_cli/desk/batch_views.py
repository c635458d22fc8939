"""Several leaflets for the waiting room: a list, kept in a cookie of the browser, and printed at once.

On a printer of the clinic all of it is one order; from the browser, each leaflet by itself, or sets as one PDF.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final

from anyio import to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.content.models import Channel
from pdfkit_cli.desk import on_demand_build, pack_views, press_room, print_jobs
from pdfkit_cli.desk.bounded_queue import QueueFullError
from pdfkit_cli.desk.cards import clinic_card
from pdfkit_cli.desk.pack_views import PackSpec
from pdfkit_cli.desk.printer_views import leaflet_part
from pdfkit_cli.desk.templating import (
    BATCH_COOKIE,
    YEAR_SECONDS,
    ProblemError,
    authorised_output,
    batch_files,
    chosen_phrases,
    current_library,
    desk_state,
    render_template,
    requested_clinic,
    requested_format,
)
from pdfkit_cli.output.catalogue.cards import LeafletCard, LeafletPdf

MAX_LEAFLETS: Final = 20
"""Leaflets of one list: their names must fit into a cookie, which has 4 kB."""

MAX_FORM_FIELDS: Final = MAX_LEAFLETS + 10


@dataclass(frozen=True, slots=True)
class BatchItem:
    """A leaflet of the list, by the name of its file; without card and PDF, it cannot be printed any more."""

    file: str
    card: LeafletCard | None = None
    pdf: LeafletPdf | None = None


async def batch_page(request: Request) -> Response:
    """Show the list, and how it is printed."""
    clinic = requested_clinic(request)
    current_library(request)
    items = [_item(request, name) for name in batch_files(request)]
    there = [item.pdf for item in items if item.pdf]
    return render_template(
        request,
        "batch.html",
        items=items,
        complete=len(there) == len(items) > 0,
        as_sets=_can_be_sets([pdf.path for pdf in there], request),
        sheets=sum(pdf.sheets for pdf in there),
        most=print_jobs.MAX_COPIES,
        printers=press_room.clinic_printers(desk_state(request).library, clinic.name),
        order=press_room.new_order(),
    )


def _item(request: Request, file: str) -> BatchItem:
    state, clinic = desk_state(request).library, requested_clinic(request).name
    path = f"{clinic}/{file}"
    output_key = state.now.output_keys.get(path)
    card = (
        clinic_card(state.now, clinic, output_key.edition.leaflet, state.manifest.files, state.today)
        if output_key
        else None
    )
    pdf = next((each for each in card.files if each.path == path and each.here), None) if card else None
    return BatchItem(file, card, pdf) if pdf else BatchItem(file)


def _can_be_sets(paths: Sequence[str], request: Request) -> bool:
    """Return whether leaflets can be printed in one go: on one size of paper, and none of them folded."""
    forms = [requested_format(request, authorised_output(request, path)) for path in paths]
    return len({form.paper_size for form in forms}) == 1 and all(form.imposition == "none" for form in forms)


async def change_batch(request: Request) -> Response:
    """Add a leaflet to the list, take one out, or empty it; then show it. Raises ProblemError."""
    clinic = requested_clinic(request)
    form = await request.form(max_files=0, max_fields=MAX_FORM_FIELDS)
    added, removed = str(form.get("add", "")), str(form.get("remove", ""))
    files = [] if "clear" in form else [name for name in batch_files(request) if name not in (added, removed)]
    if added:
        authorised_output(request, f"{clinic.name}/{added}")
        files.append(added)
    if len(files) > MAX_LEAFLETS:
        raise ProblemError("batch_full", most=MAX_LEAFLETS)
    response = RedirectResponse(f"/{clinic.name}/batch", HTTPStatus.SEE_OTHER)
    secure = desk_state(request).settings.https or request.url.scheme == "https"
    response.set_cookie(
        BATCH_COOKIE,
        "|".join(files),
        max_age=YEAR_SECONDS if files else 0,
        path=f"/{clinic.name}/",
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    return response


async def press_batch(request: Request) -> Response:
    """Print the leaflets of the page on a printer, as one order: one that is known is not printed again."""
    async with request.form(max_files=0, max_fields=MAX_FORM_FIELDS) as form:
        pressed = press_room.read_press(request, form)
        output_keys = _asked(request, form.getlist("file"))
        sets = form.get("sets") == "yes"
    library = desk_state(request).library
    entries = await on_demand_build.current_entries(library, output_keys)
    parts = [leaflet_part(library, *made) for made in zip(output_keys, entries, strict=True)]
    press_room.press(request, pressed, parts, sets=sets)
    return press_room.press_answer(request, pressed.order, chart=False)


async def batch_progress(request: Request) -> Response:
    """Say how far an order is."""
    order = request.query_params.get("order", "")
    return await run_in_threadpool(press_room.press_answer, request, order, chart=False)


async def batch_pdf(request: Request) -> Response:
    """Answer with the leaflets as one PDF for the print window, whose copies are sets with one of each. Raises ProblemError."""
    output_keys = _asked(request, request.query_params.getlist("file"))
    copies = print_jobs.requested_copies(request) or 1
    if not _can_be_sets([output_key.path for output_key in output_keys], request):
        raise ProblemError("batch_mixed")
    try:
        return await pack_views.answer_while_connected(request, partial(_joined, request, output_keys, copies))
    except QueueFullError:
        raise ProblemError("busy", HTTPStatus.SERVICE_UNAVAILABLE, retry_after=pack_views.RETRY_AFTER) from None


async def _joined(request: Request, output_keys: Sequence[OutputKey], copies: int, stop: pack_views.Stop) -> Response:
    library, say = desk_state(request).library, chosen_phrases(request)
    entries = await on_demand_build.current_entries(library, output_keys)
    enclosures = tuple(on_demand_build.enclosure_of(library, *made) for made in zip(output_keys, entries, strict=True))
    spec = PackSpec(None, enclosures, Channel(sides=2), say("batch"))
    made = await to_thread.run_sync(pack_views.make_desk_pack, spec, pack_views.PACK_SECONDS, stop)
    pdf = b"".join(made.chunks())
    form = requested_format(request, output_keys[0])
    job = await run_in_threadpool(print_jobs.print_job, pdf, pack_views.pack_format(form, spec.channel), copies)
    return Response(job, media_type="application/pdf", headers={"content-disposition": "inline"})


def _asked(request: Request, files: Sequence[object]) -> list[OutputKey]:
    """Return the leaflets that a page asks for, by the names of their files. Raises ProblemError."""
    clinic = requested_clinic(request).name
    if not 1 <= len(files) <= MAX_LEAFLETS:
        raise ProblemError("wrong_request")
    return [authorised_output(request, f"{clinic}/{file}") for file in files]


ROUTES = [
    Route("/{clinic}/batch", batch_page, methods=["GET"]),
    Route("/{clinic}/batch", change_batch, methods=["POST"]),
    Route("/{clinic}/batch/print", press_batch, methods=["POST"]),
    Route("/{clinic}/batch/print", batch_progress),
    Route("/{clinic}/batch/pdf", batch_pdf),
]
