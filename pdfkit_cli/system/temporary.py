"""Folders for what is needed while something is made: for us alone, and gone with it, or with the next one where its process was killed."""

import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from pdfkit_cli.errors import PdfkitError

BUILD_PREFIX: Final = "pdfkit-build-"
"""What workers need while they render."""

DESK_PREFIX: Final = "pdfkit-desk-"
"""A letter, while its pack is made at the desk."""

_UNFINISHED_PREFIX: Final = "pdfkit-new-"
_LOCK: Final = ".lock"
"""Is locked by the process that works in a folder, for as long as it lives: numbers of processes are used again, and differ between containers."""

_DAY_SECONDS: Final = 86_400

_open_folders: set[Path] = set()


@contextmanager
def temporary_folder(prefix: str = BUILD_PREFIX) -> Iterator[Path]:
    """Make a folder that only we can read, and remove those of its kind that nobody holds any more. Raises PdfkitError where there is no place for it."""
    remove_stale_folders(prefix)
    try:
        made = Path(tempfile.mkdtemp(prefix=_UNFINISHED_PREFIX))
    except OSError as error:
        raise _no_space_error(error) from None
    path = made.with_name(prefix + made.name.removeprefix(_UNFINISHED_PREFIX))
    try:
        held = _lock_folder(made, path)
        try:
            yield path
        finally:
            os.close(held)
    finally:
        _open_folders.discard(path)
        shutil.rmtree(path, ignore_errors=True)
        shutil.rmtree(made, ignore_errors=True)


def _lock_folder(made: Path, path: Path) -> int:
    """Lock a folder and give it its name, which it has only while it is locked; return the lock."""
    try:
        held = os.open(made / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _no_space_error(error) from None
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        made.rename(path)
    except OSError as error:
        os.close(held)
        raise _no_space_error(error) from None
    _open_folders.add(path)
    return held


def _no_space_error(error: OSError) -> PdfkitError:
    hint = "free some space there, or set TMPDIR to a folder that can be written"
    return PdfkitError(f"there is no place for temporary files: {error.strerror}", hint=hint)


def remove_folders(prefix: str) -> None:
    """Remove every folder of a kind that is in use in this process, which ends."""
    for path in tuple(_open_folders):
        if path.name.startswith(prefix):
            shutil.rmtree(path, ignore_errors=True)


def remove_stale_folders(prefix: str) -> None:
    """Remove what processes of ours left that were killed."""
    with suppress(OSError):
        within = Path(tempfile.gettempdir())
        for left in (*within.glob(f"{prefix}*"), *within.glob(f"{_UNFINISHED_PREFIX}*")):
            with suppress(OSError):
                if _is_ours(left) and not _is_locked(left):
                    shutil.rmtree(left)


def _is_ours(left: Path) -> bool:
    found = left.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _is_locked(left: Path) -> bool:
    """Say whether a process is at work in a folder. One that has no name of its own yet may be just made."""
    if left.name.startswith(_UNFINISHED_PREFIX) and time.time() - left.lstat().st_mtime < _DAY_SECONDS:
        return True
    try:
        handle = os.open(left / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
