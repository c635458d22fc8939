"""PDFs that somebody waited for while a build wrote the output folder: kept here until they are published.

A build may take hours, and the counter comes first. The same input gives the same bytes, so what is printed from here
is what the build publishes.
"""

import threading
from contextlib import ExitStack
from pathlib import Path

from pdfkit_cli.output.manifest import ManifestEntry
from pdfkit_cli.system import temporary

MAX_KEPT = 200
"""PDFs that are kept; the oldest goes first."""


class UnpublishedPdfs:
    """PDFs of one snapshot of the library, in a private folder that ends with the desk. Thread-safe."""

    def __init__(self) -> None:
        self._lock, self._opened = threading.Lock(), ExitStack()
        self._folder: Path | None = None
        self._snapshot = 0
        self._entries: dict[str, ManifestEntry] = {}

    def entry(self, path: str, snapshot: int) -> ManifestEntry | None:
        """Return the entry of a PDF by its path in the output folder; None if it was not made of this snapshot."""
        return self._entries.get(path) if snapshot == self._snapshot else None

    def file(self, path: str, sha256: str) -> Path | None:
        """Return where a PDF with this SHA-256 lies; None if there is none."""
        known = self._entries.get(path)
        return self._folder / sha256 if self._folder and known and known.sha256 == sha256 else None

    def keep(self, path: str, snapshot: int, entry: ManifestEntry, pdf: bytes) -> None:
        """Keep a PDF. Raises PdfkitError or OSError if there is no space."""
        with self._lock:
            if self._folder is None:
                self._folder = self._opened.enter_context(temporary.temporary_folder(temporary.DESK_PREFIX))
            if snapshot != self._snapshot:
                self._entries, self._snapshot = {}, snapshot
            (self._folder / entry.sha256).write_bytes(pdf)
            self._entries[path] = entry
            while len(self._entries) > MAX_KEPT:
                gone = self._entries.pop(next(iter(self._entries)))
                (self._folder / gone.sha256).unlink(missing_ok=True)

    def close(self) -> None:
        """Remove them all."""
        with self._lock:
            self._entries, self._folder = {}, None
            self._opened.close()
