"""Folders in which letters lie while a pack is made: for us alone, and gone with their pack, or else with the desk, or else when one starts."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PREFIX: Final = "pdfkit-desk-"
_UNFINISHED: Final = "pdfkit-new-"
_LOCK: Final = ".lock"
"""Is locked by the desk that works in a folder, for as long as it lives: numbers of processes are used again, and differ between containers."""

_open: set[Path] = set()


@contextmanager
def folder() -> Iterator[Path]:
    """Yield a folder that only we can read, and that is gone afterwards."""
    made = Path(tempfile.mkdtemp(prefix=_UNFINISHED))
    path = made.with_name(PREFIX + made.name.removeprefix(_UNFINISHED))
    try:
        with (made / _LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            made.rename(path)  # has this name only while it is locked
            _open.add(path)
            yield path
    finally:
        _open.discard(path)
        shutil.rmtree(path, ignore_errors=True)
        shutil.rmtree(made, ignore_errors=True)


def clear() -> None:
    """Remove every folder that is in use here: the desk ends."""
    for path in tuple(_open):
        shutil.rmtree(path, ignore_errors=True)


def sweep() -> None:
    """Remove what desks of ours left that were killed."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if _is_ours(path) and not _in_use(path):
            shutil.rmtree(path, ignore_errors=True)


def _is_ours(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and path.lstat().st_uid == os.getuid()


def _in_use(path: Path) -> bool:
    try:
        with (path / _LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # it has no lock, so nobody works in it
        return False
    return False
