"""A library that cannot be read, or that nobody looks at, is no library: nothing that was withdrawn meanwhile is printed."""

import errno
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.desk import library_state
from pdfkit_cli.desk.library_state import LibraryState
from tests.helpers.desk_client import client, library_of
from tests.helpers.tiny_library import TinyLibrary

PATH = "/north/pdf/first.da.a4.pdf"


class PanicError(BaseException):
    """As libraries in Rust raise it."""


ERRORS = [
    MemoryError(),
    RecursionError(),
    OSError(errno.EIO, "I/O error"),
    PermissionError(errno.EACCES, "denied"),
    OSError(errno.ESTALE, "stale handle"),
    OSError(errno.EMFILE, "too many open files"),
    ValueError("secret"),
    KeyError("x"),
    AssertionError(),
    UnicodeError(),
    TypeError(),
    RuntimeError("dictionary changed size"),
    SystemError(),
    PanicError(),
]


def failing(error: BaseException) -> Callable[..., Any]:
    def fail(*arguments: object, **options: object) -> Any:
        raise error

    return fail


@contextmanager
def watched(library: LibraryState, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Watch without a pause; yields what waits until the files have been looked at again."""
    looks = threading.Semaphore(0)
    monkeypatch.setattr(library_state, "POLL_INTERVAL", 0.001)
    monkeypatch.setattr(library_state, "MAX_POLL_INTERVAL", 0.001)
    library.ended = ended = threading.Event()
    waits = ended.wait

    def wait(pause: float | None = None) -> bool:
        looks.release()
        return waits(pause)

    monkeypatch.setattr(ended, "wait", wait)
    others = set(threading.enumerate())  # a desk of other tests may be looking, too
    library.watch()

    def look() -> None:
        while looks.acquire(blocking=False):
            pass
        for _ in range(2):
            assert looks.acquire(timeout=300)

    yield look
    library.close()
    for thread in set(threading.enumerate()) - others:
        thread.join(20)


@pytest.mark.parametrize(
    ("place", "error"),
    [
        *(("build.pipeline.open_project", error) for error in ERRORS),
        *(
            (place, error)
            for place in ("content.search.SearchIndex.of", "desk.library_state._files", "desk.library_state._stat")
            for error in (ERRORS[0], ERRORS[2], ERRORS[-1])
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else type(one).__name__,
)
def test_whatever_fails_ends_neither_the_watching_nor_in_an_old_library(
    library: TinyLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, error: BaseException
) -> None:
    found = LibraryState(BuildRequest(library.root, tmp_path / "dist"))
    found.refresh()
    assert found.alive
    with watched(found, monkeypatch) as look, monkeypatch.context() as broken:
        broken.setattr(f"pdfkit_cli.{place}", failing(error))
        library.replace("content/first/leaflet.yaml", "status: draft", "status: withdrawn")
        look()
        assert not found.alive
        assert "cannot be read" in found.now.findings[0].message
        assert "secret" not in found.now.findings[0].message
        broken.undo()
        look()
        assert found.alive, "it comes back by itself"
        assert not found.now.output_keys, "and knows what was withdrawn"


def test_a_folder_that_cannot_be_listed_hides_nothing(library: TinyLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    found, scandir = LibraryState(BuildRequest(library.root, tmp_path / "dist")), os.scandir
    found.refresh()

    def scan(path: Any) -> Any:
        if str(path).endswith("content"):
            raise OSError(errno.EIO, "I/O error")
        return scandir(path)

    with monkeypatch.context() as broken:
        broken.setattr(os, "scandir", scan)
        assert found.refresh()
        assert not found.alive
    found.refresh()
    assert found.alive


def test_while_nobody_can_tell_what_is_published_nothing_is_printed(library: TinyLibrary, tmp_path: Path) -> None:
    found = LibraryState(BuildRequest(library.root, tmp_path / "dist"))
    found.refresh()
    assert found.alive
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/manifest.json").write_text("{")
    assert found.refresh()
    assert not found.alive
    (tmp_path / "dist/manifest.json").unlink()
    assert found.refresh()
    assert found.alive


def test_a_file_that_goes_away_meanwhile_or_a_link_to_nowhere_is_no_failure(library: TinyLibrary, tmp_path: Path) -> None:  # fmt: skip
    for name, target in (("nowhere", "not-there"), ("loop", "loop"), ("below", "library.yaml/x")):
        (library.root / name).symlink_to(target)
    found = LibraryState(BuildRequest(library.root, tmp_path / "dist"))
    found.refresh()
    assert found.alive
    assert list(library_state._stat([library.root / "gone", library.root / "library.yaml/x"])) == []


def test_a_change_is_seen_by_permissions_and_inodes_too(library: TinyLibrary, tmp_path: Path) -> None:
    found = LibraryState(BuildRequest(library.root, tmp_path / "dist"))
    found.refresh()
    file = library.root / "content/first/leaflet.yaml"
    before = file.stat()
    file.write_text(file.read_text("utf-8").replace("status: draft", "status: ready"), "utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_size == before.st_size
    assert found.refresh()
    assert not found.refresh()


def test_nobody_has_looked_for_a_minute(library: TinyLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("pdfkit_cli.desk.library_state.time.monotonic", lambda: clock[0])
    found = LibraryState(BuildRequest(library.root, tmp_path / "dist"))
    found.refresh()
    monkeypatch.setattr(threading.Thread, "start", lambda self: None)  # a watcher that hangs
    found.watch()
    clock[0] += 59
    assert found.alive
    clock[0] += 2
    assert not found.alive
    assert "61 seconds" in found.now.findings[0].message
    assert not found.now.output_keys
    assert not found.refresh()
    assert found.alive


def test_a_large_library_has_time_to_be_loaded(library: TinyLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    clock = [1000.0]
    monkeypatch.setattr("pdfkit_cli.desk.library_state.time.monotonic", lambda: clock[0])
    load = library_state._load

    def slow(*arguments: Any) -> Any:
        clock[0] += 100
        return load(*arguments)

    monkeypatch.setattr(library_state, "_load", slow)
    monkeypatch.setattr(threading.Thread, "start", lambda self: None)
    found = LibraryState(BuildRequest(library.root, tmp_path / "dist"))
    found.refresh()
    found.watch()
    clock[0] += 199
    assert found.alive
    clock[0] += 2
    assert not found.alive


def test_nothing_is_printed_while_the_library_cannot_be_read(
    library: TinyLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4]")
    assert build(BuildRequest(library.root, tmp_path / "dist", jobs=1)).clean
    asking = client(library.root, tmp_path / "dist")
    assert asking.get(PATH).status_code == 200
    picture = PATH.replace("/pdf/", "/picture/") + "?width=480"
    assert asking.get(picture).status_code == 200
    with monkeypatch.context() as broken:
        broken.setattr("pdfkit_cli.build.pipeline.open_project", failing(MemoryError()))
        library.replace("content/first/leaflet.yaml", "status: draft", "status: withdrawn")
        library_of(asking).refresh()
        for path in (PATH, PATH.replace("/pdf/", "/ready/"), picture, "/north/leaflet/first", "/", "/keeper"):
            answer = asking.get(path)
            assert answer.status_code == 503, path
            assert answer.content[:4] != b"%PDF"
        sent = asking.post(
            "/north/pack", data={"leaflet": "north/first.da.a4.pdf"}, headers={"accept": "application/json"}
        )
        assert (sent.status_code, sent.json()["problem"]) == (503, "library_broken")
        assert asking.post("/north/personal/first.da.a4.pdf", data={}).status_code == 503
    library_of(asking).refresh()
    assert asking.get(PATH).status_code in (404, 410)


def test_the_library_is_loaded_anew_when_the_day_changes(
    library: TinyLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = LibraryState(BuildRequest(library.root, tmp_path / "dist"))
    assert found.refresh()
    assert not found.refresh()
    tomorrow = found.today + timedelta(1)
    monkeypatch.setattr(LibraryState, "today", property(lambda self: tomorrow))
    assert found.refresh(), "what is overdue depends on the day"
    assert not found.refresh()
