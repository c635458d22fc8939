"""Choosing a clinic and a language, once, and signing in."""

import asyncio
import hmac
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pdfkit_cli.desk import security
from pdfkit_cli.desk.page import CLINIC, LANGUAGE, YEAR, ProblemError, catalogue_of, desk_of, draw
from pdfkit_cli.desk.words import LANGUAGES

GUESS = 1.0
"""Seconds that a wrong token costs."""


async def clinics(request: Request) -> Response:
    """Show the clinics to choose from."""
    catalogue_of(request)
    return draw(request, "clinics.html")


async def choose(request: Request) -> Response:
    """Remember a clinic or a language, and go back to where it was chosen."""
    form = await request.form()
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
    secure = request.url.scheme == "https"
    response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=secure)


def _own_path(path: str) -> str:
    """Return a path of the desk to go to, and never another site."""
    parts = urlsplit(path)
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    return path if fine else "/"


async def sign_in(request: Request) -> Response:
    """Ask for the token, once."""
    token = desk_of(request).settings.token
    if request.method == "GET":
        return draw(request, "sign-in.html", wrong=False)
    given = str((await request.form()).get("token", "")).strip()
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        await asyncio.sleep(GUESS)
        return draw(request, "sign-in.html", HTTPStatus.FORBIDDEN, wrong=True)
    response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    _remember(request, response, security.SESSION, security.session(token))
    return response


ROUTES = [
    Route("/clinic", clinics),
    Route("/choose", choose, methods=["POST"]),
    Route("/sign-in", sign_in, methods=["GET", "POST"]),
]
