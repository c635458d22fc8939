"""Connections of browsers: how many there may be, and for how long one may keep the desk waiting.

uvicorn waits without an end for the rest of a header or a body, and takes connections until the system has no more. Here the one that has kept
us waiting longest makes room for a new one, so that idle connections never keep others out.
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
"""Connections that are accepted in one go: so many may be open, a few times over, before the first has been counted."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Seconds that a browser gets for the header of a request, for its body, and to take some of an answer; and how many connections there may be."""

    header: float = 10.0
    body: float = 60.0
    answer: float = 60.0
    connections: int = 400


class WaitState(Enum):
    """For what the desk waits; a request that is being worked on keeps nobody waiting."""

    HEADER = auto()
    BODY = auto()
    ANSWER = auto()
    """The browser takes no more of an answer."""

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
        """Refuse what is no HTTP. What has been read of a body by then is of no use any more."""
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
        """Whether it is the browser's turn."""
        return self._turn is not WaitState.OURS

    @property
    def since(self) -> float:
        """When that began."""
        return self._since

    @property
    def address(self) -> str:
        """Where the browser is, or the reverse proxy before it."""
        return self.client[0] if self.client else ""

    def drop(self) -> None:
        """End it at once, and count it no longer."""
        self.connections.discard(self)
        self._wait(WaitState.OURS)
        self.transport.abort()

    @contextmanager
    def _no_traceback(self) -> Iterator[None]:
        """End the connection where something happens that HTTP does not allow; see else whose turn it is."""
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
            return WaitState.HEADER  # of the next request; or what is left of a body that nobody wants
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
            self._wait(WaitState.ANSWER)  # it is slow, and takes some
        else:
            self.drop()


def connection_to_drop(connections: Iterable[BrowserConnection]) -> BrowserConnection | None:
    """Return the connection that makes room: of the address that has the most, the one that has kept us waiting longest. None where we work for all."""
    waiting = [one for one in connections if one.waits]
    crowds = Counter(one.address for one in waiting)
    return min(waiting, key=lambda one: (-crowds[one.address], one.since), default=None)


def raise_open_file_limit(limits: ConnectionLimits) -> None:
    """Ask the system for as many open files as the connections need, and some to work with."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.connections + 4 * BACKLOG + 1024
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
