"""Connections that keep the desk waiting: each is ended in its time, and together they keep nobody out. With real sockets."""

import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from urllib.parse import urlsplit

import pytest

from pdfkit_cli.desk import connections, pack_views, security
from pdfkit_cli.desk import server as desk_server
from pdfkit_cli.desk.connections import BrowserConnection, ConnectionLimits, connection_to_drop
from pdfkit_cli.desk.settings import DeskSettings
from tests.helpers.desk_client import client
from tests.helpers.tiny_library import TinyLibrary, tiny

LIMITS = ConnectionLimits(header=0.5, body=1.0, answer=0.5, connections=12)
START = b"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A desk with little patience; returns its port."""
    library, told = tiny(tmp_path_factory.mktemp("connections")), list[str]()
    server = desk_server.make_server(DeskSettings(library.root, library.root.parent / "dist", port=0), told.append, browser=False, limits=LIMITS)  # fmt: skip
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not told:
        assert thread.is_alive()
        time.sleep(0.02)
    yield urlsplit(told[0]).port or 0
    server.should_exit = True
    thread.join(120)


def line(port: int, data: bytes = b"") -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=120)
    made.sendall(data)
    return made


def rest(made: socket.socket) -> bytes:
    """Return all that comes until the other side ends it."""
    found = b""
    try:
        while part := made.recv(1 << 16):
            found += part
    except ConnectionError:
        pass
    made.close()
    return found


def asked(port: int, data: bytes) -> bytes:
    return rest(line(port, data))


def answered(port: int) -> bool:
    """Whether somebody else is answered."""
    return asked(port, START + b"Connection: close\r\n\r\n").startswith(b"HTTP/1.1 200")


