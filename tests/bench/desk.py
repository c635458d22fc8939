"""Print how fast the desk answers, beside a plain file server with the same libraries: JSON, in seconds.

Both are processes of their own, and both are asked by the same threads.
"""

import contextlib
import http.client
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from pdfkit_cli.desk.addresses import file_address
from tests.helpers.desk_load import ask, at_95
from tests.helpers.desk_process import served

SECRETARIES = 50
EACH = 10
"""PDFs that each asks for, one after the other."""

ROUNDS = 5

COOKIE = "clinic=clinic-00; language=da"
HOME, PDF = "/clinic-00/", "clinic-00/leaflet-000.da.a4.pdf"


def main(library: Path, out: Path) -> None:
    """Measure, and print. The two are asked in turn, and the best of each counts: the machine may be busy with other things."""
    with (
        tempfile.TemporaryDirectory(prefix="pdfkit-bench-") as folder,
        served(library, out, log=Path(folder) / "log") as desk,
        files(out) as plain,
    ):
        first, again = once(desk, HOME), sorted(once(desk, HOME) for _ in range(21))[10]
        rounds = [(crowd(desk, file_address("pdf", PDF)), crowd(plain, f"/{PDF}")) for _ in range(ROUNDS)]
    pdf, static = (min(figures) for figures in zip(*rounds, strict=True))
    print(json.dumps({"first": first, "again": again, "pdf": pdf, "static": static, "secretaries": SECRETARIES}))


def once(address: str, path: str) -> float:
    """Return how long one request takes while nobody else asks."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    started = time.perf_counter()
    with contextlib.closing(connection):
        connection.request("GET", path, headers={"cookie": COOKIE})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
    return time.perf_counter() - started


def crowd(address: str, path: str) -> float:
    """Return what 95 of 100 answers are faster than, where all ask at once."""
    asked = ask(address, COOKIE, [path] * EACH, SECRETARIES)
    assert {one.status for one in asked} == {200}, {one.status for one in asked}
    return at_95([one.seconds for one in asked])


@contextlib.contextmanager
def files(folder: Path) -> Iterator[str]:
    """A plain file server; yields its address."""
    command = [sys.executable, "-m", "tests.bench.desk", "--files", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def serve_files(folder: Path) -> None:
    """Serve the files of a folder, and print where."""
    app = Starlette(routes=[Mount("/", StaticFiles(directory=folder))])
    listening = uvicorn.Config(app, port=0, log_level="warning", access_log=False)
    socket = listening.bind_socket()
    socket.listen(SECRETARIES * 2)
    print(f"http://127.0.0.1:{socket.getsockname()[1]}", flush=True)
    uvicorn.Server(listening).run(sockets=[socket])


if __name__ == "__main__":
    serve_files(Path(sys.argv[2])) if sys.argv[1] == "--files" else main(Path(sys.argv[1]), Path(sys.argv[2]))
