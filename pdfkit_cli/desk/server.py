"""The server of the desk."""

import asyncio
import ctypes
import logging
import signal
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType
from typing import Final, NoReturn

import uvicorn

from pdfkit_cli.desk import connections, fault_log
from pdfkit_cli.desk.app import create_app
from pdfkit_cli.desk.connections import BACKLOG, BrowserConnection, ConnectionLimits
from pdfkit_cli.desk.settings import DeskSettings
from pdfkit_cli.errors import UsageError
from pdfkit_cli.system import core_dumps, temporary

_M_PERTURB, _M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD = -6, -3, -1
"""mallopt(3) of glibc."""


_brief: Final = fault_log.TracebackFilter()


def run_server(settings: DeskSettings, started: Callable[[str], None], *, browser: bool) -> None:
    """Serve until interrupted or terminated. Raises UsageError if the address cannot be used."""
    _clear_freed_memory()
    with _graceful_shutdown():
        make_server(settings, started, browser=browser).run()


def _clear_freed_memory() -> None:
    """Overwrite freed memory, return it to the system soon, and never dump core."""
    core_dumps.forbid()
    with suppress(AttributeError, OSError):  # not glibc
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_PERTURB, 0x5A)
        mallopt(_M_MMAP_THRESHOLD, 1 << 17)
        mallopt(_M_TRIM_THRESHOLD, 1 << 17)


@contextmanager
def _graceful_shutdown() -> Iterator[None]:
    """Shut down on SIGTERM (`systemctl stop`) as on an interrupt; no letter is left."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _on_terminate)
    try:
        yield
    finally:
        temporary.remove_folders(temporary.DESK_PREFIX)


def _on_terminate(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def make_server(
    settings: DeskSettings, started: Callable[[str], None], *, browser: bool, limits: ConnectionLimits | None = None
) -> "_Server":
    """Return a server that is bound to its address; `started` is called with the address once it answers.

    There is no access log, since it would record who searched for what. Raises UsageError.
    """
    limits = limits or ConnectionLimits()
    temporary.remove_stale_folders(temporary.DESK_PREFIX)
    connections.raise_open_file_limit(limits)
    listening = _listen(settings)
    port = listening.getsockname()[1]
    address = f"http://{'[' + settings.host + ']' if ':' in settings.host else settings.host}:{port}"
    config = uvicorn.Config(
        create_app(settings),
        http=partial(BrowserConnection, limits=limits),  # type: ignore[arg-type]
        ws="none",
        backlog=BACKLOG,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )
    logging.getLogger("uvicorn.error").addFilter(_brief)
    return _Server(config, listening, lambda: _announce(address, started, browser=browser))


class _Server(uvicorn.Server):
    """Has its socket from the beginning, and calls back when it answers."""

    def __init__(self, config: uvicorn.Config, listening: socket.socket, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening, self._ready = listening, ready

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        with self._listening:
            super().run(sockets or [self._listening])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().set_exception_handler(fault_log.handle_loop_error)
        await super().startup(sockets)
        if self.started:
            await asyncio.to_thread(self._ready)


def _announce(address: str, started: Callable[[str], None], *, browser: bool) -> None:
    started(address)
    if browser:
        webbrowser.open(address)


def _listen(settings: DeskSettings) -> socket.socket:
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
