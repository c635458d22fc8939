"""A folder for what workers need while they work, which goes with the build, or with a later one where that was killed."""

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

PREFIX: Final = "pdfkit-build-"
_LOCK: Final = "lock"
_DAY: Final = 86_400


@contextmanager
def folder() -> Iterator[Path]:
    """Make a folder that is held by a lock, and remove those that nobody holds any more. Raises PdfkitError where there is no place for it."""
    with suppress(OSError):
        _sweep(Path(tempfile.gettempdir()))
    try:
        made = tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True)
    except OSError as error:
        raise _no_place(error) from None
    with made as name:
        try:
            held = os.open(Path(name, _LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _no_place(error) from None
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield Path(name)
        finally:
            os.close(held)


def _no_place(error: OSError) -> PdfkitError:
    hint = "free some space there, or set TMPDIR to a folder that can be written"
    return PdfkitError(f"there is no place for temporary files: {error.strerror}", hint=hint)


def _sweep(within: Path) -> None:
    for left in within.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if _is_ours(left) and not _is_held(left):
                shutil.rmtree(left)


def _is_ours(left: Path) -> bool:
    found = left.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _is_held(left: Path) -> bool:
    """Say whether a process is at work in a folder. One that has no lock yet may be just made."""
    try:
        handle = os.open(left / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return time.time() - left.lstat().st_mtime < _DAY
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
