"""Print a leaflet on a printer of the clinic, without the browser's print window; also one that is filled in for a patient."""

from dataclasses import replace
from functools import partial
from io import BytesIO
from typing import Final

from pikepdf import Pdf
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pdfkit_cli.build.pipeline import Project
from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.content.models import format_order
from pdfkit_cli.desk import on_demand_build, press_room
from pdfkit_cli.desk.library_state import LibraryState
from pdfkit_cli.desk.personal_views import PastDayError, filled_in, personal_problem
from pdfkit_cli.desk.press_room import PressedPart
from pdfkit_cli.desk.templating import authorised_output, desk_state, requested_clinic
from pdfkit_cli.output.manifest import ManifestEntry
from pdfkit_cli.printing import dispatch
from pdfkit_cli.printing.dispatch import BuiltLeaflet, PrintPart
from pdfkit_cli.printing.press import pages_from
from pdfkit_cli.printing.selection import ChosenLeaflet
from pdfkit_cli.rendering.personal_copies import PersonalError

MAX_FORM_FIELDS: Final = 50

TYPED: Final = "personal."
"""How the names of fields begin that hold what was typed for the patient."""


async def press_print(request: Request) -> Response:
    """Print a leaflet on a printer: an order that is known is not printed again.

    What is wrong with what was typed for the patient is answered as in `personal_views`.
    """
    requested_clinic(request)
    output_key = authorised_output(request, "{clinic}/{file}".format_map(request.path_params))
    async with request.form(max_files=0, max_fields=MAX_FORM_FIELDS) as form:
        pressed = press_room.read_press(request, form)
        typed = {name.removeprefix(TYPED): str(value) for name, value in form.items() if name.startswith(TYPED)}
        allow_past = "past" in form
    library = desk_state(request).library
    entry = await on_demand_build.current_entry(library, output_key)
    part = leaflet_part(library, output_key, entry)
    if any(map(str.strip, typed.values())):
        try:
            pdf = await filled_in(request, output_key, typed, allow_past=allow_past)
        except (PersonalError, PastDayError) as error:
            return personal_problem(request, error)
        part = replace(part, part=await run_in_threadpool(_filled, part.part, pdf))
    press_room.press(request, pressed, [part])
    return press_room.press_answer(request, pressed.order)


def _filled(part: PrintPart, pdf: bytes) -> PrintPart:
    """Return a leaflet as it is printed for one patient: in memory, until it has been."""
    with Pdf.open(BytesIO(pdf)) as document:
        pages = len(document.pages)
    return replace(part, pages=pages, read=partial(pages_from, pdf))


async def press_progress(request: Request) -> Response:
    """Say how far an order is."""
    return await run_in_threadpool(press_room.press_answer, request, request.query_params.get("order", ""))


def leaflet_part(library: LibraryState, output_key: OutputKey, entry: ManifestEntry) -> PressedPart:
    """Return a leaflet that is up to date as it is printed. Raises ProblemError."""
    enclosure = on_demand_build.enclosure_of(library, output_key, entry)
    project = library.now.project
    assert project
    chosen = _chosen(project, output_key, library)
    return press_room.leaflet_part(dispatch.leaflet_part(chosen, BuiltLeaflet(enclosure, entry.pages)))


def _chosen(project: Project, output_key: OutputKey, library: LibraryState) -> ChosenLeaflet:
    """Return a PDF to print, with the other formats of the same edition, the best first."""
    formats, edition = project.layouts.formats, output_key.edition
    same = (each.format for each in library.now.editions[edition.clinic, edition.leaflet] if each.edition == edition)
    others = sorted((name for name in same if name != output_key.format), key=lambda name: format_order(formats, name))
    able = {name: formats[name] for name in others if formats[name].office_printer}
    return ChosenLeaflet(output_key, formats[output_key.format], able)


ROUTES = [
    Route("/{clinic}/print/{file}", press_print, methods=["POST"]),
    Route("/{clinic}/print/{file}", press_progress),
]
