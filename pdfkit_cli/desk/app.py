"""The desk as an ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pdfkit_cli.build import pipeline
from pdfkit_cli.desk import (
    batch_views,
    clinic_views,
    health,
    issue_views,
    keeper,
    leaflet_views,
    letter_views,
    on_demand_build,
    pack_printing,
    pack_views,
    personal_views,
    press_room,
    printer_views,
    review_views,
    search_views,
    sign_in,
    stars,
    static_files,
    templating,
    translation_views,
)
from pdfkit_cli.desk.library_state import LibraryState
from pdfkit_cli.desk.security import RequestGuard
from pdfkit_cli.desk.sessions import SessionStore, TokenChecker
from pdfkit_cli.desk.settings import DeskSettings
from pdfkit_cli.desk.templating import DeskState, ProblemError, problem_response
from pdfkit_cli.desk.usage import UsageCounts

ROUTES = [
    *keeper.ROUTES,
    *review_views.ROUTES,
    *clinic_views.ROUTES,
    *translation_views.ROUTES,
    *sign_in.ROUTES,
    *static_files.ROUTES,
    *health.ROUTES,
    *pack_views.ROUTES,
    *pack_printing.ROUTES,
    *letter_views.ROUTES,
    *personal_views.ROUTES,
    *printer_views.ROUTES,
    *batch_views.ROUTES,
    *stars.ROUTES,
    *search_views.ROUTES,
    *issue_views.ROUTES,
    *leaflet_views.ROUTES,
]
"""Addresses that begin with a clinic come after the others (`addresses.RESERVED_NAMES`)."""

_PHRASES = {
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "not_found",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
}


def create_app(settings: DeskSettings) -> RequestGuard:
    """Return the application, with the library loaded and watched."""
    library = LibraryState(pipeline.BuildRequest(settings.library, settings.out))
    library.refresh()
    templating.load_templates()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        library.watch(partial(on_demand_build.start_worker, library))
        yield
        library.close()
        app.state.keeper.close()

    handlers = {ProblemError: _problem_response, HTTPException: _http_error_response, Exception: _crash_response}
    app = Starlette(routes=ROUTES, lifespan=lifespan, exception_handlers=handlers)  # type: ignore[arg-type]
    app.router.redirect_slashes = False  # it would state the scheme, which differs behind a reverse proxy
    token_checker = TokenChecker(settings.token, settings.proxies)
    app.state.desk = DeskState(
        settings,
        library,
        SessionStore(),
        token_checker,
        pack_views.pack_queue(),
        personal_views.personal_queue(),
        UsageCounts(settings.out),
    )
    app.state.keeper = keeper.KeeperState(library)
    app.state.read_pages = review_views.ReadPages()
    app.state.translations = translation_views.TranslationState()
    app.state.press_room = press_room.PressRoom()
    app.state.health = health.HealthCheck(library)
    return RequestGuard(app, settings, app.state.desk.sessions)


async def _problem_response(request: Request, error: ProblemError) -> Response:
    answer = problem_response(request, error.phrase, error.status, **error.values)
    if error.retry_after:
        answer.headers["retry-after"] = str(error.retry_after)
    return answer


async def _http_error_response(request: Request, error: HTTPException) -> Response:
    return problem_response(request, _PHRASES.get(HTTPStatus(error.status_code), "wrong_request"), error.status_code)


async def _crash_response(request: Request, error: Exception) -> Response:
    return problem_response(request, "our_fault", HTTPStatus.INTERNAL_SERVER_ERROR)
