"""What every page of the desk needs: the state of the desk, the clinic and language chosen, and the templates."""

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from pdfkit_cli import __version__
from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.content.languages import typography
from pdfkit_cli.content.library import ClinicEntry, Library
from pdfkit_cli.content.models import Channel, PackMode
from pdfkit_cli.desk.bounded_queue import BoundedQueue
from pdfkit_cli.desk.i18n import LANGUAGES, Translator
from pdfkit_cli.desk.library_state import LibraryState
from pdfkit_cli.desk.sessions import SessionStore, TokenChecker
from pdfkit_cli.desk.settings import DeskSettings
from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.output.catalogue.cards import leaflet_state
from pdfkit_cli.system.phrases import FALLBACK_LANGUAGE

CLINIC_COOKIE, LANGUAGE_COOKIE = "clinic", "language"
"""The cookies that store the clinic and the language of a browser, for a year. Neither is personal."""

YEAR_SECONDS = 365 * 24 * 3600

environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
environment.globals |= {
    "own_name": typography.native_language_name,
    "language_name": typography.language_name,
    "direction": typography.text_direction,
    "day": typography.localized_date,
    "languages": LANGUAGES,
    "build_id": __version__,
}


def load_templates() -> None:
    """Read every phrase and template, so that the first request takes no longer than the others."""
    for language in LANGUAGES:
        Translator(language)
    for name in environment.list_templates():
        environment.get_template(name)


@dataclass(frozen=True, slots=True)
class DeskState:
    """The state that the routes share, in `request.app.state.desk`."""

    settings: DeskSettings
    library: LibraryState
    sessions: SessionStore
    token_checker: TokenChecker
    pack_queue: BoundedQueue
    personal_queue: BoundedQueue


class ProblemError(PdfkitError):
    """A problem that is shown in the user's language: the name of a phrase, and the values to fill in.

    `retry_after` is the number of seconds after which a retry may succeed.
    """

    def __init__(
        self, phrase: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST, *, retry_after: int = 0, **values: object
    ) -> None:
        super().__init__(phrase)
        self.phrase, self.status, self.retry_after, self.values = phrase, status, retry_after, values


def desk_state(request: Request) -> DeskState:
    """Return the state that the routes share."""
    desk: DeskState = request.app.state.desk
    return desk


def parse_page_number(text: str) -> int | None:
    """Return the page number in an address, or None: `int` would accept digits of every script, and fails for thousands of them."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def current_library(request: Request) -> Library:
    """Return the current library. Raises ProblemError if it cannot be read."""
    project = desk_state(request).library.now.project
    if project is None:
        raise ProblemError("library_broken", HTTPStatus.SERVICE_UNAVAILABLE)
    return project.library


def authorised_output(request: Request, path: str) -> OutputKey:
    """Return the PDF that a browser asks for by its path, if it may be handed out today. Raises ProblemError.

    Paths are looked up among the PDFs of the library: none from a browser reaches the disk.
    """
    library, state = current_library(request), desk_state(request).library
    output_key = state.now.output_keys.get(path)
    if output_key is None:
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    leaflet = library.leaflets.get(output_key.edition.leaflet)
    if leaflet is None or not leaflet_state(leaflet, state.today, 0).printable:
        raise ProblemError("not_printable", HTTPStatus.GONE)
    return output_key


def chosen_clinic(request: Request) -> ClinicEntry | None:
    """Return the clinic that this browser has chosen, if it exists."""
    project = desk_state(request).library.now.project
    return project.library.clinics.get(request.cookies.get(CLINIC_COOKIE, "")) if project else None


def chosen_phrases(request: Request) -> Translator:
    """Return the phrases in the chosen language, or else the clinic's, or else the browser's."""
    clinic = chosen_clinic(request)
    asked = [part.split(";")[0].strip()[:2] for part in request.headers.get("accept-language", "").split(",")]
    wanted = [request.cookies.get(LANGUAGE_COOKIE, ""), clinic.model.language if clinic else "", *asked]
    return Translator(next((language for language in wanted if language in LANGUAGES), FALLBACK_LANGUAGE))


def render_template(request: Request, template: str, status: int = HTTPStatus.OK, **values: Any) -> Response:
    """Render a template for this browser. Every template has `say`, `clinic`, `clinics`, `path`, `here` and `signed_in`."""
    say = chosen_phrases(request)
    project = desk_state(request).library.now.project
    known = {
        "say": say,
        "clinic": chosen_clinic(request),
        "clinics": project.library.clinics if project else {},
        "channels": joining_channels(project.library) if project else {},
        "path": request.url.path,
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "signed_in": bool(desk_state(request).settings.token) and not request.url.path.startswith("/sign-in"),
    }
    html = environment.get_template(template).render(known | values)
    return HTMLResponse(html, status, headers={"content-language": say.language})


def joining_channels(library: Library) -> dict[str, Channel]:
    """Return the channels that the desk can make packs for: those that take them as one file."""
    return {
        name: channel for name, channel in library.settings.channels.items() if PackMode.JOIN in channel.allowed_ways
    }


def problem_response(request: Request, phrase: str, status: int, **values: object) -> Response:
    """Return a problem as a page, or as JSON for our own script."""
    words = chosen_phrases(request)(phrase, **values)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"problem": phrase, "message": words}, status)
    findings = desk_state(request).library.now.findings if phrase == "library_broken" else ()
    return render_template(request, "problem.html", status, message=words, findings=findings)
