"""View a leaflet, and print it."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from http import HTTPStatus
from urllib.parse import quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.content.models import Variant
from pdfkit_cli.desk import on_demand_build, page_images, personal_views, press_room, print_jobs
from pdfkit_cli.desk.addresses import file_address
from pdfkit_cli.desk.cards import (
    clinic_card,
    final_successor,
    paper_note,
    printing_instructions,
    printing_way,
)
from pdfkit_cli.desk.i18n import Translator
from pdfkit_cli.desk.library_state import LibraryState
from pdfkit_cli.desk.templating import (
    ProblemError,
    authorised_output,
    chosen_phrases,
    current_library,
    desk_state,
    joining_channels,
    parse_page_number,
    remembered_clinic,
    render_template,
    requested_clinic,
    requested_format,
)
from pdfkit_cli.output import published_file
from pdfkit_cli.output.catalogue.cards import LeafletCard, LeafletPdf
from pdfkit_cli.output.manifest import ManifestEntry
from pdfkit_cli.output.published_file import AlteredPdfError
from pdfkit_cli.packs.selection import channel_formats

_TAG = re.compile('"([0-9a-f]{32})"')
"""The ETag of a PDF: the beginning of its SHA-256."""

_IMMUTABLE = "private, max-age=31536000, immutable"


def _card(request: Request, name: str) -> LeafletCard:
    state, clinic, library = desk_state(request).library, requested_clinic(request), current_library(request)
    found = clinic_card(state.now, clinic.name, name, state.manifest.files, state.today)
    if found is None and name in clinic.model.hands_out and name in library.names("content"):
        raise ProblemError("leaflet_broken", HTTPStatus.SERVICE_UNAVAILABLE)
    if found is None:
        raise ProblemError("no_leaflet", HTTPStatus.NOT_FOUND)
    return found


async def leaflet_page(request: Request) -> Response:
    """Show one leaflet: its languages, formats and pages, and how to print it."""
    shown, asked = _card(request, request.path_params["name"]), request.query_params
    say, library, clinic = chosen_phrases(request), current_library(request), requested_clinic(request)
    own = (say.language, clinic.model.language)
    language = asked.get("language") or next((each for each in own if each in shown.languages), shown.language(*own))
    recall = library.recall_of(shown.entry.id)
    pdf = shown.file(language, asked.get("format", ""), asked.get("variant", ""))
    if pdf is None:
        instead = final_successor(shown, library)
        return render_template(
            request,
            "closed.html",
            card=shown,
            recall=recall,
            instead=instead,
            language=shown.language(language, *own),
        )
    state = desk_state(request).library
    entry = await run_in_threadpool(state.current, state.now.output_keys[pdf.path])
    project = state.now.project
    assert project
    assert pdf.form
    how = printing_instructions(pdf.form, say)
    packable = {
        name: each
        for name, channel in joining_channels(library).items()
        if (each := shown.for_channel(pdf, name, channel_formats(project, name), printed=channel.sides > 0))
    }
    fields = personal_views.form_fields(library, state.now.output_keys[pdf.path], say.language) if entry else ()
    return render_template(
        request,
        "leaflet.html",
        card=shown,
        recall=recall,
        pdf=pdf,
        entry=entry,
        earlier=None if entry else await run_in_threadpool(_earlier_day, state, state.now.output_keys[pdf.path]),
        way=printing_way(pdf.form),
        how=how,
        paper=paper_note(shown, pdf, say),
        most=print_jobs.MAX_COPIES,
        printers=press_room.clinic_printers(state, clinic.name),
        order=press_room.new_order(),
        fields=fields,
        packable=_packable_json(packable, say),
    )


def _earlier_day(state: LibraryState, output_key: OutputKey) -> date | None:
    """Return the day on which a PDF was published that is outdated in its layout alone."""
    entry = state.same_words(output_key)
    return datetime.fromtimestamp(entry.mtime_ns / 1e9).date() if entry else None


def _packable_json(packable: Mapping[str, LeafletPdf], say: Translator) -> str:
    """Return the data of a leaflet for the script of the pack, by channel."""
    return json.dumps(
        {
            channel: {
                "path": each.path,
                "format": each.form.title_in(say.language),
                "pages": each.pages,
                "bytes": each.entry.bytes if each.entry else 0,
            }
            for channel, each in packable.items()
            if each.form
        }
    )


def _requested_output(request: Request) -> OutputKey:
    return authorised_output(request, "{clinic}/{file}".format_map(request.path_params))


async def ensure_pdf(request: Request) -> Response:
    """Build a PDF if necessary, and answer when it is finished; without our script, with the page that shows it."""
    output_key = _requested_output(request)
    entry = await on_demand_build.current_entry(desk_state(request).library, output_key)
    if "text/html" in request.headers.get("accept", ""):
        key = output_key.edition
        chosen = urlencode({"language": key.language, "format": output_key.format, "variant": str(key.variant)})
        return RedirectResponse(f"/{key.clinic}/leaflet/{key.leaflet}?{chosen}", HTTPStatus.SEE_OTHER)
    return JSONResponse({"pages": entry.pages, "sha256": entry.sha256})


async def leaflet_pdf(request: Request) -> Response:
    """Send a PDF that is up to date: to be shown, to be printed with `copies`, or to be saved with `save`."""
    output_key = _requested_output(request)
    state = desk_state(request).library
    if "save" not in request.query_params and (copies := print_jobs.requested_copies(request)):
        entry, content = await on_demand_build.current_content(state, output_key)
        assert content
        job = await run_in_threadpool(print_jobs.print_job, content, requested_format(request, output_key), copies)
        return Response(
            job, media_type="application/pdf", headers={"content-disposition": _disposition("inline", entry)}
        )
    known = _TAG.fullmatch(request.headers.get("if-none-match", ""))
    entry, content = await on_demand_build.current_content(state, output_key, unless=known[1] if known else "")
    headers = {"cache-control": "private, no-cache", "etag": f'"{entry.sha256[:32]}"'}
    if content is None:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    headers["content-disposition"] = _disposition("attachment" if "save" in request.query_params else "inline", entry)
    return Response(content, media_type="application/pdf", headers=headers)


def _disposition(kind: str, entry: ManifestEntry) -> str:
    return f"{kind}; filename*=utf-8''{quote(_file_name(entry))}"


def _file_name(entry: ManifestEntry) -> str:
    """Return a name that identifies the PDF among downloads."""
    short = f" {entry.variant}" if entry.variant == Variant.SHORT else ""
    return f"{entry.id} {entry.title} {entry.language}{short} {entry.format}.pdf".replace("/", "-")


async def earlier_pdf(request: Request) -> Response:
    """Send the published PDF of a leaflet whose layout alone has changed since."""
    output_key, state = _requested_output(request), desk_state(request).library
    entry = await run_in_threadpool(state.same_words, output_key)
    try:
        if entry is None:
            raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
        path = state.request.out / output_key.path
        content = await run_in_threadpool(published_file.read_verified, path, entry.sha256)
    except (AlteredPdfError, OSError):
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND) from None
    headers = {"cache-control": "private, no-cache", "content-disposition": _disposition("inline", entry)}
    return Response(content, media_type="application/pdf", headers=headers)


async def leaflet_image(request: Request) -> Response:
    """Send a page of a published PDF as an image."""
    output_key, asked = _requested_output(request), request.query_params
    state = desk_state(request).library
    entry = state.latest(output_key.path)
    page, width = parse_page_number(asked.get("page", "1")), asked.get("width", "")
    if entry is None or page is None or width not in map(str, page_images.IMAGE_WIDTHS):
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    path = state.file(output_key.path, entry)
    try:
        png = await run_in_threadpool(page_images.page_image, path, entry.sha256, page, int(width))
    except (IndexError, AlteredPdfError, OSError):
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND) from None
    kept = _IMMUTABLE if asked.get("v") == entry.sha256[:12] else "private, no-cache"
    return Response(png, media_type="image/png", headers={"cache-control": kept})


async def clinic_redirect(request: Request) -> Response:
    """Lead from an address without a clinic to that of the remembered one; without one, to the choice."""
    current_library(request)
    clinic = remembered_clinic(request)
    if clinic is None:
        return RedirectResponse("/clinic", HTTPStatus.SEE_OTHER)
    return _redirect(request, f"/{clinic.name}{request.url.path}")


async def home_redirect(request: Request) -> Response:
    """Lead from `/north` to `/north/`."""
    return _redirect(request, f"/{requested_clinic(request).name}/")


async def pdf_redirect(request: Request) -> Response:
    """Lead from the address that a PDF had before clinics came first, `/pdf/north/…`, to its present one."""
    return _redirect(request, file_address("pdf", authorised_output(request, request.path_params["path"]).path))


def _redirect(request: Request, path: str) -> Response:
    return RedirectResponse(path + (f"?{request.url.query}" if request.url.query else ""), HTTPStatus.SEE_OTHER)


ROUTES = [
    Route("/", clinic_redirect),
    Route("/leaflet/{name}", clinic_redirect),
    Route("/pdf/{path:path}", pdf_redirect),
    Route("/{clinic}", home_redirect),
    Route("/{clinic}/leaflet/{name}", leaflet_page),
    Route("/{clinic}/ready/{file}", ensure_pdf),
    Route("/{clinic}/pdf/{file}", leaflet_pdf),
    Route("/{clinic}/earlier/{file}", earlier_pdf),
    Route("/{clinic}/picture/{file}", leaflet_image),
]
