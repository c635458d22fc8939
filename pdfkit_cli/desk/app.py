"""The desk as an ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from pdfkit_cli import build as building
from pdfkit_cli.desk import entrance, files, health, keeper, leaflet, packing, page, personal
from pdfkit_cli.desk.library import Library
from pdfkit_cli.desk.page import Desk, ProblemError, problem, warm
from pdfkit_cli.desk.security import Guard
from pdfkit_cli.desk.sessions import Door, Sessions
from pdfkit_cli.desk.settings import Settings

ROUTES = [
    *leaflet.ROUTES,
    *packing.ROUTES,
    *personal.ROUTES,
    *keeper.ROUTES,
    *entrance.ROUTES,
    *files.ROUTES,
    *health.ROUTES,
]

_PHRASES = {
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "not_found",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
}


def create(settings: Settings) -> ASGIApp:
    """Return the application, with the library loaded and watched."""
    library = Library(building.Request(settings.library, settings.out))
    library.refresh()
    for template in page.environment.list_templates():
        page.environment.get_template(template)  # compiled now, and not while the first one waits

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await run_in_threadpool(warm)  # which also makes the threads ready
        library.watch()
        yield
        library.close()
        app.state.keeper.close()

    handlers = {ProblemError: _problem, HTTPException: _http, Exception: _our_fault}
    app = Starlette(routes=ROUTES, lifespan=lifespan, exception_handlers=handlers)  # type: ignore[arg-type]
    app.router.redirect_slashes = False  # it would name the scheme, which is another behind a reverse proxy
    door = Door(settings.token, settings.proxies)
    app.state.desk = Desk(settings, library, Sessions(), door, packing.queue(), personal.queue())
    app.state.keeper = keeper.Keeper(library)
    app.state.health = health.Health(library)
    return Guard(app, settings, app.state.desk.sessions)


async def _problem(request: Request, error: ProblemError) -> Response:
    answer = problem(request, error.phrase, error.status, **error.values)
    if error.retry_after:
        answer.headers["retry-after"] = str(error.retry_after)
    return answer


async def _http(request: Request, error: HTTPException) -> Response:
    return problem(request, _PHRASES.get(HTTPStatus(error.status_code), "wrong_request"), error.status_code)


async def _our_fault(request: Request, error: Exception) -> Response:
    return problem(request, "our_fault", HTTPStatus.INTERNAL_SERVER_ERROR)
