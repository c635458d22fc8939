"""What workers do in tests of workers. They import this, and nothing that only tests need: a second of CPU in each."""

import ctypes
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pdfkit_cli.errors import Problem

if TYPE_CHECKING:
    from pdfkit_cli.rendering.page import Page
    from pdfkit_cli.rendering.rendered_pdf import RenderedPdf


class UnsendableError(Exception):
    """Can be raised, but not be made again from its arguments."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} and {two}")


def nothing(*folders: Path) -> None:
    pass


def work(task: str) -> Any:
    """Do what the task says, in a worker."""
    match task:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "segfault":
            ctypes.string_at(0)
        case "raise":
            raise ValueError("a bad value")
        case "raise nothing":
            raise KeyError
        case "unsendable error":
            raise UnsendableError("one", "two")
        case "unsendable result":
            return lambda: None
        case "exit":
            sys.exit(7)
        case "interrupt":
            raise KeyboardInterrupt
        case "bomb":
            return len(bytearray(16 << 30))
        case "die later":
            threading.Timer(0.1, os._exit, (9,)).start()
        case "mask":
            return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())
        case "pid":
            return os.getpid()
        case "environment":
            return Path("/proc/self/environ").read_bytes().split(b"\0"), dict(os.environ)
        case "core":
            return resource.getrlimit(resource.RLIMIT_CORE)
        case "hang":
            time.sleep(600)
        case "slow":
            time.sleep(0.1)
    return f"done {task}"


def obey(pages: tuple[str, ...]) -> tuple[Any, ...]:
    """Do what the pages say, in a worker."""
    if pages == ("wait",):
        time.sleep(60)
    return tuple(Problem("it failed") if page == "fail" else os.getpid() for page in pages)


# What ends a worker in the middle of a batch that shares a body


def _hang(hanging: Path) -> None:
    """Say so with a file, and hang."""
    (hanging / str(os.getpid())).touch()
    time.sleep(600)


def _without_memory(hanging: Path) -> None:
    raise MemoryError


MISFORTUNES: dict[str, Callable[[Path], Any]] = {
    "dies": lambda hanging: os.kill(os.getpid(), signal.SIGKILL),
    "hangs": _hang,
    "takes all memory": _without_memory,
    "leaves": lambda hanging: sys.exit(7),
}


def render_unlucky(misfortune: str, hanging: Path, pages: "tuple[Page, ...]") -> "tuple[RenderedPdf | Problem, ...]":
    """Render in a worker, where nothing is replaced, until the one comes that ends it."""
    from pdfkit_cli.rendering import renderer

    made: list[RenderedPdf | Problem] = []
    for page in pages:
        if page.name == "da · south · a5":
            MISFORTUNES[misfortune](hanging)
        made += renderer.render_all((page,))
    return tuple(made)


# How workers are prepared


def raising(*folders: Path) -> None:
    raise OSError("cannot load library 'libpango-1.0-0'")


def dying() -> None:
    os._exit(3)


def stopping() -> None:
    """Stop before a task is taken, as on a drive that hangs; the worker that takes the place goes on."""
    marker = Path(os.environ["TMPDIR"]) / "stopped"
    with suppress(FileExistsError):
        marker.touch(exist_ok=False)
        os.kill(os.getpid(), signal.SIGSTOP)


def stopping_always() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


# What the workers of a cluster do


def unpack(task: str, folder: Path) -> str:
    return task


def stat(task: str, folder: Path) -> str:
    """Say when the asset was written in which folder."""
    path = folder / "asset"
    return f"{folder} {path.stat().st_mtime_ns} {len(path.read_bytes())}"


def tell() -> dict[str, str]:
    return {"weasyprint": "70.0"}
