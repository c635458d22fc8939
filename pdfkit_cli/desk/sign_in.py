"""Choose a clinic and a language, and sign in."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pdfkit_cli.desk import security, sessions
from pdfkit_cli.desk.i18n import LANGUAGES
from pdfkit_cli.desk.sessions import SignInBusyError
from pdfkit_cli.desk.templating import (
    CLINIC_COOKIE,
    LANGUAGE_COOKIE,
    YEAR_SECONDS,
    ProblemError,
    current_library,
    desk_state,
    own_path,
    remembered_clinic,
    render_template,
)

MAX_FORM_FIELDS = 8
"""Greatest number of fields in a form."""

RETRY_AFTER = 30
"""Seconds to wait if too many sign in at once."""


async def clinics_page(request: Request) -> Response:
    """Show the clinics to choose from."""
    current_library(request)
    return render_template(request, "clinics.html", problem="", remembered=remembered_clinic(request))


async def choose_clinic(request: Request) -> Response:
    """Remember a clinic and go to it, or a language and return to the page where it was chosen."""
    form = await request.form(max_files=0, max_fields=MAX_FORM_FIELDS)
    clinic, language = str(form.get(CLINIC_COOKIE, "")), str(form.get(LANGUAGE_COOKIE, ""))
    if clinic in current_library(request).clinics:
        response = RedirectResponse(f"/{clinic}/", HTTPStatus.SEE_OTHER)
        _remember(request, response, CLINIC_COOKIE, clinic)
    elif language in LANGUAGES:
        response = RedirectResponse(own_path(str(form.get("back", "/"))), HTTPStatus.SEE_OTHER)
        _remember(request, response, LANGUAGE_COOKIE, language)
    else:
        raise ProblemError("wrong_request")
    return response


def _remember(request: Request, response: Response, name: str, value: str, seconds: int = YEAR_SECONDS) -> None:
    secure = desk_state(request).settings.https or request.url.scheme == "https"
    response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=secure)


async def sign_in_page(request: Request) -> Response:
    """Ask for the token, and start a session."""
    desk = desk_state(request)
    if request.method == "GET":
        return render_template(request, "sign-in.html", wrong=False)
    form = await request.form(max_files=0, max_fields=MAX_FORM_FIELDS)
    try:
        opens = await desk.token_checker.opens(
            str(form.get("token", "")).strip(), request.client.host if request.client else ""
        )
    except SignInBusyError:
        raise ProblemError("busy", HTTPStatus.TOO_MANY_REQUESTS, retry_after=RETRY_AFTER) from None
    if not opens:
        return render_template(request, "sign-in.html", HTTPStatus.FORBIDDEN, wrong=True)
    response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    _remember(request, response, security.SESSION_COOKIE, desk.sessions.begin(), int(sessions.MAX_SESSION_SECONDS))
    return response


async def sign_out(request: Request) -> Response:
    """End the session of this browser."""
    desk_state(request).sessions.end(request.cookies.get(security.SESSION_COOKIE, ""))
    response = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    response.delete_cookie(security.SESSION_COOKIE)
    return response


ROUTES = [
    Route("/clinic", clinics_page),
    Route("/choose", choose_clinic, methods=["POST"]),
    Route("/sign-in", sign_in_page, methods=["GET", "POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
]
