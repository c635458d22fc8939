"""Private temporary folders, removed after use or, if their process was killed, by the next process that makes one."""

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
"""Prefix of the temporary folders of workers that render."""

DESK_PREFIX: Final = "pdfkit-desk-"
"""Prefix of the folder of a letter while the desk makes its pack."""

_UNFINISHED_PREFIX: Final = "pdfkit-new-"
_LOCK: Final = ".lock"
"""Name of a file that the process using a folder keeps locked as long as it lives: process ids are reused, and differ between containers."""

_DAY_SECONDS: Final = 86_400

_open_folders: set[Path] = set()


@contextmanager
def temporary_folder(prefix: str = BUILD_PREFIX) -> Iterator[Path]:
    """Make a private folder, and remove unlocked ones with the same prefix.

    Raises PdfkitError if there is no space for it.
    """
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
    """Lock a folder and rename it to its path, which exists only while it is locked; return the descriptor of the lock."""
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
    """Remove the folders with a prefix that this process uses, before it exits."""
    for path in tuple(_open_folders):
        if path.name.startswith(prefix):
            shutil.rmtree(path, ignore_errors=True)


def remove_stale_folders(prefix: str) -> None:
    """Remove the folders that killed processes of this user have left."""
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
    """Return whether a process uses a folder. One without its final name may be new."""
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
