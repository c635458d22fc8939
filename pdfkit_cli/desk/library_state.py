"""The library as the desk sees it: reloaded when a file changes, without a restart.

If it cannot be read, or has not been checked recently, there is no library: a leaflet that was withdrawn meanwhile must not be printed.
"""

import errno
import logging
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from pdfkit_cli.build import output_folder, pipeline, planning
from pdfkit_cli.build.kept_workers import KeptWorkers
from pdfkit_cli.build.pipeline import BuildRequest, Project
from pdfkit_cli.build.planning import DiskState
from pdfkit_cli.content import appointments, editions
from pdfkit_cli.content.editions import SELECT_ALL, OutputKey, Selection
from pdfkit_cli.content.library import ClinicEntry
from pdfkit_cli.content.models import Appointments
from pdfkit_cli.content.printers import Printers, load_printers
from pdfkit_cli.content.search import SearchEntry, SearchIndex, search_entries
from pdfkit_cli.desk.addresses import RESERVED_NAMES
from pdfkit_cli.desk.background_builds import SHUTDOWN_SECONDS
from pdfkit_cli.desk.unpublished import UnpublishedPdfs
from pdfkit_cli.errors import Finding, PdfkitError, Severity, SourceError, SourceLocation
from pdfkit_cli.output.manifest import Manifest, ManifestEntry

log = logging.getLogger("pdfkit.desk")

FolderStamp: TypeAlias = tuple[tuple[str, int, int, int, int], ...]
"""The files of a folder with their inodes, times and sizes."""

POLL_INTERVAL = 1.0
"""Seconds between two checks of the library's files; longer if a check takes long."""

MAX_POLL_INTERVAL = 20.0
"""Greatest number of seconds between two checks."""

TRUST_SECONDS = 60.0
"""Seconds for which a check is trusted; if checks take longer, twice as long as the longest."""

MAX_TRUST_SECONDS = 300.0
"""Greatest number of seconds for which a check is trusted."""

_MISSING_ERRNOS = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
"""Errors for a file that does not exist, or a broken link. Any other error hides the content."""


_EMPTY = SearchIndex.of(())
"""Made in advance: the snapshot of an unreadable library must depend on nothing that can fail."""


