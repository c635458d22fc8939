"""Choosing a clinic and a language, once, and signing in."""

from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pdfkit_cli.desk import security, sessions
from pdfkit_cli.desk.page import CLINIC, LANGUAGE, YEAR, ProblemError, catalogue_of, desk_of, draw
from pdfkit_cli.desk.sessions import BusyError
from pdfkit_cli.desk.words import LANGUAGES

MOST = 8
"""Fields of a form here."""

BUSY = 30
"""Seconds to wait where too many sign in at once."""


async def clinics(request: Request) -> Response:
    """Show the clinics to choose from."""
    catalogue_of(request)
    return draw(request, "clinics.html")


async def choose(request: Request) -> Response:
    """Remember a clinic or a language, and go back to where it was chosen."""
    form = await request.form(max_files=0, max_fields=MOST)
    response = RedirectResponse(_own_path(str(form.get("back", "/"))), HTTPStatus.SEE_OTHER)
    clinic, language = str(form.get(CLINIC, "")), str(form.get(LANGUAGE, ""))
    if clinic in catalogue_of(request).clinics:
        _remember(request, response, CLINIC, clinic)
    elif language in LANGUAGES:
        _remember(request, response, LANGUAGE, language)
    else:
        raise ProblemError("wrong_request")
    return response


def _remember(request: Request, response: Response, name: str, value: str, seconds: int = YEAR) -> None:
    secure = desk_of(request).settings.https or request.url.scheme == "https"
    response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=secure)


def _own_path(path: str) -> str:
    """Return a path of the desk to go to, and never another site."""
    parts = urlsplit(path)
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    return path if fine else "/"


async def sign_in(request: Request) -> Response:
    """Ask for the token, and begin a session."""
    desk = desk_of(request)
    if request.method == "GET":
        return draw(request, "sign-in.html", wrong=False)
    form = await request.form(max_files=0, max_fields=MOST)
    try:
        opens = await desk.door.opens(str(form.get("token", "")).strip(), request.client.host if request.client else "")
    except BusyError:
        raise ProblemError("busy", HTTPStatus.TOO_MANY_REQUESTS, retry_after=BUSY) from None
    if not opens:
        return draw(request, "sign-in.html", HTTPStatus.FORBIDDEN, wrong=True)
    response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    _remember(request, response, security.SESSION, desk.sessions.begin(), int(sessions.LONGEST))
    return response


async def sign_out(request: Request) -> Response:
    """End the session of this browser."""
    desk_of(request).sessions.end(request.cookies.get(security.SESSION, ""))
    response = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    response.delete_cookie(security.SESSION)
    return response


ROUTES = [
    Route("/clinic", clinics),
    Route("/choose", choose, methods=["POST"]),
    Route("/sign-in", sign_in, methods=["GET", "POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
]
