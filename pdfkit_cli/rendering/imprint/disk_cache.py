"""What is made once and used again: by the other workers of a build, and by the builds after it."""

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from pdfkit_cli.system import codec

_DIGEST = hashlib.sha256().digest_size


class DiskCache:
    """Values by name, in a folder that only its owner may write: whoever could would say what stands in PDFs.

    It may lose a value at any time, and then its user makes it anew: a full disk, another process that prunes, a file that is cut short, or that
    has come under another's name.
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
        except OSError:
            return None
        with suppress(OSError):
            os.utime(path)  # see `prune`
        if _checksum(name, data[_DIGEST:]) != data[:_DIGEST]:
            return None
        with suppress(ValueError):
            return codec.loads(data[_DIGEST:])
        return None

    def put(self, name: str, value: Any) -> None:
        """Keep a value; what is no data, or cannot be written, is not kept."""
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
    """Return what a file begins with: of its name, too, so that no file counts under the name of another."""
    return hashlib.sha256(name.encode() + b"\0" + data).digest()


def prune_cache(folder: Path, most: int) -> None:
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


def cache_key(parts: Iterable[str]) -> str:
    """Return the name of a value: SHA-256 of all that it is made from."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()
