"""The folders in the user's own cache where commands keep results for later ones."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

from pdfkit_cli.system import disk_cache

MAX_CACHE_BYTES: Final = 500_000_000
"""The size to which the cache is pruned; 400 bodies for 60 clinics each take a quarter of it."""


def versioned_cache_folder(version: str) -> Path | None:
    """Return the cache folder of one version of the code that fills and reads it; None if it is not safe to use.

    PDFs are made from its content, so nobody else must be able to write to it, or to replace it or a folder above it.
    """
    found = user_cache_path("pdfkit") / "bodies" / version
    try:
        _make_private_folders(found)
        found = found.resolve(strict=True)
        return found if _is_writable_by_owner_only(found) and all(map(_is_safe_parent, found.parents)) else None
    except OSError:
        return None


def _make_private_folders(folder: Path) -> None:
    """Create a folder and its missing parents, readable only by their owner."""
    for each in (*reversed(folder.parents), folder):
        if not each.is_dir():
            each.mkdir(mode=0o700, exist_ok=True)


def _is_writable_by_owner_only(folder: Path) -> bool:
    status = folder.stat()
    return os.name != "posix" or (status.st_uid == os.geteuid() and not stat.S_IMODE(status.st_mode) & 0o022)


def _is_safe_parent(folder: Path) -> bool:
    """Return whether nobody else can rename the entries of a folder.

    It must belong to us or to root, and be unwritable for others or restrict them to their own files (sticky bit).
    """
    status = folder.stat()
    private = not stat.S_IMODE(status.st_mode) & 0o022 or status.st_mode & stat.S_ISVTX
    return os.name != "posix" or (status.st_uid in (0, os.geteuid()) and bool(private))


def prune(kept: Path) -> None:
    """Delete the least recently used files, of any version."""
    with suppress(OSError):  # another build may prune, too
        disk_cache.prune_cache(kept.parent, MAX_CACHE_BYTES)
        for other in kept.parent.iterdir():
            if other != kept and not any(other.iterdir()):
                other.rmdir()
