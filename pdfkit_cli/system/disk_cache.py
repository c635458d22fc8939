"""A cache on the disk that the workers of a build share with each other and with later builds."""

import hashlib
import os
import stat
from collections.abc import Iterable, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from pdfkit_cli.system import codec

T = TypeVar("T")

_DIGEST = hashlib.sha256().digest_size


class DiskCache:
    """Values by name, in a folder that only its owner may write: its content ends up in PDFs.

    Values may be lost at any time, when the disk is full, another process prunes, or a file is truncated or renamed.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get(self, name: str) -> Any:
        """Return a value; None if there is none, or if its file is damaged."""
        if self._folder is None:
            return None
        path = self._folder / name
        try:
            data = path.read_bytes()
        except OSError:
            return None
        with suppress(OSError):
            os.utime(path)  # for `prune_cache`
        if _checksum(name, data[_DIGEST:]) != data[:_DIGEST]:
            return None
        with suppress(ValueError):
            return codec.loads(data[_DIGEST:])
        return None

    def recall(self, memory: MutableMapping[str, T], key: str, prefix: str = "") -> T | None:
        """Return a value from memory, or else from the disk, where its name has a prefix; then it is in memory, too."""
        if key not in memory and (stored := self.get(prefix + key)) is not None:
            memory[key] = stored
        return memory.get(key)

    def put(self, name: str, value: Any) -> None:
        """Keep a value, unless it is not plain data or cannot be written."""
        if self._folder is None:
            return
        try:
            data = codec.dumps(value)
        except TypeError:
            return
        part = self._folder / f"{name}.{os.getpid()}"
        with suppress(OSError):
            part.write_bytes(_checksum(name, data) + data)
            part.replace(self._folder / name)


def _checksum(name: str, data: bytes) -> bytes:
    """Return the checksum that a file begins with, over its name too, so that a renamed file is not accepted."""
    return hashlib.sha256(name.encode() + b"\0" + data).digest()


def prune_cache(folder: Path, most: int) -> None:
    """Delete the least recently used files below a folder until the others are within a total size in bytes."""
    found = []
    for path in folder.rglob("*"):
        with suppress(OSError):
            status = path.stat()
            if stat.S_ISREG(status.st_mode):
                found.append((status.st_mtime_ns, status.st_size, path))
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= most:
            return
        with suppress(OSError):
            path.unlink()
            total -= size


def cache_key(parts: Iterable[str]) -> str:
    """Return the name of a value: SHA-256 over all of its inputs."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()