@dataclass(frozen=True, slots=True)
class LibrarySnapshot:
    """The library at one moment. Without a project it cannot be read, and the findings are the reason."""

    project: Project | None
    findings: tuple[Finding, ...]
    output_keys: Mapping[str, OutputKey] = field(default_factory=dict)
    """Every PDF that clinics hand out, by its path: the only place where a path from a browser is looked up."""

    editions: Mapping[tuple[str, str], tuple[OutputKey, ...]] = field(default_factory=dict)
    """The same by clinic and leaflet."""

    entries: Mapping[str, SearchEntry] = field(default_factory=dict)
    """The search entry of each leaflet, by its name."""

    index: SearchIndex = _EMPTY
    """The index of the search."""

    printers: Printers = field(default_factory=lambda: Printers({}))
    """The printers of printers.yaml; none if the file is broken, which is among the findings."""

    number: int = 0
    """Number of the load."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The errors in the library."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


class LibraryState:
    """Keeps the latest snapshot and the latest manifest. Thread-safe."""

    def __init__(self, request: BuildRequest) -> None:
        self.request = request
        self._loaded_from: tuple[date, FolderStamp] | None = None
        """The day and the files of the snapshot: findings depend on both."""

        self._snapshot = LibrarySnapshot(None, ())
        self._last_good: Project | None = None
        """The latest project that could be opened: what it had stays if its file can no longer be read."""

        self._manifest: tuple[FolderStamp, Manifest] = ((), Manifest())
        self._planned: tuple[LibrarySnapshot, Manifest, dict[str, ManifestEntry]] = (self._snapshot, Manifest(), {})
        """PDFs found to be current, by path, while snapshot and manifest are unchanged."""
        self._loading = threading.Lock()
        self.workers = KeptWorkers()
        """The worker of builds on demand."""

        self.unpublished = UnpublishedPdfs()
        """What was made while a build wrote the output folder."""

        self.ended = threading.Event()
        """Set when the desk ends, and with it all its tasks."""

        self._watched = False
        self._seen, self._trusted = time.monotonic(), TRUST_SECONDS
        """When the files were last checked, and for how many seconds that is trusted."""

    @property
    def today(self) -> date:
        """The current day, which changes while the desk runs."""
        return date.today()

    @property
    def now(self) -> LibrarySnapshot:
        """The latest snapshot; an unreadable one if the files have not been checked for too long."""
        unseen = time.monotonic() - self._seen
        if self._watched and unseen > self._trusted:
            return self._unreadable(f"its files were seen last {unseen:.0f} seconds ago")
        return self._snapshot

    @property
    def alive(self) -> bool:
        """Whether the library can be read and is being watched."""
        return self.now.project is not None

    @property
    def manifest(self) -> Manifest:
        """The manifest of the output folder."""
        folder = self.request.out
        stamp = tuple(
            _stat(
                [folder / output_folder.MANIFEST_NAME, folder / output_folder.WORK_FOLDER / output_folder.JOURNAL_NAME]
            )
        )
        known, manifest = self._manifest
        if stamp != known or not stamp:
            manifest = output_folder.read_manifest(folder)
            self._manifest = stamp, manifest
        return manifest

    def refresh(self) -> bool:
        """Reload the library if a file or the day has changed; return whether it has.

        Raises nothing: any error makes the library unreadable.
        """
        with self._loading:
            started = time.monotonic()
            try:
                changed = self._refreshed()
            except Exception as error:
                self._failed(error)
                return True
            self._seen = time.monotonic()
            self._trusted = min(max(self._trusted, 2 * (self._seen - started)), MAX_TRUST_SECONDS)
            return changed

    def _refreshed(self) -> bool:
        _ = self.manifest  # nothing is printed unless the manifest can be read
        found = self.today, tuple(sorted(_stat(_files(self.request.library))))
        if found == self._loaded_from:
            return False
        self._snapshot = _load(replace(self.request, as_of=found[0]), self._last_good, self._snapshot.number + 1)
        self._last_good = self._snapshot.project or self._last_good
        self._loaded_from = found
        return True

    def _failed(self, error: BaseException) -> None:
        """Treat the library as unreadable until the next check, which reloads it."""
        known = self._snapshot
        self._snapshot, self._loaded_from = self._unreadable(type(error).__name__), None
        if known.project or not known.number:
            log.error("the library cannot be read: %s", type(error).__name__)

    def _unreadable(self, why: str) -> LibrarySnapshot:
        finding = Finding("no-library", f"the library cannot be read: {why}", SourceLocation(str(self.request.library)))
        return LibrarySnapshot(None, (finding,), number=self._snapshot.number + 1)

    def watch(self, changed: Callable[[], None] = lambda: None) -> None:
        """Refresh from now on, and call `changed` after each change, in a thread that ends with `close` or the process."""
        self._seen, self._watched = time.monotonic(), True
        threading.Thread(target=self._watch, args=(changed,), daemon=True, name="library").start()

    def close(self) -> None:
        """Stop watching, and end the worker of builds on demand."""
        self.ended.set()
        self.workers.close(SHUTDOWN_SECONDS)
        self.unpublished.close()

    def _watch(self, changed: Callable[[], None]) -> None:
        pause = POLL_INTERVAL
        while not self.ended.wait(pause):
            started = time.monotonic()
            try:
                if self.refresh():
                    changed()
            except BaseException as error:  # a panic in Rust code is no Exception, and this thread must continue
                with suppress(BaseException):
                    self._failed(error)
            pause = min(max(POLL_INTERVAL, 10 * (time.monotonic() - started)), MAX_POLL_INTERVAL)

    def current(self, output_key: OutputKey) -> ManifestEntry | None:
        """Return the entry of a PDF that is up to date, published or not yet; None if it must be built."""
        snapshot = self.now
        if snapshot.project is None:
            return None
        return self._published(output_key) or self.unpublished.entry(output_key.path, snapshot.number)

    def latest(self, path: str) -> ManifestEntry | None:
        """Return the entry of the PDF at a path that was made last, published or not yet; it may be out of date."""
        return self.unpublished.entry(path, self.now.number) or self.manifest.files.get(path)

    def same_words(self, output_key: OutputKey) -> ManifestEntry | None:
        """Return the entry of a published PDF that is outdated in its layout alone: what is printed there says the same."""
        manifest, project, path = self.manifest, self.now.project, output_key.path
        entry = manifest.files.get(path) or manifest.pending.get(path)
        if project is None or entry is None:
            return None
        if output_folder.disk_state(self.request.out, path, entry) is not DiskState.SAME:
            return None
        try:
            digest = editions.resolve_edition(project.library, output_key.edition).digest
        except SourceError:
            return None
        return entry if entry.digest == digest else None

    def file(self, path: str, entry: ManifestEntry) -> Path:
        """Return where the PDF of an entry lies."""
        return self.unpublished.file(path, entry.sha256) or self.request.out / path

    def _published(self, output_key: OutputKey) -> ManifestEntry | None:
        manifest, snapshot = self.manifest, self.now
        if output_key.path not in manifest.files or snapshot.project is None:
            return None
        planned = self._planned
        if not (planned[0] is snapshot and planned[1] is manifest):
            planned = self._planned = snapshot, manifest, {}
        known = planned[2].get(output_key.path)
        if known and output_folder.disk_state(self.request.out, output_key.path, known) is DiskState.SAME:
            return known
        context = pipeline.plan_context(snapshot.project, self.request, manifest)
        kept = planning.compute_plan([output_key], selection_of(output_key), context).kept.get(output_key.path)
        if kept:
            planned[2][output_key.path] = kept
        return kept


def selection_of(output_key: OutputKey) -> Selection:
    """Return the selection of exactly one PDF."""
    key = output_key.edition
    return Selection((key.leaflet,), (key.clinic,), (key.language,), (output_key.format,), (str(key.variant),))


def _load(request: BuildRequest, before: Project | None, number: int) -> LibrarySnapshot:
    try:
        project = pipeline.open_project(replace(request, selection=SELECT_ALL), before, hold=True)
    except SourceError as error:
        return LibrarySnapshot(None, error.findings, number=number)
    except PdfkitError as error:
        return LibrarySnapshot(
            None, (Finding("no-library", str(error), SourceLocation(str(request.library))),), number=number
        )
    clinics = project.library.clinics.items()
    if unreachable := tuple(_unreachable(entry) for name, entry in clinics if name in RESERVED_NAMES):
        return LibrarySnapshot(None, unreachable, number=number)
    output_keys = {output_key.path: output_key for output_key in project.output_keys()}
    grouped = defaultdict[tuple[str, str], list[OutputKey]](list)
    for output_key in output_keys.values():
        grouped[output_key.edition.clinic, output_key.edition.leaflet].append(output_key)
    editions = {key: tuple(group) for key, group in grouped.items()}
    codes, wrong = _appointment_codes(request.library)
    entries = {entry.leaflet: entry for entry in search_entries(project.library, codes)}
    held = chain.from_iterable(project.library.held.values())
    findings = tuple(dict.fromkeys((*project.findings, *held, *wrong)))
    index, printers = SearchIndex.of(entries.values()), _printers(request.library)
    return LibrarySnapshot(project, findings, output_keys, editions, entries, index, printers, number)


def _unreachable(clinic: ClinicEntry) -> Finding:
    message = f"the desk has pages of its own at /{clinic.name}; give the clinic’s file another name"
    return Finding("bad-name", message, clinic.place())


def _printers(library: Path) -> Printers:
    """Return the printers; none if their file is broken, which the check `wrong-printer` says."""
    try:
        return load_printers(library)
    except SourceError:
        return Printers({})


def _appointment_codes(library: Path) -> tuple[Appointments, tuple[Finding, ...]]:
    """Return the appointment codes for the search; if their file is broken, none, and the findings."""
    try:
        return appointments.load_appointments(library), ()
    except SourceError as error:
        return Appointments({}), tuple(error.findings)


def _files(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder, onerror=_ignore_missing):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(root, name) for name in names if not name.startswith("."))


def _stat(paths: Iterator[Path] | list[Path]) -> Iterator[tuple[str, int, int, int, int]]:
    for path in paths:
        try:
            found = path.stat()
        except OSError as error:
            _ignore_missing(error)
            continue
        yield str(path), found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size


def _ignore_missing(error: OSError) -> None:
    """Ignore that a file or folder has disappeared since it was listed. Raises any other error."""
    if error.errno not in _MISSING_ERRNOS:
        raise error
