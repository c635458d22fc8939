"""Many secretaries at once, each a thread with a connection of its own."""

import http.client
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: what was asked, the status and length of the answer, and the seconds until its last byte."""

    path: str
    status: int
    length: int
    seconds: float


def ask(address: str, cookie: str, paths: Sequence[str], many: int) -> list[Asked]:
    """Ask for every path in turn, as `many` at the same moment. An error of a connection is a status of 0."""
    begin = threading.Barrier(many)

    def one(_: int) -> list[Asked]:
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=300)
        begin.wait(30)
        try:
            return [_asked(connection, cookie, path) for path in paths]
        finally:
            connection.close()

    with ThreadPoolExecutor(many) as crowd:
        return [asked for some in crowd.map(one, range(many)) for asked in some]


def _asked(connection: http.client.HTTPConnection, cookie: str, path: str) -> Asked:
    started = time.perf_counter()
    try:
        connection.request("GET", path, headers={"cookie": cookie})
        answer = connection.getresponse()
        length, status = len(answer.read()), answer.status
    except (OSError, http.client.HTTPException):
        length, status = 0, 0
        connection.close()
    return Asked(path, status, length, time.perf_counter() - started)


def at_95(seconds: Sequence[float]) -> float:
    """Return what 95 of 100 were faster than."""
    return sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * 0.95))]
