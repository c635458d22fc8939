"""The desk as an ASGI application."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pdfkit_cli import build as building
from pdfkit_cli.desk import entrance, files, keeper, leaflet, packing, page, personal
from pdfkit_cli.desk.library import Library
from pdfkit_cli.desk.page import Desk, ProblemError, problem, warm
from pdfkit_cli.desk.security import Guard
from pdfkit_cli.desk.settings import Settings

log = logging.getLogger("pdfkit.desk")

ROUTES = [*leaflet.ROUTES, *packing.ROUTES, *personal.ROUTES, *keeper.ROUTES, *entrance.ROUTES, *files.ROUTES]

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
    app.state.desk = Desk(settings, library)
    app.state.keeper = keeper.Keeper(library)
    return Guard(_Quiet(app), settings)


async def _problem(request: Request, error: ProblemError) -> Response:
    return problem(request, error.phrase, error.status, **error.values)


async def _http(request: Request, error: HTTPException) -> Response:
    return problem(request, _PHRASES.get(HTTPStatus(error.status_code), "wrong_request"), error.status_code)


async def _our_fault(request: Request, error: Exception) -> Response:
    return problem(request, "our_fault", HTTPStatus.INTERNAL_SERVER_ERROR)


class _Quiet:
    """Logs a fault of ours by its kind and its place: its message might hold something of a letter."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            log.error("%s %s", type(error).__name__, _place(error))


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
