"""The latest status of the library: shown at once, renewed behind, and kept for the next start of the desk."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, TypeAlias

from pdfkit_cli import __version__
from pdfkit_cli.build import output_folder
from pdfkit_cli.build.pipeline import BuildRequest
from pdfkit_cli.content.yaml_source import sha256_hex
from pdfkit_cli.desk import isolated_task
from pdfkit_cli.desk.library_state import LibraryState
from pdfkit_cli.desk.library_status import LibraryStatus, library_status
from pdfkit_cli.system import cache_folder, codec

STATUS_SECONDS: Final = 600.0
"""Seconds that `library_status` may take: with 10,000 texts it takes minutes."""

FRESH_SECONDS: Final = 60.0
"""Seconds after which a survey is renewed though nothing changed: nothing reports a file that disappears from the output folder."""

REST: Final = 10
"""A survey is renewed no sooner than after this many times as long as it took, or it would never end in a large library."""

SurveyKey: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """The status of the library, when it was found, and whether that is still the present one."""

    status: LibraryStatus
    taken: datetime
    current: bool = False


class LatestSurvey:
    """Keeps the latest survey. One is made at a time, in a worker process. Thread-safe."""

    def __init__(
        self, library: LibraryState, request: Callable[[], BuildRequest], building: Callable[[], bool]
    ) -> None:
        """While `building` returns true, the survey from before the build stands."""
        self._library, self._request, self._building = library, request, building
        self._lock = threading.Lock()
        self._renewal: Future[None] | None = None
        self._status: LibraryStatus | None = None
        self._taken, self._made_for = datetime.now().astimezone(), SurveyKey()
        self._next = 0.0
        """When to renew it though nothing changed, by `time.monotonic`."""

        self._looked = False

    async def get(self, wait: float) -> Survey | None:
        """Return the latest survey; if it is out of date, begin to renew it, and wait for that for some seconds.

        None if there is none yet. Raises PdfkitError if there is none since it could not be made.
        """
        renewal = await asyncio.to_thread(self._renew_if_needed)
        if renewal:
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(renewal)), wait)
        return self.last

    @property
    def last(self) -> Survey | None:
        """The latest survey, as it is."""
        if self._status is None:
            return None
        return Survey(self._status, self._taken, not self._renewing and self._made_for == self._key(self._request()))

    @property
    def _renewing(self) -> bool:
        return self._renewal is not None and not self._renewal.done()

    def _key(self, request: BuildRequest) -> SurveyKey:
        files = output_folder.MANIFEST_NAME, f"{output_folder.WORK_FOLDER}/{output_folder.JOURNAL_NAME}"
        return self._library.now.number, *(_stamp(request.out / name) for name in files), request.as_of

    def _renew_if_needed(self) -> "Future[None] | None":
        """Return the renewal to wait for; None if the survey is current, or a build is running."""
        with self._lock:
            request = self._request()
            if not self._looked:
                self._looked = True
                self._load(request)
            if self._renewing:
                return self._renewal
            key = self._key(request)
            current = self._made_for == key and time.monotonic() < self._next
            if self._status is not None and (current or self._building()):
                return None
            self._renewal = renewal = Future[None]()
            renewal.set_running_or_notify_cancel()
        threading.Thread(target=self._renew, args=(renewal, request, key), daemon=True, name="survey").start()
        return renewal

    def _renew(self, renewal: "Future[None]", request: BuildRequest, key: SurveyKey) -> None:
        started = time.monotonic()
        stop = self._library.ended.is_set
        try:
            status = isolated_task.run_isolated(library_status, request, STATUS_SECONDS, stop=stop)
        except BaseException as error:
            self._next = time.monotonic() + FRESH_SECONDS
            renewal.set_result(None) if self._status else renewal.set_exception(error)
            return
        ended = time.monotonic()
        self._status, self._taken, self._made_for = status, datetime.now().astimezone(), key
        self._next = ended + max(FRESH_SECONDS, REST * (ended - started))
        self._save(request)
        renewal.set_result(None)

    def _save(self, request: BuildRequest) -> None:
        """Keep the survey for the next start, if there is a safe place; it is made again anyway."""
        with suppress(OSError):
            if file := _file(request):
                new = file.with_suffix(".new")
                new.write_bytes(codec.dumps((self._taken.isoformat(), self._status)))
                new.replace(file)

    def _load(self, request: BuildRequest) -> None:
        with suppress(OSError, ValueError, TypeError, KeyError):
            if file := _file(request):
                taken, status = codec.loads(file.read_bytes())
                if isinstance(status, LibraryStatus):
                    self._status, self._taken = status, datetime.fromisoformat(taken)


def _file(request: BuildRequest) -> Path | None:
    folder = cache_folder.versioned_cache_folder("surveys")
    name = sha256_hex("\0".join((str(request.library.resolve()), str(request.out.resolve()), __version__)).encode())
    return folder / name if folder else None


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
