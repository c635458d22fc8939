"""The desk as a running server."""

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

from pdfkit_cli import spawning, temporary
from pdfkit_cli.desk import connections, faults
from pdfkit_cli.desk.app import create
from pdfkit_cli.desk.connections import BACKLOG, Connection, Limits
from pdfkit_cli.desk.settings import Settings
from pdfkit_cli.errors import UsageError

_M_PERTURB, _M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD = -6, -3, -1
"""mallopt(3) of glibc."""


_brief: Final = faults.Brief()


def serve(settings: Settings, started: Callable[[str], None], *, browser: bool) -> None:
    """Listen until interrupted or ended. Raises UsageError where the address cannot be listened on."""
    _keep_no_letters_in_memory()
    with _ended_in_order():
        server(settings, started, browser=browser).run()


def _keep_no_letters_in_memory() -> None:
    """Write over memory that is given back, give it back to the system soon, and never dump it."""
    spawning.forbid_core_dumps()
    with suppress(AttributeError, OSError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_PERTURB, 0x5A)
        mallopt(_M_MMAP_THRESHOLD, 1 << 17)
        mallopt(_M_TRIM_THRESHOLD, 1 << 17)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """End as after an interrupt where we are told to end, as `systemctl stop` does; no letter stays."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        temporary.clear(temporary.DESK)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def server(
    settings: Settings, started: Callable[[str], None], *, browser: bool, limits: Limits | None = None
) -> "_Server":
    """Return a server that has its address and waits to be run; `started` is told the address once it can be asked.

    There is no access log: what is searched for, and who asked, is nobody's business. Raises UsageError.
    """
    limits = limits or Limits()
    temporary.sweep(temporary.DESK)
    connections.enough_files(limits)
    listening = _listen(settings)
    port = listening.getsockname()[1]
    address = f"http://{'[' + settings.host + ']' if ':' in settings.host else settings.host}:{port}"
    config = uvicorn.Config(
        create(settings),
        http=partial(Connection, limits=limits),  # type: ignore[arg-type]
        ws="none",
        backlog=BACKLOG,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )
    logging.getLogger("uvicorn.error").addFilter(_brief)
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
        asyncio.get_running_loop().set_exception_handler(faults.of_loop)
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
