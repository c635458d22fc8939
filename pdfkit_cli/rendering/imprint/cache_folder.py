"""Bodies and clinics' matter that outlive a build: in the user's own cache, where the next build finds what has not changed."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

from pdfkit_cli.rendering.imprint import disk_cache
from pdfkit_cli.rendering.toolchain import InputGroup, group_digest

MAX_CACHE_BYTES: Final = 500_000_000
"""Bytes that are kept: 400 bodies for 60 clinics each are a quarter of it."""


def versioned_cache_folder(versions: InputGroup) -> Path | None:
    """Return where builds with these versions of all tools keep what they lay out; None where nothing may be kept.

    What is kept stands in PDFs later, so nobody else may be able to write it, or to put another folder in the place of one of those above.
    """
    found = user_cache_path("pdfkit") / "bodies" / group_digest(versions)
    try:
        _make_private_folders(found)
        found = found.resolve(strict=True)
        return found if _is_writable_by_owner_only(found) and all(map(_is_safe_parent, found.parents)) else None
    except OSError:
        return None


def _make_private_folders(folder: Path) -> None:
    """Make a folder, with those above it that are not there, for ourselves alone."""
    for each in (*reversed(folder.parents), folder):
        if not each.is_dir():
            each.mkdir(mode=0o700, exist_ok=True)


def _is_writable_by_owner_only(folder: Path) -> bool:
    told = folder.stat()
    return os.name != "posix" or (told.st_uid == os.geteuid() and not stat.S_IMODE(told.st_mode) & 0o022)


def _is_safe_parent(folder: Path) -> bool:
    """Say whether nobody else can rename what stands in a folder: its owner is us or root, and others cannot write it or only their own in it."""
    told = folder.stat()
    private = not stat.S_IMODE(told.st_mode) & 0o022 or told.st_mode & stat.S_ISVTX
    return os.name != "posix" or (told.st_uid in (0, os.geteuid()) and bool(private))


def prune(kept: Path) -> None:
    """Let go of what was used longest ago, by whatever version."""
    with suppress(OSError):  # another build may prune, too
        disk_cache.prune_cache(kept.parent, MAX_CACHE_BYTES)
        for other in kept.parent.iterdir():
            if other != kept and not any(other.iterdir()):
                other.rmdir()
