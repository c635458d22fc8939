"""Folders by their handles: what is opened is what lies there."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pdfkit_cli.system.folders import FileChangedError, FileStamp, Folder, UntrustedPathError


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    with Folder.at(tmp_path / "in") as opened:
        yield opened


def test_a_file_is_read_as_it_was_seen(folder: Folder) -> None:
    folder.write("a", b"one")
    seen = folder.look("a")
    assert folder.read("a", 2, seen) == b"on"
    (folder.path / "b").write_bytes(b"two")
    os.utime(folder.path / "b", ns=(0, seen.changed if seen else 0))
    (folder.path / "b").replace(folder.path / "a")
    with pytest.raises(FileChangedError, match="is another file than a moment ago"):
        folder.read("a", 10, seen)


@pytest.mark.parametrize("kind", ["link", "hard link", "folder", "pipe"])
def test_what_is_no_file_of_its_own_is_neither_read_nor_written(folder: Folder, kind: str) -> None:
    path, secret = folder.path / "a", folder.path.parent / "secret"
    match kind:
        case "link":
            path.symlink_to(secret)
        case "hard link":
            path.hardlink_to(secret)
        case "folder":
            path.mkdir()
        case _:
            os.mkfifo(path)
    seen = folder.look("a")
    assert seen
    assert not seen.alone
    for do in (lambda: folder.read("a", 10), lambda: folder.tail("a", 10), lambda: folder.append("a", b"x")):
        with pytest.raises(UntrustedPathError):
            do()
    with pytest.raises(FileExistsError):
        folder.write("a", b"x")
    assert secret.read_bytes() == b"secret"


def test_a_line_that_was_torn_is_ended(folder: Folder) -> None:
    folder.write("log", b"one\ntor")
    (folder.path / "log").chmod(0o644)
    folder.append("log", b"two\n")
    assert folder.read("log", 100) == b"one\ntor\ntwo\n"
    assert (folder.path / "log").stat().st_mode & 0o777 == 0o600


def test_nothing_is_replaced(folder: Folder) -> None:
    for name in "ab":
        folder.write(name, name.encode())
    with pytest.raises(FileExistsError):
        folder.move("a", folder, "b")
    assert sorted(folder.names()) == ["a", "b"]


def test_what_is_not_there_is_asked_for_twice(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder.look("a") is None
    folder.write("a", b"one")

    def gone(*_: object, **__: object) -> None:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(Folder, "stat", gone)
    with pytest.raises(FileNotFoundError):
        folder.look("a")


def test_a_folder_that_is_exchanged_is_noticed(folder: Folder) -> None:
    with folder.ours("work", new=True, private=True) as work:
        assert work.path.stat().st_mode & 0o777 == 0o700
        assert work.is_unchanged(folder.path / "work")
        (folder.path / "work").rename(folder.path / "old")
        (folder.path / "work").mkdir()
        assert not work.is_unchanged(folder.path / "work")


@pytest.mark.parametrize("kind", ["link", "file"])
def test_only_a_folder_of_its_own_is_opened(folder: Folder, kind: str) -> None:
    path = folder.path / "done"
    path.symlink_to(folder.path.parent) if kind == "link" else path.write_bytes(b"")
    with pytest.raises(UntrustedPathError, match="is no folder of its own"):
        folder.ours("done", new=True)


def test_a_file_with_two_names_is_not_alone(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    assert FileStamp.of((tmp_path / "a").stat()).alone
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    assert not FileStamp.of((tmp_path / "a").stat()).alone
