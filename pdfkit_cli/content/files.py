"""Reads files and folders of a library. Every system error becomes a finding with a place; nothing unreadable counts as empty."""

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from pdfkit_cli.errors import Finding, SourceError, SourceLocation

MAX_TEXT_BYTES = 2_000_000
"""The largest text file that is read, in bytes. A long leaflet has 20,000."""


@dataclass(frozen=True, slots=True, order=True)
class FolderItem:
    """An entry of a folder: its name, whether it is a folder, and whether it is a broken link."""

    name: str
    is_folder: bool
    is_broken: bool = False


def read_bytes(path: Path, name: str, root: Path | None = None, largest: int = MAX_TEXT_BYTES) -> bytes:
    """Return the bytes of a file; findings refer to it as `name`.

    Raises SourceError if it cannot be read, is not a regular file, has more than `largest` bytes, or is a link that leads out of `root`.
    """
    try:
        if root:
            _check_inside(path, name, root)
        with os.fdopen(
            os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb"
        ) as file:  # opening a pipe would block
            found = os.fstat(file.fileno())
            if stat.S_ISDIR(found.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if not stat.S_ISREG(found.st_mode):
                raise _source_error("unreadable", name, "is not a regular file; remove it")
            data = file.read(found.st_size + 1) if found.st_size <= largest else None
    except (OSError, ValueError) as error:
        raise _unreadable_error(name, error) from None
    if data is None or len(data) > largest:
        message = f"is {found.st_size / 1e6:.1f} MB; the limit is {largest / 1e6:g} MB, so split or remove it"
        raise _source_error("large-file", name, message)
    return data


def list_folder(folder: Path, name: str, root: Path | None = None) -> tuple[FolderItem, ...]:
    """Return the entries of a folder, sorted by name, without hidden ones (. and _); an empty tuple if there is no such folder.

    Raises SourceError if it cannot be listed, or is a link that is broken or leads out of `root`.
    """
    try:
        folder.lstat()
        if root:
            _check_inside(folder, name, root)
        with os.scandir(folder) as entries:
            return tuple(sorted(_folder_item(entry) for entry in entries if not entry.name.startswith((".", "_"))))
    except (FileNotFoundError, NotADirectoryError) as error:
        if not os.path.lexists(folder):
            return ()
        raise _unreadable_error(name, error) from None
    except (OSError, ValueError) as error:
        raise _unreadable_error(name, error) from None


def exists(path: Path, name: str) -> bool:
    """Return whether a path exists, even as a broken link. Raises SourceError if that cannot be determined."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        raise _unreadable_error(name, error) from None
    return True


def _folder_item(entry: "os.DirEntry[str]") -> FolderItem:
    try:
        return FolderItem(entry.name, entry.is_dir(), entry.is_symlink() and not Path(entry.path).exists())
    except OSError:
        return FolderItem(entry.name, False, True)


def _check_inside(path: Path, name: str, root: Path) -> None:
    real, inside = os.path.realpath(path), os.path.realpath(root)
    if real != inside and not real.startswith(os.path.join(inside, "")):  # noqa: PTH118  # pathlib takes three times as long
        raise _source_error(
            "outside", name, "is a link that leads out of the library; replace it with a copy of its target"
        )


def _unreadable_error(name: str, error: OSError | ValueError) -> SourceError:
    why = error.strerror if isinstance(error, OSError) and error.strerror else "its name cannot be used"
    return _source_error("unreadable", name, f"cannot be read: {why}; repair or remove it")


def _source_error(code: str, name: str, message: str) -> SourceError:
    return SourceError([Finding(code, message, SourceLocation(name))])
