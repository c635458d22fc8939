"""A desk as a server of its own, as somebody starts it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def served(library: Path, out: Path, *, log: Path, environment: dict[str, str] | None = None) -> Iterator[str]:
    """A desk as somebody starts it; yields its address. What it prints goes to `log`."""
    command = [sys.executable, "-m", "pdfkit_cli", "desk", "--no-browser", "--port", "0"]
    command += ["--library", str(library), "--out", str(out)]
    with log.open("w") as said:
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stderr
        line = process.stderr.readline()
        assert " at http" in line, line + process.stderr.read()
        yield line.split(" at ")[1].split(";")[0]
    finally:
        process.send_signal(signal.SIGINT)
        try:
            _, errors = process.communicate(timeout=300)
        except subprocess.TimeoutExpired:
            process.kill()
            _, errors = process.communicate()
        with log.open("a") as said:
            said.write(errors)
