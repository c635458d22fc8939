"""Limits on connections: how many there may be, and how long one may keep the desk waiting.

uvicorn waits indefinitely for the rest of a header or a body, and accepts connections until the system has no more.
Here the connection that has kept us waiting longest makes room for a new one, so that idle connections never lock others out.
"""

import asyncio
import resource
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from pdfkit_cli.desk.security import ENCODED_HEADERS

BACKLOG: Final = 64
"""Connections that are accepted at once: a few times as many may be open before the first is counted."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Seconds for a browser to send a header, to send a body, and to accept part of a response; and the number of connections."""

    header: float = 10.0
    body: float = 60.0
    answer: float = 60.0
    connections: int = 400


class WaitState(Enum):
    """What the desk is waiting for."""

    HEADER = auto()
    BODY = auto()
    ANSWER = auto()
    """The browser does not accept more of a response."""

    OURS = auto()


class BrowserConnection(H11Protocol):
    """A connection with limits."""

    def __init__(self, *arguments: Any, limits: ConnectionLimits, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._limits, self._turn = limits, WaitState.OURS
        self._timer: asyncio.TimerHandle | None = None
        self._since, self._unsent = 0.0, 0

    # What asyncio and uvicorn call

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._settle()
        if len(self.connections) > self._limits.connections:
            one = connection_to_drop(each for each in self.connections if isinstance(each, BrowserConnection))
            if one:
                one.drop()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._wait(WaitState.OURS)

    def data_received(self, data: bytes) -> None:
        with self._no_traceback():
            super().data_received(data)

    def on_response_complete(self) -> None:
        with self._no_traceback():
            super().on_response_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._settle()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._settle()

    def timeout_keep_alive_handler(self) -> None:
        with self._no_traceback():
            super().timeout_keep_alive_handler()

    def shutdown(self) -> None:
        with self._no_traceback():
            super().shutdown()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP, and drop the part of a body that has been read."""
        if self.cycle:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        headers = [*ENCODED_HEADERS, (b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
        for event in (h11.Response(status_code=400, headers=headers), h11.Data(data=msg.encode()), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    # Limits

    @property
    def waits(self) -> bool:
        """Whether the desk waits for the browser."""
        return self._turn is not WaitState.OURS

    @property
    def since(self) -> float:
        """Since when the desk waits."""
        return self._since

    @property
    def address(self) -> str:
        """The address of the browser, or of its reverse proxy."""
        return self.client[0] if self.client else ""

    def drop(self) -> None:
        """Close it at once, and stop counting it."""
        self.connections.discard(self)
        self._wait(WaitState.OURS)
        self.transport.abort()

    @contextmanager
    def _no_traceback(self) -> Iterator[None]:
        """Close the connection on a violation of HTTP, without a traceback; otherwise update whose turn it is."""
        try:
            yield
        except BaseException as error:
            self.drop()
            if not isinstance(error, h11.ProtocolError):
                raise
        else:
            self._settle()

    def _settle(self) -> None:
        turn = self._whose_turn()
        if turn is not self._turn:
            self._wait(turn)

    def _whose_turn(self) -> WaitState:
        if self.flow.write_paused:
            return WaitState.ANSWER
        if self.cycle is None or self.cycle.response_complete:
            return WaitState.HEADER  # of the next request; or the rest of a body that is not needed
        return WaitState.BODY if self.conn.their_state is h11.SEND_BODY else WaitState.OURS

    def _wait(self, turn: WaitState) -> None:
        if self._timer:
            self._timer.cancel()
        self._turn, self._timer, self._since = turn, None, self.loop.time()
        seconds = {
            WaitState.HEADER: self._limits.header,
            WaitState.BODY: self._limits.body,
            WaitState.ANSWER: self._limits.answer,
        }
        if turn in seconds:
            self._unsent = self.transport.get_write_buffer_size()
            self._timer = self.loop.call_later(seconds[turn], self._late)

    def _late(self) -> None:
        if self._turn is WaitState.ANSWER and self.transport.get_write_buffer_size() < self._unsent:
            self._wait(WaitState.ANSWER)  # it is slow to accept the response, but accepts some
        else:
            self.drop()


def connection_to_drop(connections: Iterable[BrowserConnection]) -> BrowserConnection | None:
    """Return the connection to close: of the address with the most, the one that has kept us waiting longest.

    None if all are being served.
    """
    waiting = [one for one in connections if one.waits]
    crowds = Counter(one.address for one in waiting)
    return min(waiting, key=lambda one: (-crowds[one.address], one.since), default=None)


def raise_open_file_limit(limits: ConnectionLimits) -> None:
    """Raise the limit of open files to what the connections need, and some more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.connections + 4 * BACKLOG + 1024
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
