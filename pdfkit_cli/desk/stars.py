"""The leaflets that somebody has starred: kept in a cookie of the browser, for each clinic, and nowhere else."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pdfkit_cli.desk.sign_in import MAX_FORM_FIELDS
from pdfkit_cli.desk.templating import YEAR_SECONDS, ProblemError, desk_state, own_path, requested_clinic

STARS_COOKIE = "stars"

MAX_STARS = 50
"""Stars of one clinic: their names must fit into a cookie, which has 4 kB."""


def starred(request: Request) -> tuple[str, ...]:
    """Return the names of the leaflets that are starred in this browser, the latest first."""
    return tuple(name for name in request.cookies.get(STARS_COOKIE, "").split(".") if name)[:MAX_STARS]


async def choose_star(request: Request) -> Response:
    """Star a leaflet, or take its star away, and return to where that was chosen. Raises ProblemError."""
    clinic = requested_clinic(request)
    form = await request.form(max_files=0, max_fields=MAX_FORM_FIELDS)
    name = str(form.get("leaflet", ""))
    if name not in clinic.model.hands_out:
        raise ProblemError("no_leaflet", HTTPStatus.NOT_FOUND)
    before = tuple(each for each in starred(request) if each in clinic.model.hands_out)
    now = tuple(each for each in before if each != name) if name in before else (name, *before)
    response = RedirectResponse(own_path(str(form.get("back", "/"))), HTTPStatus.SEE_OTHER)
    secure = desk_state(request).settings.https or request.url.scheme == "https"
    response.set_cookie(
        STARS_COOKIE,
        ".".join(now[:MAX_STARS]),
        max_age=YEAR_SECONDS,
        path=f"/{clinic.name}/",
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    return response


ROUTES = [Route("/{clinic}/star", choose_star, methods=["POST"])]
