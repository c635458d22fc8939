"""What every page of the desk is drawn with: its words, the clinic that is working here, and how."""

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from pdfkit_cli import __version__, typography
from pdfkit_cli.catalogue import Catalogue, ClinicEntry
from pdfkit_cli.desk.library import Library
from pdfkit_cli.desk.queueing import Queue
from pdfkit_cli.desk.sessions import Door, Sessions
from pdfkit_cli.desk.settings import Settings
from pdfkit_cli.desk.words import FALLBACK, LANGUAGES, Words, phrases
from pdfkit_cli.errors import PdfkitError

CLINIC, LANGUAGE = "clinic", "language"
"""The cookies in which a browser remembers its clinic and its language, for a year. Neither is personal."""

YEAR = 365 * 24 * 3600

environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
environment.globals |= {
    "own_name": typography.own_name,
    "language_name": typography.language_name,
    "direction": typography.direction,
    "day": typography.day,
    "languages": LANGUAGES,
    "build_id": __version__,
}


def warm() -> None:
    """Read every phrase and template, so that the first one who asks waits no longer than the others."""
    for language in LANGUAGES:
        phrases(language)
    for name in environment.list_templates():
        environment.get_template(name)


@dataclass(frozen=True, slots=True)
class Desk:
    """What the routes share; `request.app.state.desk`."""

    settings: Settings
    library: Library
    sessions: Sessions
    door: Door
    packing: Queue
    filling: Queue


class ProblemError(PdfkitError):
    """Something that the one at the desk is told in her language: the name of a phrase, and what to fill in.

    `retry_after` are the seconds after which it may be different.
    """

    def __init__(
        self, phrase: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST, *, retry_after: int = 0, **values: object
    ) -> None:
        super().__init__(phrase)
        self.phrase, self.status, self.retry_after, self.values = phrase, status, retry_after, values


def desk_of(request: Request) -> Desk:
    """Return what the routes share."""
    desk: Desk = request.app.state.desk
    return desk


def number_of(text: str) -> int | None:
    """Return the number of a page in an address; None for what cannot be one: `int` takes digits of every script, and fails for thousands of them."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def catalogue_of(request: Request) -> Catalogue:
    """Return the library as it is now. Raises ProblemError where it cannot be read."""
    workshop = desk_of(request).library.now.workshop
    if workshop is None:
        raise ProblemError("library_broken", HTTPStatus.SERVICE_UNAVAILABLE)
    return workshop.library


def clinic_of(request: Request) -> ClinicEntry | None:
    """Return the clinic that this browser has chosen, if it is there."""
    workshop = desk_of(request).library.now.workshop
    return workshop.library.clinics.get(request.cookies.get(CLINIC, "")) if workshop else None


def words_of(request: Request) -> Words:
    """Return the phrases in the language chosen, or else in the clinic's, or else in the browser's."""
    clinic = clinic_of(request)
    asked = [part.split(";")[0].strip()[:2] for part in request.headers.get("accept-language", "").split(",")]
    wanted = [request.cookies.get(LANGUAGE, ""), clinic.model.language if clinic else "", *asked]
    return Words(next((language for language in wanted if language in LANGUAGES), FALLBACK))


def draw(request: Request, template: str, status: int = HTTPStatus.OK, **values: Any) -> Response:
    """Draw a template for this browser. Every template knows `say`, `clinic`, `clinics`, `path` and `fragment`."""
    say = words_of(request)
    workshop = desk_of(request).library.now.workshop
    known = {
        "say": say,
        "clinic": clinic_of(request),
        "clinics": workshop.library.clinics if workshop else {},
        "path": request.url.path,
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "signed_in": bool(desk_of(request).settings.token) and not request.url.path.startswith("/sign-in"),
    }
    html = environment.get_template(template).render(known | values)
    return HTMLResponse(html, status, headers={"content-language": say.language})


def problem(request: Request, phrase: str, status: int, **values: object) -> Response:
    """Say a problem: as a page, or as JSON to our own script."""
    words = words_of(request)(phrase, **values)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"problem": phrase, "message": words}, status)
    findings = desk_of(request).library.now.findings if phrase == "library_broken" else ()
    return draw(request, "problem.html", status, message=words, findings=findings)
