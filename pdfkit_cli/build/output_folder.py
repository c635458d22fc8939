"""The output folder: files appear complete or not at all, and the manifest is always true."""

import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from filelock import FileLock, Timeout

from pdfkit_cli.build.planning import DiskState
from pdfkit_cli.content import yaml_source
from pdfkit_cli.errors import OutputBusyError, OutputError
from pdfkit_cli.output import manifest, past_editions
from pdfkit_cli.output.manifest import JournalLine, Manifest, ManifestEntry
from pdfkit_cli.rendering.toolchain import InputGroup
from pdfkit_cli.system import durable

MANIFEST_NAME = "manifest.json"
WORK_FOLDER = ".pdfkit"
"""Folder in the output folder for the lock, the journal, thumbnails, and incomplete files."""

JOURNAL_NAME = "journal.jsonl"

BATCH_SIZE = 64
"""PDFs that are written to the disk together, since many take as long as one."""

SLOW_BATCH_SECONDS = 2.0
"""Seconds after which fewer are written together."""

THUMBNAILS_FOLDER = "thumbnails"
"""Subfolder of that folder; its content can be made again at any time."""


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of an output folder without changing the folder; an empty one if there is none."""
    return _recover_unfinished(
        folder, _PublishJournal(folder / WORK_FOLDER / JOURNAL_NAME).replayed(_read_manifest(folder))
    )


def disk_state(folder: Path, path: str, entry: ManifestEntry) -> DiskState:
    """Compare a file with its entry: by size and time, and by content if the time differs."""
    try:
        stat = (folder / path).stat()
        if stat.st_size != entry.bytes:
            return DiskState.DIFFERENT
        if stat.st_mtime_ns == entry.mtime_ns:
            return DiskState.SAME
        same = yaml_source.sha256_hex((folder / path).read_bytes()) == entry.sha256
    except OSError:
        return DiskState.MISSING
    return DiskState.SAME if same else DiskState.DIFFERENT


class OutputFolder:
    """An output folder that one build writes, locked until it is closed.

    The order of writing keeps the manifest true if the build is killed at any moment.
    Before the first file is changed, the entries of all files that will be are moved from `files` to `pending`.
    A complete file is put in place by a rename, and then entered in the journal.
    At the end the journal becomes the manifest, and entries of files that did not change are moved back.

    This includes power cuts: a file is on the disk before it is renamed, and its folder before the manifest that names it.
    """

    def __init__(self, folder: Path) -> None:
        """Lock the folder and read its manifest. Raises OutputError."""
        self.folder = folder
        self._work = folder / WORK_FOLDER
        self._changed: set[Path] = set()
        self._replaced: list[ManifestEntry] = []
        with _explain_write_errors(folder):
            self._changed |= {path.parent for path in (self._work, *self._work.parents) if not path.exists()}
            self._work.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(self._work / "lock")
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                raise OutputBusyError(
                    f"another build is writing {folder}", hint="wait until it has ended, or give this one its own --out"
                ) from None
            for leftover in self._work.glob("*.part"):
                leftover.unlink()
        self._journal = _PublishJournal(self._work / JOURNAL_NAME)
        self._parts: list[tuple[Path, str, ManifestEntry]] = []
        self._begun: list[tuple[Path, str, ManifestEntry]] = []
        self._wait: Callable[[], None] = _no_wait
        self._count, self._advanced_at = 0, time.monotonic()
        try:
            self.manifest = read_manifest(folder)
        except OutputError:
            self._lock.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._journal.close()
        self._lock.release()

    def begin(self, kept: dict[str, ManifestEntry], touched: set[str], groups: dict[str, InputGroup]) -> None:
        """Record which entries this build keeps and which files it will change.

        Files that were lost or altered are no longer listed.
        """
        with _explain_write_errors(self.folder):
            self.manifest.files |= kept
            self.manifest.inputs |= groups
            others = (item for item in self.manifest.files.items() if item[0] not in kept)  # the plan has checked those
            touched = touched | {
                path for path, entry in others if disk_state(self.folder, path, entry) is not DiskState.SAME
            }
            for path in touched:
                self.manifest.pending[path] = self.manifest.entry(path)
                self.manifest.files.pop(path, None)
            if touched:
                self._write_manifest()

    def put(self, path: str, pdf: bytes, entry: ManifestEntry) -> ManifestEntry:
        """Accept a PDF, to be put in place together with others; returns the entry with the file's time."""
        with _explain_write_errors(self.folder / path):
            part = self._write_part(pdf)
            stat = part.stat()
        entry = replace(entry, bytes=stat.st_size, mtime_ns=stat.st_mtime_ns)
        self._parts.append((part, path, entry))
        if len(self._parts) >= BATCH_SIZE or time.monotonic() - self._advanced_at > SLOW_BATCH_SECONDS:
            self._advance()
        return entry

    def settle(self) -> None:
        """Put the accepted PDFs in place, and enter them."""
        self._advance()
        self._place()

    def _advance(self) -> None:
        """Put in place what is on the disk, and start to write what has been accepted since, while other PDFs are rendered."""
        self._place()
        self._begun, self._parts = self._parts, []
        self._wait = durable.start_sync([part for part, _, _ in self._begun])
        self._advanced_at = time.monotonic()

    def _place(self) -> None:
        (parts, self._begun), (wait, self._wait) = (self._begun, []), (self._wait, _no_wait)
        with self._unfinished(parts):
            wait()
            for part, path, entry in parts:
                with _explain_write_errors(self.folder / path):
                    self._rename(part, self.folder / path)
                    self._journal.append(JournalLine(path, entry))
                before = self.manifest.entry(path)
                if before and before.digest != entry.digest:
                    self._replaced.append(before)
                self.manifest.files[path] = entry
                self.manifest.pending.pop(path, None)

    @contextmanager
    def _unfinished(self, parts: Sequence[tuple[Path, *tuple[object, ...]]]) -> Iterator[None]:
        """At the end, remove files that were not put in place. Raises OutputError if the disk does not accept them."""
        try:
            with _explain_write_errors(self.folder):
                yield
        finally:
            for part, *_ in parts:
                with suppress(OSError):
                    part.unlink(missing_ok=True)

    def _write_part(self, data: bytes) -> Path:
        """Return a new file that is not in place yet."""
        self._count += 1
        part = self._work / f"{os.getpid()}.{self._count}.part"
        try:
            part.write_bytes(data)
        except OSError:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise
        return part

    def _rename(self, part: Path, target: Path) -> None:
        if not target.parent.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            self._changed.add(target.parent.parent)
        part.replace(target)
        self._changed.add(target.parent)

    def _sync_folders(self) -> None:
        """Wait until the changed folders are on the disk. A folder that no longer exists was empty."""
        durable.sync([folder for folder in self._changed if folder.exists()])
        self._changed.clear()

    def remove(self, path: str) -> None:
        """Remove a file that the manifest lists, and its folder if that is empty then."""
        with _explain_write_errors(self.folder / path):
            (self.folder / path).unlink(missing_ok=True)
            self._journal.append(JournalLine(path, None))
        self._forget_folder((self.folder / path).parent)
        if before := self.manifest.entry(path):
            self._replaced.append(before)
        self.manifest.files.pop(path, None)
        self.manifest.pending.pop(path, None)

    def pages(self, paths: Collection[str], made: Iterable[tuple[str, bytes]]) -> None:
        """Put changed pages of the catalogue in place, and remove those of an earlier build that are no longer needed.

        The manifest lists pages before the first is written, and until the last is removed.
        """
        gone = sorted(set(self.manifest.pages) - set(paths))
        self._list_pages({*self.manifest.pages, *paths})
        parts: list[tuple[Path, str]] = []
        with self._unfinished(parts):
            for path, content in made:
                if self._differs(path, content):
                    with _explain_write_errors(self.folder / path):
                        parts.append((self._write_part(content), path))
            durable.sync([part for part, _ in parts])
            for part, path in parts:
                with _explain_write_errors(self.folder / path):
                    self._rename(part, self.folder / path)
        for path in gone:
            with _explain_write_errors(self.folder / path):
                (self.folder / path).unlink(missing_ok=True)
            self._forget_folder((self.folder / path).parent)
        with _explain_write_errors(self.folder):
            self._sync_folders()
        self._list_pages(set(paths))

    def _forget_folder(self, folder: Path) -> None:
        """Remove a folder that is empty."""
        self._changed |= {folder, folder.parent}
        with suppress(OSError):
            folder.rmdir()

    def _differs(self, path: str, content: bytes) -> bool:
        try:
            return (self.folder / path).read_bytes() != content
        except OSError:
            return True

    def _list_pages(self, paths: set[str]) -> None:
        if set(self.manifest.pages) != paths:
            self.manifest.pages = tuple(sorted(paths))
            with _explain_write_errors(self.folder):
                self._write_manifest()

    def finish(self) -> None:
        """Put the remaining files in place, write the manifest and end the journal."""
        try:
            self.settle()
        finally:
            self._end()

    def _end(self) -> None:
        with _explain_write_errors(self.folder):
            self._sync_folders()
            past_editions.append_past(self._work / past_editions.PAST_LOG, self._replaced)
            self._replaced.clear()
            _recover_unfinished(self.folder, self.manifest)
            self._write_manifest()

    def _write_manifest(self) -> None:
        text = self.manifest.dump().encode()
        target, part = self.folder / MANIFEST_NAME, self._work / "manifest.part"
        if not (target.exists() and target.read_bytes() == text):
            part.write_bytes(text)
            durable.sync([part])
            part.replace(target)
            durable.sync([self.folder])
        self._journal.clear()


