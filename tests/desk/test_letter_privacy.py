"""Letters that lie on the disk while a pack is made: for us alone, and gone however the desk ends."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pdfkit_cli.build.pipeline import BuildRequest, build
from tests.helpers.letter_pdfs import plain
from tests.helpers.tiny_library import TinyLibrary

PATH = "north/first.da.a4.pdf"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path / "tmp"


def hear_interrupts() -> None:
    """A shell starts what runs in its background with interrupts ignored, and so do the tests there."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def started(library: TinyLibrary, out: Path) -> tuple["subprocess.Popen[str]", str]:
    """Start a desk whose packs take for ever; return it with its address."""
    command = [sys.executable, "-m", "tests.helpers.slow_desk", "desk", "--no-browser", "--port", "0"]
    where = ["--library", str(library.root), "--out", str(out)]
    desk = subprocess.Popen(
        [*command, *where],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hear_interrupts,
    )  # fmt: skip
    assert desk.stderr
    line = desk.stderr.readline()
    assert " at http" in line, line + desk.stderr.read()
    return desk, line.split(" at ")[1].split(";")[0]


def with_letter(address: str) -> socket.socket:
    """Send a letter, and stay on the line."""
    place = urlsplit(address)
    parts = (
        b'--b\r\nContent-Disposition: form-data; name="leaflet"\r\n\r\n' + PATH.encode(),
        b'--b\r\nContent-Disposition: form-data; name="letter"; filename="l.pdf"\r\n\r\n' + plain(),
        b"--b--\r\n",
    )
    body = b"\r\n".join(parts)
    head = (
        f"POST /north/pack HTTP/1.1\r\nHost: {place.netloc}\r\nOrigin: {address}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    line = socket.create_connection((place.hostname or "", place.port or 0), timeout=300)
    line.sendall(head.encode() + body)
    return line


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 300
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def built(library: TinyLibrary, tmp_path: Path) -> tuple[TinyLibrary, Path]:
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4]")
    assert build(BuildRequest(library.root, tmp_path / "dist", jobs=1)).clean
    return library, tmp_path / "dist"


def test_a_letter_is_gone_when_the_browser_hangs_up_when_the_desk_ends_and_when_one_starts(
    built: tuple[TinyLibrary, Path], place: Path
) -> None:
    desk, address = started(*built)

    def letters() -> list[Path]:
        return list(place.glob("pdfkit-desk-*/letter.pdf"))

    line = with_letter(address)
    until(lambda: len(letters()) == 1)
    line.close()
    until(lambda: not list(place.glob("pdfkit-desk-*")))
    first = with_letter(address)
    until(lambda: len(letters()) == 1)
    assert letters()[0].stat().st_mode & 0o777 == 0o600
    core = next(line for line in Path(f"/proc/{desk.pid}/limits").read_text().splitlines() if "core file" in line)
    assert core.split()[4:6] == ["0", "0"], "no core dump keeps a letter"
    desk.send_signal(signal.SIGTERM)
    out, err = desk.communicate(timeout=300)
    assert (desk.returncode, out, err) == (0, "", ""), "no traceback"
    assert not list(place.glob("pdfkit-desk-*"))
    first.close()

    desk, address = started(*built)
    second = with_letter(address)
    until(lambda: len(letters()) == 1)
    desk.kill()
    desk.communicate(timeout=300)
    assert letters(), "nobody can act any more"
    second.close()
    desk, _ = started(*built)
    assert not letters()
    desk.send_signal(signal.SIGINT)
    out, err = desk.communicate(timeout=300)
    assert desk.returncode == 130
    assert "Traceback" not in err


def test_no_process_that_held_a_letter_dumps_its_memory() -> None:
    code = (
        "import ctypes, resource\nfrom pdfkit_cli.system import core_dumps\ncore_dumps.forbid()\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "(0, 0) 0"
