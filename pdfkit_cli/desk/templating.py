"""What every page of the desk needs: the state of the desk, the clinic and language chosen, and the templates."""

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from pdfkit_cli import __version__
from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.content.language_files import known_language
from pdfkit_cli.content.languages.typography import localized_date
from pdfkit_cli.content.library import ClinicEntry, Library
from pdfkit_cli.content.models import Channel, Format, PackMode
from pdfkit_cli.desk.addresses import clinic_in_path, file_address
from pdfkit_cli.desk.bounded_queue import BoundedQueue
from pdfkit_cli.desk.cards import missing_clinics, state_now
from pdfkit_cli.desk.i18n import LANGUAGES, Translator
from pdfkit_cli.desk.library_state import LibraryState
from pdfkit_cli.desk.sessions import SessionStore, TokenChecker
from pdfkit_cli.desk.settings import DeskSettings
from pdfkit_cli.desk.usage import UsageCounts
from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.system.phrases import FALLBACK_LANGUAGE

CLINIC_COOKIE, LANGUAGE_COOKIE = "clinic", "language"
"""The cookies that store the usual clinic and the language of a browser, for a year. Neither is personal."""

BATCH_COOKIE = "batch"
"""The cookie that stores the list for the waiting room of a browser, for each clinic."""

YEAR_SECONDS = 365 * 24 * 3600


def staff_can_read(language: str) -> bool:
    """Return whether staff know a language by its name in that language: not those of other letters, nor Soomaali and Shqip."""
    return language in LANGUAGES


def staff_name(code: str, spoken: str) -> str:
    """Return what staff who read `spoken` call a language, where there can be no markup: arabisk · العربية."""
    known = known_language(code)
    return known.own_name if staff_can_read(code) else f"{known.name_in(spoken)} · {known.own_name}"


environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
environment.globals |= {
    "own_name": lambda code: known_language(code).own_name,
    "language_name": lambda code, spoken: known_language(code).name_in(spoken),
    "staff_can_read": staff_can_read,
    "staff_name": staff_name,
    "direction": lambda code: known_language(code).direction,
    "file_address": file_address,
    "day": lambda value, code: localized_date(value, known_language(code)),
    "languages": LANGUAGES,
    "build_id": __version__,
}


def own_path(path: str) -> str:
    """Return a path of the desk to go to, never another site."""
    parts = urlsplit(path)
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    return path if fine else "/"


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
    usage: UsageCounts


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
    if leaflet is None or not state_now(library, leaflet, state.today).printable:
        raise ProblemError("not_printable", HTTPStatus.GONE)
    return output_key


def _known_clinic(request: Request, name: str) -> ClinicEntry | None:
    project = desk_state(request).library.now.project
    return project.library.clinics.get(name) if project else None


def requested_format(request: Request, output_key: OutputKey) -> Format:
    """Return the format of a PDF that may be handed out. Raises ProblemError."""
    project = desk_state(request).library.now.project
    if project is None:
        raise ProblemError("library_broken", HTTPStatus.SERVICE_UNAVAILABLE)
    return project.layouts.formats[output_key.format]


def _clinic_in_address(request: Request) -> ClinicEntry | None:
    return _known_clinic(request, clinic_in_path(request.scope["path"]))


def remembered_clinic(request: Request) -> ClinicEntry | None:
    """Return the clinic that was chosen last in this browser, if it exists: only where an address has none."""
    return _known_clinic(request, request.cookies.get(CLINIC_COOKIE, ""))


def requested_clinic(request: Request) -> ClinicEntry:
    """Return the clinic in the address. Raises ProblemError if there is no such clinic, or no library."""
    name = clinic_in_path(request.scope["path"])
    clinic = current_library(request).clinics.get(name)
    if clinic is None:
        raise ProblemError("no_clinic" if name else "not_found", HTTPStatus.NOT_FOUND, clinic=name[:80])
    return clinic


def batch_files(request: Request) -> tuple[str, ...]:
    """Return the list for the waiting room: the names of files of the clinic, in their order."""
    return tuple(name for name in request.cookies.get(BATCH_COOKIE, "").split("|") if name)


def clinic_base(request: Request) -> str:
    """Return how the addresses of the same clinic begin, such as `/north`; empty without a clinic."""
    clinic = _clinic_in_address(request)
    return f"/{clinic.name}" if clinic else ""


def chosen_phrases(request: Request) -> Translator:
    """Return the phrases in the chosen language, or else the clinic's, or else the browser's."""
    clinic = _clinic_in_address(request) or remembered_clinic(request)
    asked = [part.split(";")[0].strip()[:2] for part in request.headers.get("accept-language", "").split(",")]
    wanted = [request.cookies.get(LANGUAGE_COOKIE, ""), clinic.model.language if clinic else "", *asked]
    return Translator(next((language for language in wanted if language in LANGUAGES), FALLBACK_LANGUAGE))


def render_template(request: Request, template: str, status: int = HTTPStatus.OK, **values: Any) -> Response:
    """Render a template for this browser.

    Every template has `say`, `clinic` (that of the address, or None), `base` (how the addresses of that clinic begin),
    `clinics`, `maintainer`, `batch_count`, `path`, `here` and `signed_in`.
    """
    say = chosen_phrases(request)
    project, clinic = desk_state(request).library.now.project, _clinic_in_address(request)
    known = {
        "say": say,
        "clinic": clinic,
        "clinic_held": bool(project and clinic and clinic.source.name in project.library.held),
        "missing_clinics": missing_clinics(project.library) if project else (),
        "base": clinic_base(request),
        "clinics": project.library.clinics if project else {},
        "maintainer": project.library.settings.maintainer if project else None,
        "batch_count": len(batch_files(request)),
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
    if phrase == "no_clinic":
        return render_template(request, "clinics.html", status, problem=words, remembered=remembered_clinic(request))
    findings = desk_state(request).library.now.findings if phrase == "library_broken" else ()
    return render_template(request, "problem.html", status, message=words, findings=findings)
