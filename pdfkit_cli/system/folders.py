"""Folders accessed through handles: files are read, written and moved exactly there, and no link leads elsewhere.

Other users may write into an inbox or an outbox, and replace a file or a folder at any moment.
So nothing is checked by path and then opened by path.
"""

import errno
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from pdfkit_cli.errors import PdfkitError


class UntrustedPathError(PdfkitError):
    """A folder or file that should be ours is a link, or belongs to another user."""


class FileChangedError(PdfkitError):
    """A file is not the one that was checked."""


@dataclass(frozen=True, slots=True)
class FileStamp:
    """The observed state of a file: enough to recognize it, and to notice a change."""

    size: int
    changed: int
    inode: int
    alone: bool = True
    """Whether it is a regular file with only this name: not a link, folder, pipe or device, nor hard-linked elsewhere."""

    @classmethod
    def of(cls, found: os.stat_result) -> Self:
        """Return the state from the result of `stat`."""
        alone = stat.S_ISREG(found.st_mode) and found.st_nlink <= 1
        return cls(found.st_size, found.st_mtime_ns, found.st_ino, alone)


_REMOVE_HINT = "take it away: pdfkit makes one"
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_APPEND_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Folder:
    """An open folder. Names are those of files directly in it. All methods raise OSError if the system refuses."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path, self.handle = path, handle

    @classmethod
    def at(cls, path: Path) -> Self:
        """Open a folder that a user has named."""
        return cls(path, os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the handle."""
        if self.handle >= 0:
            handle, self.handle = self.handle, -1
            os.close(handle)

    def ours(self, name: str, *, new: bool = False, private: bool = False) -> "Folder":
        """Open a subfolder that belongs to us; with `new` it is made if it is missing.

        With `private`, nobody else must be able to write to it. Raises UntrustedPathError.
        """
        if new:
            with suppress(FileExistsError):
                os.mkdir(name, 0o700 if private else 0o777, dir_fd=self.handle)
        found = self.stat(name)
        if not stat.S_ISDIR(found.st_mode):
            raise UntrustedPathError(f"{self.path / name}: is no folder of its own", hint=_REMOVE_HINT)
        folder = Folder(self.path / name, os.open(name, _FOLDER_FLAGS, dir_fd=self.handle))
        try:
            folder._check(private)
        except BaseException:
            folder.close()
            raise
        return folder

    def _check(self, private: bool) -> None:
        found = os.fstat(self.handle)
        if private and found.st_mode & _WRITABLE_BY_OTHERS:
            os.fchmod(self.handle, 0o700)
            found = os.fstat(self.handle)
        if found.st_uid != os.geteuid():
            raise UntrustedPathError(
                f"{self.path}: belongs to somebody else", hint="take it away: pdfkit makes one of its own"
            )
        if private and found.st_mode & _WRITABLE_BY_OTHERS:
            raise UntrustedPathError(
                f"{self.path}: others may write into it", hint="mount the drive so that they may not"
            )

    def is_unchanged(self, path: Path) -> bool:
        """Return whether a path leads to this folder."""
        now, own = path.lstat(), os.fstat(self.handle)
        return (now.st_dev, now.st_ino) == (own.st_dev, own.st_ino)

    def names(self) -> list[str]:
        """Return the names of all files in it."""
        return os.listdir(self.handle)  # noqa: PTH208  # a path takes no handle

    def stat(self, name: str) -> os.stat_result:
        """Return the `stat` result of a file, or of the link itself."""
        return os.stat(name, dir_fd=self.handle, follow_symlinks=False)

    def look(self, name: str) -> FileStamp | None:
        """Return the state of a file; None if it does not exist.

        The system is asked twice, since one wrong answer would lose a letter.
        """
        try:
            return FileStamp.of(self.stat(name))
        except FileNotFoundError:
            if name in self.names():
                raise
            return None

    def read(self, name: str, most: int, seen: FileStamp | None = None, *, ours: bool = False) -> bytes:
        """Return the first bytes of a file, at most `most` of them.

        Raises FileChangedError if it differs from what was seen, and UntrustedPathError if it is not a regular file or,
        with `ours`, belongs to another user.
        """
        with os.fdopen(self._open(name), "rb") as file:
            found = os.fstat(file.fileno())
            if ours and found.st_uid != os.geteuid():
                raise UntrustedPathError(f"{self.path / name}: is no file of ours", hint=_REMOVE_HINT)
            if seen and FileStamp.of(found) != seen:
                raise FileChangedError(f"{self.path / name}: is another file than a moment ago")
            return file.read(most)

    def _open(self, name: str, flags: int = _READ_FLAGS) -> int:
        """Open a regular file.

        Raises UntrustedPathError if it is a link, has another name elsewhere, or is not a file.
        """
        try:
            handle = os.open(name, flags, 0o600, dir_fd=self.handle)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):  # a link, a folder, a socket
                raise UntrustedPathError(f"{self.path / name}: is no file of its own", hint=_REMOVE_HINT) from None
            raise
        try:
            if not FileStamp.of(os.fstat(handle)).alone:
                raise UntrustedPathError(f"{self.path / name}: is no file of its own", hint=_REMOVE_HINT)
        except BaseException:
            os.close(handle)
            raise
        return handle

    def tail(self, name: str, most: int) -> bytes:
        """Return the last bytes of a file. Raises UntrustedPathError if it is not a regular file."""
        with os.fdopen(self._open(name), "rb") as file:
            file.seek(max(0, file.seek(0, 2) - most))
            return file.read()

    def write(self, name: str, data: bytes) -> None:
        """Write a new file that only its owner can read, and wait until it is on the disk."""
        with os.fdopen(os.open(name, _CREATE_FLAGS, 0o600, dir_fd=self.handle), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def append(self, name: str, data: bytes) -> None:
        """Append to a file of ours, which is made if it is missing, and wait until it is on the disk.

        Raises UntrustedPathError.
        """
        with os.fdopen(self._open(name, _APPEND_FLAGS), "rb+", buffering=0) as file:
            found = os.fstat(file.fileno())
            if found.st_uid != os.geteuid():
                raise UntrustedPathError(f"{self.path / name}: is no file of ours", hint=_REMOVE_HINT)
            if found.st_mode & 0o077:
                os.fchmod(file.fileno(), 0o600)
            if found.st_size and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n":
                data = b"\n" + data  # after a line that was torn by a kill or a full drive
            file.seek(0, os.SEEK_END)
            while data:
                data = data[file.write(data) :]
            os.fsync(file.fileno())

    def move(self, name: str, to: "Folder", new_name: str) -> None:
        """Move a file into another folder. Raises FileExistsError if the name is taken."""
        if to.look(new_name):
            raise FileExistsError(new_name)
        os.rename(name, new_name, src_dir_fd=self.handle, dst_dir_fd=to.handle)

    def sync(self) -> None:
        """Wait until moves are on the disk; some network drives cannot tell."""
        try:
            os.fsync(self.handle)
        except OSError:
            return
