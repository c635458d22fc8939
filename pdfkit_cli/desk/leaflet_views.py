"""Find a leaflet, view it, and print it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.content.models import Variant
from pdfkit_cli.desk import on_demand_build, page_images, personal_views
from pdfkit_cli.desk.cards import clinic_card, final_successor, leaflet_names, printing_instructions
from pdfkit_cli.desk.footer_code import FooterCode, read_footer_code
from pdfkit_cli.desk.i18n import Translator
from pdfkit_cli.desk.templating import (
    ProblemError,
    authorised_output,
    chosen_clinic,
    chosen_phrases,
    current_library,
    desk_state,
    joining_channels,
    parse_page_number,
    render_template,
)
from pdfkit_cli.output.catalogue.cards import LeafletCard, LeafletPdf
from pdfkit_cli.output.manifest import ManifestEntry
from pdfkit_cli.output.published_file import AlteredPdfError
from pdfkit_cli.packs.selection import channel_formats

MAX_RESULTS = 20
"""Leaflets that a search shows: the right one is among the first."""

_TAG = re.compile('"([0-9a-f]{32})"')
"""The ETag of a PDF: the beginning of its SHA-256."""

_IMMUTABLE = "private, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A leaflet that was found, and the language of the matching text."""

    card: LeafletCard
    language: str


async def search_page(request: Request) -> Response:
    """Show the search and its results; without a query, all leaflets of the clinic."""
    current_library(request)
    if chosen_clinic(request) is None:
        return RedirectResponse("/clinic", HTTPStatus.SEE_OTHER)
    query = request.query_params.get("q", "").strip()[:200]
    sheet = await run_in_threadpool(_footer_code_result, request, query)
    found, count = ([], 0) if sheet else await run_in_threadpool(_search, request, query)
    return render_template(
        request, "home.html", query=query, sheet=sheet, found=found, count=count, more=count > MAX_RESULTS
    )


def _footer_code_result(request: Request, query: str) -> FooterCode | None:
    desk, clinic = desk_state(request), chosen_clinic(request)
    assert clinic
    return read_footer_code(query, desk.library.now, clinic.name, desk.library.today)


def _search(request: Request, query: str) -> tuple[list[SearchResult], int]:
    """Return the leaflets to show, and how many there are; a search counts to one more than are shown."""
    desk, clinic = desk_state(request), chosen_clinic(request)
    assert clinic
    snapshot, entries, today = desk.library.now, desk.library.manifest.files, desk.library.today
    assert snapshot.project
    if query:
        found = snapshot.index.find(
            query, clinic=clinic.name, limit=MAX_RESULTS + 1, own=chosen_phrases(request).language
        )
        hits = [(hit.leaflet, hit.language) for hit in found]
    else:
        hits = [(name, "") for name in leaflet_names(snapshot.project.library, clinic.name)]
    cards = (
        (clinic_card(snapshot, clinic.name, name, entries, today), language) for name, language in hits[:MAX_RESULTS]
    )
    return [SearchResult(each, language) for each, language in cards if each], len(hits)


def _card(request: Request, name: str) -> LeafletCard:
    desk, clinic = desk_state(request), chosen_clinic(request)
    current_library(request)
    state = desk.library
    found = clinic_card(state.now, clinic.name, name, state.manifest.files, state.today) if clinic else None
    if found is None:
        raise ProblemError("no_leaflet", HTTPStatus.NOT_FOUND)
    return found


async def leaflet_page(request: Request) -> Response:
    """Show one leaflet: its languages, formats and pages, and how to print it."""
    if chosen_clinic(request) is None:
        return RedirectResponse("/clinic", HTTPStatus.SEE_OTHER)
    shown, asked = _card(request, request.path_params["name"]), request.query_params
    say, library, clinic = chosen_phrases(request), current_library(request), chosen_clinic(request)
    assert clinic
    own = (say.language, clinic.model.language)
    language = asked.get("language") or next((each for each in own if each in shown.languages), shown.language(*own))
    pdf = shown.file(language, asked.get("format", ""), asked.get("variant", ""))
    if pdf is None:
        instead = final_successor(shown, library)
        return render_template(
            request, "closed.html", card=shown, instead=instead, language=shown.language(language, *own)
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
        pdf=pdf,
        entry=entry,
        how=how,
        fields=fields,
        packable=_packable_json(packable, say),
    )


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
    return authorised_output(request, request.path_params["path"])


async def ensure_pdf(request: Request) -> Response:
    """Build a PDF if necessary, and answer when it is finished."""
    entry = await on_demand_build.current_entry(desk_state(request).library, _requested_output(request))
    return JSONResponse({"pages": entry.pages, "sha256": entry.sha256})


async def leaflet_pdf(request: Request) -> Response:
    """Send a PDF that is up to date, to be shown or, with `save`, to be saved."""
    output_key = _requested_output(request)
    state = desk_state(request).library
    known = _TAG.fullmatch(request.headers.get("if-none-match", ""))
    entry, content = await on_demand_build.current_content(state, output_key, unless=known[1] if known else "")
    headers = {"cache-control": "private, no-cache", "etag": f'"{entry.sha256[:32]}"'}
    if content is None:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    disposition = "attachment" if "save" in request.query_params else "inline"
    headers["content-disposition"] = f"{disposition}; filename*=utf-8''{quote(_file_name(entry))}"
    return Response(content, media_type="application/pdf", headers=headers)


def _file_name(entry: ManifestEntry) -> str:
    """Return a name that identifies the PDF among downloads."""
    short = f" {entry.variant}" if entry.variant == Variant.SHORT else ""
    return f"{entry.id} {entry.title} {entry.language}{short} {entry.format}.pdf".replace("/", "-")


async def leaflet_image(request: Request) -> Response:
    """Send a page of a published PDF as an image."""
    output_key, asked = _requested_output(request), request.query_params
    state = desk_state(request).library
    entry = state.manifest.files.get(output_key.path)
    page, width = parse_page_number(asked.get("page", "1")), asked.get("width", "")
    if entry is None or page is None or width not in map(str, page_images.IMAGE_WIDTHS):
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    path = state.request.out / output_key.path
    try:
        png = await run_in_threadpool(page_images.page_image, path, entry.sha256, page, int(width))
    except (IndexError, AlteredPdfError, OSError):
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND) from None
    kept = _IMMUTABLE if asked.get("v") == entry.sha256[:12] else "private, no-cache"
    return Response(png, media_type="image/png", headers={"cache-control": kept})


ROUTES = [
    Route("/", search_page),
    Route("/leaflet/{name}", leaflet_page),
    Route("/ready/{path:path}", ensure_pdf),
    Route("/pdf/{path:path}", leaflet_pdf),
    Route("/picture/{path:path}", leaflet_image),
]
