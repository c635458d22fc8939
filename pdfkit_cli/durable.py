"""Files and folders written through to the disk, so that a power cut takes nothing of what is finished."""

import errno
import os
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

AT_ONCE: Final = 8
"""Threads that wait for the disk: ext4 writes 64 files in 10 to 30 ms this way, and in 90 to 350 ms one after the other."""


def sync(paths: Collection[Path]) -> None:
    """Wait until files and folders are on the disk: of a file its bytes, of a folder which names it holds. Raises OSError."""
    if len(paths) < 2:
        for path in paths:
            _sync(path)
        return
    with ThreadPoolExecutor(min(AT_ONCE, len(paths))) as threads:
        for done in [threads.submit(_sync, path) for path in paths]:
            done.result()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if not (error.errno in (errno.EINVAL, errno.ENOTSUP) and path.is_dir()):  # some network drives do files only
            raise
    finally:
        os.close(handle)
