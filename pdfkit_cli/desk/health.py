"""The health check of the desk, for monitoring."""

from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from pdfkit_cli.desk import isolated_task
from pdfkit_cli.desk.async_cache import AsyncCache
from pdfkit_cli.desk.library_state import LibraryState
from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.packs import attaching

WORKER_START_TIMEOUT: Final = 20.0
"""Seconds in which a worker must start and answer."""


class HealthCheck:
    """Checks that the library is watched and can be read, and, once a minute, that a worker for packs starts."""

    def __init__(self, library: LibraryState) -> None:
        self._library = library
        self._workers: AsyncCache[bool] = AsyncCache(1)

    async def trouble(self) -> str:
        """Return what does not work; empty if all does."""
        if not self._library.alive:
            return "the library cannot be read"
        return "" if await self._workers.get("workers", self._works) else "no worker starts, so no pack can be made"

    def _works(self) -> bool:
        try:
            return isolated_task.probe_worker(attaching.init_worker, WORKER_START_TIMEOUT, self._library.ended.is_set)
        except PdfkitError:
            return False


async def health_status(request: Request) -> Response:
    """Answer 200 if all works, else 503 with the reason."""
    state: HealthCheck = request.app.state.health
    trouble = await state.trouble()
    status = HTTPStatus.SERVICE_UNAVAILABLE if trouble else HTTPStatus.OK
    return PlainTextResponse(f"{trouble or 'ok'}\n", status)


ROUTES = [Route("/health", health_status)]
