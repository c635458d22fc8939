"""What is made once and used again: by the other workers of a build, and by the builds after it."""

import hashlib
import os
import pickle
from contextlib import suppress
from pathlib import Path
from typing import Any

_DIGEST = hashlib.sha256().digest_size


class Store:
    """Values by name, in a folder that only its owner may write: what stands there is loaded as Python objects.

    It may lose a value at any time, and then its user makes it anew: a full disk, another process that prunes, a file that is cut short.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get(self, name: str) -> Any:
        """Return a value; None where there is none, or one that is not whole."""
        if self._folder is None:
            return None
        path = self._folder / name
        try:
            data = path.read_bytes()
            os.utime(path)  # see `prune`
        except OSError:
            return None
        if hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
            return None
        return pickle.loads(data[_DIGEST:])  # noqa: S301  # written by us, see the class

    def put(self, name: str, value: Any) -> None:
        """Keep a value; what cannot be written is not kept."""
        if self._folder is None:
            return
        data = pickle.dumps(value, protocol=5)
        part = self._folder / f"{name}.{os.getpid()}"
        with suppress(OSError):
            part.write_bytes(hashlib.sha256(data).digest() + data)
            part.replace(self._folder / name)


def prune(folder: Path, most: int) -> None:
    """Delete the files that were used longest ago, until those below a folder have at most so many bytes."""
    found = []
    for path in folder.rglob("*"):
        with suppress(OSError):
            if path.is_file():
                found.append((path.stat().st_mtime_ns, path.stat().st_size, path))
    size = sum(bytes for _, bytes, _ in found)
    for _, bytes, path in sorted(found):
        if size <= most:
            return
        with suppress(OSError):
            path.unlink()
            size -= bytes