def send_on(made: socket.socket, data: bytes) -> None:
    """Send the same again and again, until the other side ends it. Raises ConnectionError."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        with suppress(TimeoutError):
            made.sendall(data)
        select.select([], [], [], 0.02)


UNFINISHED = {
    "nothing": b"",
    "half a line": b"GE",
    "no end of the header": START + b"X-a: ",
    "no body": b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 100\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\n",
    "half a body": b"POST /choose HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 100\r\n"
    b"Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n",
    "half a chunk": b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\nTransfer-Encoding: chunked\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nff\r\nabc",
    "a second request that does not end": START + b"\r\n" + START,
    "the rest of a body that was refused": b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nabc",
}


@pytest.mark.parametrize("data", UNFINISHED.values(), ids=UNFINISHED)
def test_a_request_that_does_not_end_is_ended(port: int, data: bytes) -> None:
    asked(port, data)  # raises TimeoutError where the desk does not end it


def test_dripping_bytes_wins_no_time(port: int) -> None:
    with line(port, START + b"X-a: ") as dripping, pytest.raises(ConnectionError):
        send_on(dripping, b"b")


def test_an_answer_that_nobody_takes_is_ended(port: int) -> None:
    """Many answers in a row, until the line is full."""
    reading_nothing = line(port)
    reading_nothing.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reading_nothing.settimeout(0.2)
    with reading_nothing, pytest.raises(ConnectionError):
        send_on(reading_nothing, b"GET /fonts/SourceSans3-Regular.ttf HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")


def test_idle_connections_keep_nobody_out(port: int, capfd: pytest.CaptureFixture[str]) -> None:
    idle = [line(port, START + b"X-a: ") for _ in range(5 * LIMITS.connections)]
    assert answered(port)
    half = [line(port, UNFINISHED["half a body"]) for _ in range(5 * LIMITS.connections)]
    assert answered(port)
    for each in (*idle, *half):
        each.close()
    assert capfd.readouterr().err == ""


def test_the_limits_of_a_usual_desk() -> None:
    limits = ConnectionLimits()
    assert (limits.header, limits.body) == (10, 60)
    assert limits.connections + 4 * connections.BACKLOG < 1024, "systemd's usual limit of open files"


def waiting(address: str, since: float, *, waits: bool = True) -> BrowserConnection:
    return cast(BrowserConnection, SimpleNamespace(address=address, since=since, waits=waits))


@pytest.mark.parametrize(
    ("lines", "first"),
    [
        ([], None),
        ([waiting("a", 1, waits=False)], None),
        ([waiting("a", 2), waiting("a", 1), waiting("a", 3)], 1),
        ([waiting("b", 1), waiting("a", 5), waiting("a", 4)], 2),
        ([waiting("a", 1, waits=False), waiting("a", 2), waiting("b", 3)], 1),
    ],
)
def test_who_makes_room(lines: list[BrowserConnection], first: int | None) -> None:
    assert connection_to_drop(lines) is (None if first is None else lines[first])


# What is no HTTP

BROKEN = {
    "no request": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "a bad chunk": UNFINISHED["half a chunk"].replace(b"ff\r\nabc", b"zz\r\n\r\n"),
    "a long header": START + b"X: " + b"a" * 200_000,
    "a bad length": START + b"Content-Length: abc\r\n\r\n",
    "two lengths": START + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\na",
    "two hosts": START + b"Host: evil.example\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "NUL in a header": START + b"X: \0\r\n\r\n",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_what_is_no_http_is_refused_with_every_header_and_without_a_word_in_the_log(
    port: int, data: bytes, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    answer = asked(port, data).lower()
    assert answer.startswith(b"http/1.1 4")
    for name in security.SECURITY_HEADERS:
        assert f"\r\n{name}: ".encode() in answer, name
    assert answered(port)
    assert capfd.readouterr().err == ""
    assert not [record for record in caplog.records if record.exc_info]


LENGTHS = {
    "length and coding": b"Content-Length: 200\r\nTransfer-Encoding: chunked\r\n",
    "the other way round": b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    "a coding twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "a coding that is none": b"Transfer-Encoding: identity\r\n",
    "a length of thousands of digits": b"Content-Length: " + b"9" * 5000 + b"\r\n",
    "a length with a sign": b"Content-Length: +5\r\n",
}


@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
def test_nothing_behind_a_request_of_unclear_length_is_answered(port: int, lengths: bytes) -> None:
    first = b"POST /choose HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n" + lengths
    second = b"GET /static/icon.svg HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    answer = asked(port, first + b"\r\n0\r\n\r\n" + second)
    assert b"image/svg" not in answer
    assert answer.startswith(b"HTTP/1.1 4") or answer.startswith(b"HTTP/1.1 5")


def test_chunks_with_http_1_0_are_refused(port: int) -> None:
    head = (
        b"POST /choose HTTP/1.0\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    assert asked(port, head + b"0\r\n\r\n").startswith(b"HTTP/1.1 400")


def test_an_upgrade_is_nothing_to_us(port: int, capfd: pytest.CaptureFixture[str]) -> None:
    for kind in (b"websocket", b"h2c"):
        head = (
            START + b"Connection: close, Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAA\r\nUpgrade: "
        )
        assert asked(port, head + kind + b"\r\n\r\n").startswith((b"HTTP/1.1 200", b"HTTP/1.1 4"))
    assert capfd.readouterr().err == ""


# Bodies


def refusing(port: int, path: bytes, size: int, more: bytes = b"") -> bytes:
    head = (
        b"POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1:%d\r\nConnection: close\r\nContent-Length: %d\r\n%s\r\n"
        % (path, port, port, size, more or b"Content-Type: application/x-www-form-urlencoded\r\n")
    )
    return asked(port, head)


@pytest.mark.parametrize("path", [b"/sign-in", b"/choose"])
@pytest.mark.parametrize("size", [10_001, 39_000_000, 10**14])
def test_a_body_that_is_too_large_is_refused_before_a_byte_of_it_came(port: int, path: bytes, size: int) -> None:
    for kind in (b"", b"Content-Type: multipart/form-data; boundary=b\r\n"):
        answer = refusing(port, path, size, kind)
        assert answer.startswith(b"HTTP/1.1 413"), answer[:100]


def test_only_a_pack_may_be_large(library: TinyLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = client(library.root, tmp_path / "dist")
    large = {"clinic": "x" * 20_000}
    for path in ("/choose", "/north/personal/first.da.a4.pdf", "/sign-in"):
        assert asking.post(path, data=large).status_code == 413, path
    assert asking.post("/north/pack", data=large).status_code != 413
    for path in ("/choose", "/sign-in"):
        sent = asking.post(path, files={"letter": ("x.pdf", b"x", "application/pdf")})
        assert sent.status_code == 400, "no file belongs there"
        assert asking.post(path, data={f"f{at}": "x" for at in range(20)}).status_code == 400, "nor many fields"
    assert asking.post("/north/pack", data={"leaflet": ["x"] * 40}).status_code == 400


# A queue of packs


@pytest.mark.parametrize("places", ["MAX_READING", "MAX_CONCURRENT"])
def test_who_finds_no_place_is_told_when_to_come_again(
    library: TinyLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, places: str
) -> None:
    monkeypatch.setattr(pack_views, places, 0)
    monkeypatch.setattr(pack_views, "MAX_WAITING", 0)
    asking = client(library.root, tmp_path / "dist")
    sent = asking.post("/north/pack", data={"leaflet": "north/first.da.a4.pdf"}, headers={"accept": "application/json"})
    assert (sent.status_code, sent.json()["problem"], sent.headers["retry-after"]) == (503, "busy", "30")
