"""The output folder: files appear whole or not at all, and the manifest never says what is not so."""

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from filelock import FileLock, Timeout

from pdfkit_cli import manifest, source
from pdfkit_cli.errors import OutputError
from pdfkit_cli.inputs import Group
from pdfkit_cli.manifest import Entry, Line, Manifest
from pdfkit_cli.plan import OnDisk

MANIFEST = "manifest.json"
WORK = ".pdfkit"
"""Folder in the output folder for the lock, the journal, thumbnails, and files that are not whole yet."""

THUMBNAILS = "thumbnails"
"""Folder in that one; whatever it holds can be made again."""


def look(folder: Path) -> Manifest:
    """Return what the output folder says of itself, without touching it; nothing there is an empty manifest."""
    return _settled(folder, _Journal(folder / WORK / "journal.jsonl").replayed(_read_manifest(folder)))


def on_disk(folder: Path, path: str, entry: Entry) -> OnDisk:
    """Compare a file with its entry: by size and time, and by content where the time differs."""
    try:
        stat = (folder / path).stat()
        if stat.st_size != entry.bytes:
            return OnDisk.DIFFERENT
        if stat.st_mtime_ns == entry.mtime_ns:
            return OnDisk.SAME
        same = source.digest((folder / path).read_bytes()) == entry.sha256
    except OSError:
        return OnDisk.MISSING
    return OnDisk.SAME if same else OnDisk.DIFFERENT


class Output:
    """An output folder that one build writes, locked until it is closed.

    The order of writing keeps the manifest true when the build is killed at any moment: before the first file is
    touched, every file that will be is moved from `files` to `pending`; a file is put in place whole, by a rename, and
    then entered in the journal; at the end the journal becomes the manifest, and what is still as it was moves back.
    """

    def __init__(self, folder: Path) -> None:
        """Lock the folder and read its manifest. Raises OutputError."""
        self.folder = folder
        self._work = folder / WORK
        with _writing(folder):
            self._work.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(self._work / "lock")
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                raise OutputError(
                    f"another build is writing {folder}", hint="wait until it has ended, or give this one its own --out"
                ) from None
            for leftover in self._work.glob("*.part"):
                leftover.unlink()
        self._journal = _Journal(self._work / "journal.jsonl")
        self.manifest = _settled(folder, self._journal.replayed(_read_manifest(folder)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._journal.close()
        self._lock.release()

    def begin(self, kept: dict[str, Entry], touched: set[str], groups: dict[str, Group]) -> None:
        """Say what this build keeps and what it will touch. What something else lost or changed is no longer listed."""
        with _writing(self.folder):
            self.manifest.files |= kept
            self.manifest.inputs |= groups
            others = (item for item in self.manifest.files.items() if item[0] not in kept)  # the plan has seen those
            touched = touched | {path for path, entry in others if on_disk(self.folder, path, entry) is not OnDisk.SAME}
            for path in touched:
                self.manifest.pending[path] = self.manifest.entry(path)
                self.manifest.files.pop(path, None)
            if touched:
                self._write_manifest()

    def put(self, path: str, pdf: bytes, entry: Entry) -> Entry:
        """Put a PDF in place and enter it; returns the entry with the file's time."""
        target, part = self.folder / path, self._work / f"{os.getpid()}.part"
        with _writing(target):
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                part.write_bytes(pdf)
                stat = part.stat()
                entry = replace(entry, bytes=stat.st_size, mtime_ns=stat.st_mtime_ns)
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)
            self._journal.append(Line(path, entry))
        self.manifest.files[path] = entry
        self.manifest.pending.pop(path, None)
        return entry

    def remove(self, path: str) -> None:
        """Remove a file that the manifest lists, and its folder where that is empty."""
        with _writing(self.folder / path):
            (self.folder / path).unlink(missing_ok=True)
            self._journal.append(Line(path, None))
        with suppress(OSError):
            (self.folder / path).parent.rmdir()
        self.manifest.files.pop(path, None)
        self.manifest.pending.pop(path, None)

    def pages(self, paths: Collection[str], made: Iterable[tuple[str, bytes]]) -> None:
        """Put the pages of the catalogue in place where they changed, and remove those of an earlier build that are no more.

        The manifest lists them before the first is written, and until the last is removed.
        """
        gone = sorted(set(self.manifest.pages) - set(paths))
        self._list_pages({*self.manifest.pages, *paths})
        for path, content in made:
            self._put_page(self.folder / path, content)
        for path in gone:
            with _writing(self.folder / path):
                (self.folder / path).unlink(missing_ok=True)
            with suppress(OSError):
                (self.folder / path).parent.rmdir()
        self._list_pages(set(paths))

    def _list_pages(self, paths: set[str]) -> None:
        if set(self.manifest.pages) != paths:
            self.manifest.pages = tuple(sorted(paths))
            with _writing(self.folder):
                self._write_manifest()

    def _put_page(self, target: Path, content: bytes) -> None:
        with _writing(target):
            with suppress(OSError):
                if target.read_bytes() == content:
                    return
            part = self._work / f"{os.getpid()}.part"
            target.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(content)
            part.replace(target)

    def finish(self) -> None:
        """Write the manifest and end the journal."""
        with _writing(self.folder):
            _settled(self.folder, self.manifest)
            self._write_manifest()

    def _write_manifest(self) -> None:
        text = self.manifest.dump().encode()
        target, part = self.folder / MANIFEST, self._work / "manifest.part"
        if not (target.exists() and target.read_bytes() == text):
            with part.open("wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            part.replace(target)
        self._journal.clear()


def _read_manifest(folder: Path) -> Manifest:
    try:
        return manifest.parse((folder / MANIFEST).read_bytes())
    except OSError:
        return Manifest()


def _settled(folder: Path, known: Manifest) -> Manifest:
    """Move back what an unfinished build did not come to: the file is still what its entry says."""
    for path, entry in list(known.pending.items()):
        if entry and on_disk(folder, path, entry) is OnDisk.SAME:
            known.files[path] = entry
            del known.pending[path]
    return known


class _Journal:
    """One JSON line for each file put in place since the manifest was written; a torn last line does not count."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def append(self, line: Line) -> None:
        if self._file is None:
            self._file = self._path.open("a", encoding="utf-8")
        self._file.write(manifest.dump_line(line))
        self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None

    def clear(self) -> None:
        self.close()
        self._path.unlink(missing_ok=True)

    def replayed(self, before: Manifest) -> Manifest:
        """Return the manifest with what the journal adds."""
        try:
            lines = self._path.read_bytes().split(b"\n")
        except OSError:
            return before
        for line in map(manifest.parse_line, lines[:-1]):
            if line is None:
                break
            if line.entry is None:
                before.files.pop(line.path, None)
            else:
                before.files[line.path] = line.entry
            before.pending.pop(line.path, None)
        return before


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    """Turn what the system says about a full disk or a read-only folder into words."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{target}: cannot be written: {error.strerror or error}",
            hint="free some space or choose another folder with --out; what is finished stays, and the next build goes on",
        ) from None
