"""What has been synced is on the disk, or an error says why not."""

import errno
import os
from pathlib import Path

import pytest

from pdfkit_cli.system import durable


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of what is synced."""
    names: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        names.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    return names


def test_files_and_folders_are_synced(tmp_path: Path, synced: list[str]) -> None:
    paths = [tmp_path / f"{number}.pdf" for number in range(20)]
    for path in paths:
        path.write_bytes(b"x")
    durable.sync([*paths, tmp_path])
    assert sorted(synced) == sorted([*(path.name for path in paths), tmp_path.name])
    durable.sync([])
    assert len(synced) == 21


def test_it_waits_only_when_asked(tmp_path: Path, synced: list[str]) -> None:
    (tmp_path / "a").write_bytes(b"x")
    wait = durable.start_sync([tmp_path / "a"])
    wait()
    assert synced == ["a"]


def test_without_threads_it_is_done_all_the_same(
    tmp_path: Path, synced: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def submit(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("concurrent.futures.ThreadPoolExecutor.submit", submit)
    (tmp_path / "a").write_bytes(b"x")
    durable.sync([tmp_path / "a", tmp_path])
    assert sorted(synced) == sorted(["a", tmp_path.name])


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
def test_an_error_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def fsync(handle: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fsync)
    (tmp_path / "a").write_bytes(b"x")
    with pytest.raises(OSError, match=os.strerror(code)):
        durable.sync([tmp_path / "a"])


def test_a_folder_that_a_network_drive_cannot_sync_is_none_of_our_business(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(handle: int) -> None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(os, "fsync", fsync)
    durable.sync([tmp_path])
    (tmp_path / "a").write_bytes(b"x")
    with pytest.raises(OSError, match="Invalid argument"):
        durable.sync([tmp_path / "a"])