def _no_wait() -> None:
    """Wait for nothing."""


def _read_manifest(folder: Path) -> Manifest:
    """Return the manifest, empty only if it does not exist: if a damaged one counted as empty, its files would never be removed."""
    path = folder / MANIFEST_NAME
    try:
        return manifest.parse_manifest(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return Manifest()
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be read: {error.strerror or error}",
            hint="nothing has been changed; restore access to the folder, and build again",
        ) from None
    except manifest.DamagedManifestError as error:
        raise OutputError(
            f"{path}: {error}",
            hint="nothing has been changed; bring it back from a backup, or remove the folder "
            "and build again, which renders every PDF again",
        ) from None


def _recover_unfinished(folder: Path, known: Manifest) -> Manifest:
    """Move back the entries of files that an unfinished build did not change."""
    for path, entry in list(known.pending.items()):
        if entry and disk_state(folder, path, entry) is DiskState.SAME:
            known.files[path] = entry
            del known.pending[path]
    return known


class _PublishJournal:
    """One JSON line for each file put in place since the manifest was written; a torn last line is skipped."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def append(self, line: JournalLine) -> None:
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
        """Return the manifest with the changes in the journal."""
        try:
            lines = self._path.read_bytes().split(b"\n")
        except (FileNotFoundError, NotADirectoryError):
            return before
        except OSError as error:
            raise OutputError(
                f"{self._path}: cannot be read: {error.strerror or error}",
                hint="nothing has been changed; restore access to the folder, and build again",
            ) from None
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
def _explain_write_errors(target: Path) -> Iterator[None]:
    """Turn system errors, such as a full disk or a read-only folder, into an OutputError."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{target}: cannot be written: {error.strerror or error}",
            hint="free some space or choose another folder with --out; what is finished stays, and the next build goes on",
        ) from None
