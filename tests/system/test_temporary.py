"""What is needed while something is made goes with it, also where its process was killed."""

import multiprocessing
import os
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.system import temporary
from pdfkit_cli.system.temporary import DESK_PREFIX


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def names(here: Path) -> list[str]:
    return sorted(path.name for path in here.iterdir())


def test_it_goes_with_the_build(here: Path) -> None:
    with temporary.temporary_folder() as folder:
        (folder / "font.ttf").write_bytes(b"font")
        assert folder.parent == here
        assert folder.stat().st_mode & 0o777 == 0o700
    assert names(here) == []


def work(here: Path, told: Connection) -> None:
    tempfile.tempdir = str(here)
    with temporary.temporary_folder() as folder:
        (folder / "font.ttf").write_bytes(b"font")
        told.send(folder.name)
        time.sleep(60)


def test_one_of_a_killed_build_goes_with_the_next_and_one_at_work_stays(here: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(here, theirs))
    process.start()
    name = ours.recv()
    with temporary.temporary_folder() as folder:
        assert names(here) == sorted([name, folder.name])
    assert names(here) == [name]
    process.kill()
    process.join()
    assert names(here) == [name]
    with temporary.temporary_folder() as folder:
        assert names(here) == [folder.name]


def test_a_folder_is_ours_alone_and_gone_afterwards(here: Path) -> None:
    with temporary.temporary_folder(DESK_PREFIX) as path:
        assert path.stat().st_mode & 0o777 == 0o700
        temporary.remove_stale_folders(DESK_PREFIX)
        assert path.is_dir(), "somebody works in it"
    with pytest.raises(KeyboardInterrupt), temporary.temporary_folder(DESK_PREFIX):
        raise KeyboardInterrupt
    assert list(here.iterdir()) == []


def test_all_folders_are_gone_with_the_desk(here: Path) -> None:
    with temporary.temporary_folder(DESK_PREFIX) as one, temporary.temporary_folder(DESK_PREFIX) as other:
        (one / "letter.pdf").write_bytes(b"Anna")
        temporary.remove_folders(DESK_PREFIX)
        assert not one.exists()
        assert not other.exists()


def test_what_a_killed_desk_left_is_swept_and_nothing_else(
    here: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "kept").write_text("kept")
    for name, lock in (("pdfkit-desk-old", False), ("pdfkit-desk-dead", True), ("pdfkit-other", True), ("pdfkit-new-x", False)):  # fmt: skip
        (here / name).mkdir()
        (here / name / "letter.pdf").write_bytes(b"Anna")
        if lock:
            (here / name / ".lock").touch()
    (here / "pdfkit-desk-link").symlink_to(elsewhere)
    (here / "pdfkit-desk-file").touch()
    (here / "pdfkit-desk-inside").mkdir()
    (here / "pdfkit-desk-inside/link").symlink_to(elsewhere)
    if os.getuid() == 0:
        (here / "pdfkit-desk-another").mkdir()
        os.chown(here / "pdfkit-desk-another", 65534, 65534)
    with temporary.temporary_folder(DESK_PREFIX) as path:
        temporary.remove_stale_folders(DESK_PREFIX)
        left = {each.name for each in here.iterdir()} - {path.name, "pdfkit-desk-another"}
    assert left == {"pdfkit-other", "pdfkit-new-x", "pdfkit-desk-link", "pdfkit-desk-file"}
    assert (elsewhere / "kept").exists()
    assert (here / "pdfkit-desk-another").exists() == (os.getuid() == 0)


def test_strangers_and_what_is_just_made_stay(here: Path) -> None:
    (here / "elsewhere").mkdir()
    (here / "elsewhere/.lock").touch()
    (here / "pdfkit-build-link").symlink_to(here / "elsewhere")
    (here / "pdfkit-build-file").write_text("")
    (here / "pdfkit-new-1").mkdir()
    (here / "pdfkit-new-old").mkdir()
    os.utime(here / "pdfkit-new-old", (1, 1))
    (here / "pdfkit-desk-1").mkdir()
    with temporary.temporary_folder():
        pass
    assert names(here) == ["elsewhere", "pdfkit-build-file", "pdfkit-build-link", "pdfkit-desk-1", "pdfkit-new-1"]
    assert names(here / "elsewhere") == [".lock"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_one_of_another_user_stays(here: Path) -> None:
    (here / "pdfkit-build-theirs").mkdir()
    (here / "pdfkit-build-theirs/.lock").touch()
    os.chown(here / "pdfkit-build-theirs", 65534, 65534)
    with temporary.temporary_folder():
        pass
    assert names(here) == ["pdfkit-build-theirs"]


def test_where_there_is_no_place(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(here / "none"))
    with pytest.raises(PdfkitError, match="no place for temporary files") as caught, temporary.temporary_folder():
        pass
    assert "TMPDIR" in caught.value.hint
