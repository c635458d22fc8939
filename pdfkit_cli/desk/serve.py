"""The desk as a running server."""

import asyncio
import socket
import webbrowser
from collections.abc import Callable

import uvicorn

from pdfkit_cli.desk.app import create
from pdfkit_cli.desk.settings import Settings
from pdfkit_cli.errors import UsageError


def serve(settings: Settings, started: Callable[[str], None], *, browser: bool) -> None:
    """Listen until interrupted. Raises UsageError where the address cannot be listened on."""
    server(settings, started, browser=browser).run()


def server(settings: Settings, started: Callable[[str], None], *, browser: bool) -> "_Server":
    """Return a server that has its address and waits to be run; `started` is told the address once it can be asked.

    There is no access log: what is searched for, and who asked, is nobody's business. Raises UsageError.
    """
    listening = _listen(settings)
    port = listening.getsockname()[1]
    address = f"http://{'[' + settings.host + ']' if ':' in settings.host else settings.host}:{port}"
    config = uvicorn.Config(
        create(settings),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )
    return _Server(config, listening, lambda: _tell(address, started, browser=browser))


class _Server(uvicorn.Server):
    """Has its address from the beginning, and says when it can be asked."""

    def __init__(self, config: uvicorn.Config, listening: socket.socket, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening, self._ready = listening, ready

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        with self._listening:
            super().run(sockets or [self._listening])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            await asyncio.to_thread(self._ready)


def _tell(address: str, started: Callable[[str], None], *, browser: bool) -> None:
    started(address)
    if browser:
        webbrowser.open(address)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        raise UsageError(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror or error}",
            hint="is the desk already open? else name another with --port",
        ) from None
    return listening
