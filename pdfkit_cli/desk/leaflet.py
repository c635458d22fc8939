"""Finding a leaflet, looking at it, and printing it."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from pdfkit_cli.desk import making, personal, pictures
from pdfkit_cli.desk.cards import Card, card, duplex, names, successor
from pdfkit_cli.desk.offers import printable
from pdfkit_cli.desk.page import ProblemError, catalogue_of, clinic_of, desk_of, draw, number_of, words_of
from pdfkit_cli.desk.sheet import Sheet, read
from pdfkit_cli.editions import Printing
from pdfkit_cli.intact import DamagedError
from pdfkit_cli.manifest import Entry
from pdfkit_cli.models import Variant

MOST = 20
"""Leaflets on one page of results: the right one is among the first."""

_TAG = re.compile('"([0-9a-f]{32})"')
"""How a browser names a PDF that it has: the beginning of its SHA-256."""

_IMMUTABLE = "private, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Found:
    """A leaflet that was found, and the language that its words were found in."""

    card: Card
    language: str


async def home(request: Request) -> Response:
    """Show the search with what it finds; without a question, every leaflet of the clinic."""
    catalogue_of(request)
    if clinic_of(request) is None:
        return RedirectResponse("/clinic", HTTPStatus.SEE_OTHER)
    query = request.query_params.get("q", "").strip()[:200]
    sheet = await run_in_threadpool(_sheet, request, query)
    found, count = ([], 0) if sheet else await run_in_threadpool(_found, request, query)
    return draw(request, "home.html", query=query, sheet=sheet, found=found, count=count, more=count > MOST)


def _sheet(request: Request, query: str) -> Sheet | None:
    desk, clinic = desk_of(request), clinic_of(request)
    assert clinic
    return read(query, desk.library.now, clinic.name, desk.library.today)


def _found(request: Request, query: str) -> tuple[list[Found], int]:
    """Return the first of the leaflets that are found, and how many there are; of a search, one more than are shown is many."""
    desk, clinic = desk_of(request), clinic_of(request)
    assert clinic
    snapshot, entries, today = desk.library.now, desk.library.manifest.files, desk.library.today
    assert snapshot.workshop
    if query:
        found = snapshot.index.find(query, clinic=clinic.name, limit=MOST + 1, own=words_of(request).language)
        hits = [(hit.leaflet, hit.language) for hit in found]
    else:
        hits = [(name, "") for name in names(snapshot.workshop.library, clinic.name)]
    cards = ((card(snapshot, clinic.name, name, entries, today), language) for name, language in hits[:MOST])
    return [Found(each, language) for each, language in cards if each], len(hits)


def _card(request: Request, name: str) -> Card:
    desk, clinic = desk_of(request), clinic_of(request)
    catalogue_of(request)
    library = desk.library
    found = card(library.now, clinic.name, name, library.manifest.files, library.today) if clinic else None
    if found is None:
        raise ProblemError("no_leaflet", HTTPStatus.NOT_FOUND)
    return found


async def leaflet(request: Request) -> Response:
    """Show one leaflet: its languages and formats to choose, every page, and how to print it."""
    if clinic_of(request) is None:
        return RedirectResponse("/clinic", HTTPStatus.SEE_OTHER)
    shown, asked = _card(request, request.path_params["name"]), request.query_params
    say, catalogue, clinic = words_of(request), catalogue_of(request), clinic_of(request)
    assert clinic
    own = (say.language, clinic.model.language)
    language = asked.get("language") or next((each for each in own if each in shown.languages), shown.language(*own))
    offer = shown.offer(language, asked.get("format", ""), asked.get("variant", ""))
    if offer is None:
        instead = successor(shown, catalogue)
        return draw(request, "closed.html", card=shown, instead=instead, language=shown.language(language, *own))
    library = desk_of(request).library
    entry = await run_in_threadpool(library.current, library.now.offers[offer.path])
    workshop = library.now.workshop
    assert workshop
    formats = workshop.layouts.formats
    how = {each.format: duplex(each.format, formats) for each in shown.offers}
    fields = personal.asked(catalogue, library.now.offers[offer.path], say.language) if entry else ()
    return draw(request, "leaflet.html", card=shown, offer=offer, entry=entry, how=how, formats=formats, fields=fields)


def _printing(request: Request) -> Printing:
    return printable(request, request.path_params["path"])


async def ready(request: Request) -> Response:
    """Build a PDF where it has to be, and say that it is there."""
    entry = await making.current(desk_of(request).library, _printing(request))
    return JSONResponse({"pages": entry.pages, "sha256": entry.sha256})


async def pdf(request: Request) -> Response:
    """Send a PDF that says what the library says now, to be shown or, with `save`, to be kept."""
    printing = _printing(request)
    library = desk_of(request).library
    known = _TAG.fullmatch(request.headers.get("if-none-match", ""))
    entry, content = await making.content(library, printing, unless=known[1] if known else "")
    headers = {"cache-control": "private, no-cache", "etag": f'"{entry.sha256[:32]}"'}
    if content is None:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    disposition = "attachment" if "save" in request.query_params else "inline"
    headers["content-disposition"] = f"{disposition}; filename*=utf-8''{quote(_file_name(entry))}"
    return Response(content, media_type="application/pdf", headers=headers)


def _file_name(entry: Entry) -> str:
    """Return a name that says what it is in a folder of downloads."""
    short = f" {entry.variant}" if entry.variant == Variant.SHORT else ""
    return f"{entry.id} {entry.title} {entry.language}{short} {entry.format}.pdf".replace("/", "-")


async def picture(request: Request) -> Response:
    """Send a page of a built PDF as a picture."""
    printing, asked = _printing(request), request.query_params
    library = desk_of(request).library
    entry = library.manifest.files.get(printing.path)
    page, width = number_of(asked.get("page", "1")), asked.get("width", "")
    if entry is None or page is None or width not in map(str, pictures.WIDTHS):
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    path = library.request.out / printing.path
    try:
        png = await run_in_threadpool(pictures.picture, path, entry.sha256, page, int(width))
    except (IndexError, DamagedError, OSError):
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND) from None
    kept = _IMMUTABLE if asked.get("v") == entry.sha256[:12] else "private, no-cache"
    return Response(png, media_type="image/png", headers={"cache-control": kept})


ROUTES = [
    Route("/", home),
    Route("/leaflet/{name}", leaflet),
    Route("/ready/{path:path}", ready),
    Route("/pdf/{path:path}", pdf),
    Route("/picture/{path:path}", picture),
]
