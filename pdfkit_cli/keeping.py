"""Bodies and clinics' matter that outlive a build: in the user's own cache, where the next build finds what has not changed."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

from pdfkit_cli.inputs import Group, group_digest
from pdfkit_cli.pdf import store

MOST: Final = 500_000_000
"""Bytes that are kept: 400 bodies for 60 clinics each are a quarter of it."""


def folder(versions: Group) -> Path | None:
    """Return where builds with these versions of all tools keep what they lay out; None where nothing may be kept.

    What stands there is loaded as Python objects, so nobody else may be able to write it, or to put another folder in its place.
    """
    cache = user_cache_path("pdfkit")
    found = cache / "bodies" / group_digest(versions)
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        for each in (cache, found.parent, found):
            each.mkdir(mode=0o700, exist_ok=True)
            if not _is_ours_alone(each):
                return None
    except OSError:
        return None
    return found


def _is_ours_alone(folder: Path) -> bool:
    told = folder.stat()
    return os.name != "posix" or (told.st_uid == os.geteuid() and not stat.S_IMODE(told.st_mode) & 0o022)


def prune(kept: Path) -> None:
    """Let go of what was used longest ago, by whatever version."""
    with suppress(OSError):  # another build may prune, too
        store.prune(kept.parent, MOST)
        for other in kept.parent.iterdir():
            if other != kept and not any(other.iterdir()):
                other.rmdir()
