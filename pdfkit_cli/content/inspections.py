"""Results that are kept for later commands: what was found in pictures and fonts, numbers that differ, names of languages.

They take most of a small library's check. Only results without a problem of a file are kept: by the digest of what they were
found in, and of the code that has found them.
"""

import hashlib
import platform
from collections.abc import Callable
from functools import cache
from typing import Final, Generic, TypeVar

from pdfkit_cli.content.packaged import PACKAGE, library_version
from pdfkit_cli.system import cache_folder
from pdfkit_cli.system.caching import BoundedCache
from pdfkit_cli.system.disk_cache import DiskCache

CODE: Final = ("content", "pdf/folding.py", "pdf/geometry.py", "pdf/images")
"""The code that decides what is found."""

LIBRARIES: Final = (
    "babel", "cssselect2", "fonttools", "markdown-it-py", "mdit-py-plugins", "pillow", "pydantic", "pyyaml", "tinycss2",
)  # fmt: skip
"""The libraries that it reads files with."""

MAX_IN_MEMORY: Final = 2_000
"""Results of one kind that a process keeps: the desk loads its library often."""

Found = TypeVar("Found")


class ResultCache(Generic[Found]):
    """The results of one kind, in memory and in the user's cache. They are plain data or storable."""

    def __init__(self, kind: str, is_kept: Callable[[Found], bool] = lambda found: True) -> None:
        """Results for which `is_kept` is false stay in memory only: a later command may find something else."""
        self._kind, self._is_kept = kind, is_kept
        self._known = BoundedCache[str, Found](MAX_IN_MEMORY)

    def get(self, digest: str, find: Callable[[], Found]) -> Found:
        """Return the result for what has this digest; if it is not known, it is found now."""
        prefix = f"{self._kind}-"
        found = _store().recall(self._known, digest, prefix)
        if found is None:
            found = self._known[digest] = find()
            if self._is_kept(found):
                _store().put(prefix + digest, found)
        return found


@cache
def _store() -> DiskCache:
    return DiskCache(cache_folder.versioned_cache_folder(f"inspections-{_code_digest()}"))


def _code_digest() -> str:
    digest = hashlib.sha256(platform.python_version().encode())
    for path in sorted(path for part in CODE for path in (PACKAGE / part, *(PACKAGE / part).rglob("*"))):
        digest.update(path.read_bytes() if path.suffix in (".py", ".yaml") else b"")
    digest.update(" ".join(map(library_version, LIBRARIES)).encode())
    return digest.hexdigest()[:16]
