"""What was found in pictures and fonts, kept for later commands, because reading them takes most of a small library's check.

Only results without a problem are kept: by the digest of the file, and of the code that has read it.
"""

import hashlib
import platform
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from typing import Final, Generic, Protocol, TypeVar

from pdfkit_cli.content.packaged import PACKAGE
from pdfkit_cli.system import cache_folder
from pdfkit_cli.system.caching import BoundedCache
from pdfkit_cli.system.disk_cache import DiskCache

CODE: Final = ("content/fonts.py", "content/pictures.py", "pdf/geometry.py", "pdf/images")
"""The code that decides what is found."""

LIBRARIES: Final = ("cssselect2", "fonttools", "pillow", "tinycss2")
"""The libraries that it reads files with."""

MAX_IN_MEMORY: Final = 2_000
"""Results of one kind that a process keeps: the desk loads its library often."""


class Inspection(Protocol):
    """A result, which is storable."""

    @property
    def is_good(self) -> bool:
        """Whether the file can be printed."""


Found = TypeVar("Found", bound=Inspection)


class InspectionCache(Generic[Found]):
    """The results of one kind, in memory and in the user's cache."""

    def __init__(self, kind: str, inspect: Callable[[bytes], Found]) -> None:
        self._kind, self._inspect = kind, inspect
        self._known = BoundedCache[str, Found](MAX_IN_MEMORY)

    def inspect(self, data: bytes, digest: str) -> Found:
        """Return what is found in a file, given its content and the digest of that."""
        if found := self._known.get(digest):
            return found
        name = f"{self._kind}-{digest}"
        found = _store().get(name)
        if found is None:
            found = self._inspect(data)
            if found.is_good:
                _store().put(name, found)
        self._known[digest] = found
        return found


@cache
def _store() -> DiskCache:
    return DiskCache(cache_folder.versioned_cache_folder(f"inspections-{_code_digest()}"))


def _code_digest() -> str:
    digest = hashlib.sha256(platform.python_version().encode())
    for path in sorted(path for part in CODE for path in (PACKAGE / part, *(PACKAGE / part).rglob("*.py"))):
        digest.update(path.read_bytes() if path.is_file() else b"")
    digest.update("".join(map(version, LIBRARIES)).encode())
    return digest.hexdigest()[:16]
