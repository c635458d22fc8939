"""What a build keeps for the builds after it: nobody else's, never more than asked, and without a trace in the PDFs."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.system import cache_folder
from tests.helpers.tiny_library import TinyLibrary

pytestmark = pytest.mark.usefixtures("worker_processes")

VERSION = "1"


def pdfs(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*.pdf")}


def kept() -> list[Path]:
    """Return what builds keep of PDFs."""
    found = (path for path in Path(os.environ["XDG_CACHE_HOME"]).rglob("*") if path.is_file())
    return [path for path in found if not path.parent.name.startswith("inspections-")]


def read() -> dict[str, int]:
    """Return the bodies of which is known what they show; what is written anew is another file."""
    return {path.name: path.stat().st_ino for path in kept() if path.name.startswith("read-")}


def test_one_folder_for_each_version_and_only_ours() -> None:
    folder = cache_folder.versioned_cache_folder(VERSION)
    assert folder
    assert folder.stat().st_mode & 0o777 == 0o700
    assert cache_folder.versioned_cache_folder(VERSION) == folder != cache_folder.versioned_cache_folder("2")


@pytest.fixture
def deep(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of a cache that is itself in folders of ours."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home" / "cache"))
    folder = cache_folder.versioned_cache_folder(VERSION)
    assert folder
    assert folder.is_relative_to(tmp_path / "home" / "cache")
    return folder


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o702, 0o720])
@pytest.mark.parametrize("above", [0, 1, 2, 3, 4, 5])
def test_what_others_may_write_or_exchange_is_not_used(deep: Path, above: int, mode: int) -> None:
    (deep, *deep.parents)[above].chmod(mode)
    assert cache_folder.versioned_cache_folder(VERSION) is None


def test_above_it_a_folder_may_be_shared_where_each_removes_only_his_own(deep: Path) -> None:
    deep.parents[3].chmod(0o1777)
    assert cache_folder.versioned_cache_folder(VERSION) == deep
    deep.chmod(0o1777)
    assert cache_folder.versioned_cache_folder(VERSION) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize("above", [0, 1, 2, 3, 4])
def test_no_folder_above_it_is_anothers(deep: Path, above: int) -> None:
    os.chown((deep, *deep.parents)[above], 65534, 65534)
    assert cache_folder.versioned_cache_folder(VERSION) is None


def test_a_link_is_looked_at_where_it_leads(deep: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(deep.parents[2])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "link"))
    assert cache_folder.versioned_cache_folder(VERSION) == deep
    deep.parents[2].chmod(0o777)
    assert cache_folder.versioned_cache_folder(VERSION) is None


def test_folders_that_are_made_are_ours_alone_whatever_the_mask(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a" / "b"))
    before = os.umask(0o000)
    try:
        assert cache_folder.versioned_cache_folder(VERSION)
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "a").rglob("*")} == {0o700}


def test_it_is_ours_alone_where_new_folders_are_a_groups() -> None:
    before = os.umask(0o002)
    try:
        assert cache_folder.versioned_cache_folder(VERSION)
    finally:
        os.umask(before)


def test_where_nothing_can_be_kept_nothing_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert cache_folder.versioned_cache_folder(VERSION) is None


def test_other_versions_go_when_there_is_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = cache_folder.versioned_cache_folder(VERSION), cache_folder.versioned_cache_folder("2")
    assert old
    assert new
    (old / "body").write_bytes(bytes(100))
    os.utime(old / "body", (1, 1))
    (new / "body").write_bytes(bytes(100))
    cache_folder.prune(new)
    assert (old / "body").exists()
    monkeypatch.setattr(cache_folder, "MAX_CACHE_BYTES", 150)
    cache_folder.prune(new)
    assert not old.exists()
    assert (new / "body").exists()


def test_a_new_phone_needs_no_body_laid_out_again(library: TinyLibrary, tmp_path: Path) -> None:
    """The second build finds every body in the folder: it writes none, only the clinic's own slots."""
    library.body("## Ring\n\n::: call Er du i tvivl?\nRing til os.\n:::\n")
    request = BuildRequest(library.root, tmp_path / "dist", jobs=1)
    assert build(request).unshared == {}
    before = read()
    assert before
    library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 01")
    again = build(request)
    assert len(again.rendered) == 2
    assert read() == before
    cold = build(replace(request, out=tmp_path / "cold", force=True))
    assert cold.failed == {}
    assert pdfs(tmp_path / "dist") == pdfs(tmp_path / "cold")


def test_force_looks_at_nothing_that_was_kept(library: TinyLibrary, tmp_path: Path) -> None:
    request = BuildRequest(library.root, tmp_path / "dist", jobs=1, force=True)
    build(request)
    assert kept() == []
