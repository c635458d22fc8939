"""Files appear whole or not at all, and the manifest never says what is not so."""

import errno
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pdfkit_cli.build import output_folder
from pdfkit_cli.build.output_folder import OutputFolder
from pdfkit_cli.build.planning import DiskState
from pdfkit_cli.content import yaml_source
from pdfkit_cli.errors import OutputError
from pdfkit_cli.output import manifest
from pdfkit_cli.output.manifest import Manifest, ManifestEntry
from pdfkit_cli.output.past_editions import PAST_LOG
from pdfkit_cli.rendering.toolchain import InputGroup
from tests.helpers.output_folder_audit import contents, lies

A, B, C, NEW = "north/a.pdf", "north/b.pdf", "south/c.pdf", "south/new.pdf"
GROUPS: dict[str, InputGroup] = {"g": {"leaflets/first.md": "1"}, "h": {"leaflets/first.md": "2"}}


def pdf(name: str) -> bytes:
    return f"%PDF-{name}\n%%EOF\n".encode()


def entry(data: bytes, group: str = "g") -> ManifestEntry:
    return ManifestEntry(
        clinic="north", leaflet="first", language="da", variant="full", format="a4", id="T-1", version="1",
        status="draft", digest="0", title="Title", pages=1, key="k", inputs=(group,), sha256=yaml_source.sha256_hex(data),
        bytes=len(data), mtime_ns=0,
    )  # fmt: skip


def build(folder: Path, version: str, paths: tuple[str, ...], remove: tuple[str, ...] = ()) -> None:
    """Write some files as a build does, and remove others."""
    with OutputFolder(folder) as output:
        output.begin({}, {*paths, *remove}, GROUPS)
        for path in remove:
            output.remove(path)
        for path in paths:
            data = pdf(f"{path} {version}")
            output.put(path, data, entry(data))
        output.finish()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An output folder with three files."""
    build(tmp_path / "dist", "1", (A, B, C))
    return tmp_path / "dist"


def test_what_is_put_is_there_and_known(folder: Path) -> None:
    assert contents(folder) == {path: pdf(f"{path} 1") for path in (A, B, C)}
    assert lies(folder) == []
    known = output_folder.read_manifest(folder)
    assert sorted(known.files) == [A, B, C]
    assert (known.pending, known.inputs) == ({}, {"g": GROUPS["g"]})
    assert all(output_folder.disk_state(folder, path, entry) is DiskState.SAME for path, entry in known.files.items())


def test_nothing_but_the_lock_is_left_in_the_work_folder(folder: Path) -> None:
    assert {path.name for path in (folder / output_folder.WORK_FOLDER).iterdir()} <= {"lock"}


def test_a_file_is_known_by_its_time_or_its_content(folder: Path) -> None:
    known = output_folder.read_manifest(folder).files[A]
    os.utime(folder / A, ns=(1, 1))
    assert output_folder.disk_state(folder, A, known) is DiskState.SAME
    (folder / A).write_bytes(pdf(f"{A} 2"))
    assert output_folder.disk_state(folder, A, known) is DiskState.DIFFERENT
    (folder / A).unlink()
    assert output_folder.disk_state(folder, A, known) is DiskState.MISSING
    (folder / A).mkdir()
    assert output_folder.disk_state(folder, A, known) is not DiskState.SAME


def test_looking_at_nothing_makes_nothing(tmp_path: Path) -> None:
    assert output_folder.read_manifest(tmp_path / "dist") == Manifest()
    assert not (tmp_path / "dist").exists()


def test_two_at_once(folder: Path) -> None:
    with OutputFolder(folder):
        with pytest.raises(OutputError, match="another build is writing") as caught:
            OutputFolder(folder)
        assert "--out" in caught.value.hint
    build(folder, "2", (A,))


def test_an_error_on_the_way_gives_the_lock_back(folder: Path) -> None:
    with pytest.raises(KeyboardInterrupt), OutputFolder(folder):
        raise KeyboardInterrupt
    build(folder, "2", (A,))


@pytest.mark.parametrize("below", ["dist", "dist/deeper"])
def test_a_folder_that_cannot_be(tmp_path: Path, below: str) -> None:
    (tmp_path / "dist").write_text("a file")
    with pytest.raises(OutputError, match="cannot be written") as caught:
        OutputFolder(tmp_path / below)
    assert "--out" in caught.value.hint


def test_a_read_only_file_system() -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        OutputFolder(Path("/proc/pdfkit"))


def test_a_file_in_the_way_of_a_clinic(folder: Path) -> None:
    (folder / "east").write_text("a file")
    with pytest.raises(OutputError, match=r"east/a\.pdf: cannot be written"):
        build(folder, "2", (A, "east/a.pdf", C))
    assert lies(folder) == []
    assert contents(folder)[A] == pdf(f"{A} 2")


class TestKilled:
    """A folder is copied before each thing that a build does to it: so it would stand if the build was killed there."""

    @pytest.fixture
    def moments(self, folder: Path, tmp_path: Path) -> list[Path]:
        with copies(folder, tmp_path / "moments") as moments:
            build(folder, "2", (A, NEW), remove=(C,))
        assert len(moments) > 8
        return moments

    def test_the_manifest_is_true(self, moments: list[Path]) -> None:
        for moment in moments:
            assert lies(moment) == []
            known = output_folder.read_manifest(moment)
            for path, entry in known.files.items():
                assert output_folder.disk_state(moment, path, entry) is DiskState.SAME
            assert set(contents(moment)) <= known.owned

    def test_what_was_published_is_known_until_it_is_replaced(self, moments: list[Path]) -> None:
        for moment in moments:
            files, known = contents(moment), output_folder.read_manifest(moment)
            unsure = {path for path in known.owned if path in files and path not in known.files}
            assert len(unsure) <= 1  # the one being put in place
            assert B in known.files

    def test_the_next_build_finishes(self, moments: list[Path]) -> None:
        for moment in moments:
            build(moment, "2", (A, NEW), remove=(C,))
            assert contents(moment) == {A: pdf(f"{A} 2"), B: pdf(f"{B} 1"), NEW: pdf(f"{NEW} 2")}
            assert lies(moment) == []
            assert sorted(output_folder.read_manifest(moment).files) == [A, B, NEW]
            left = {path.name for path in (moment / output_folder.WORK_FOLDER).iterdir()}
            assert left <= {"lock", PAST_LOG}


def test_what_others_read_is_never_written_to_but_replaced(folder: Path, tmp_path: Path) -> None:
    watch = copies(folder, tmp_path / "moments")
    with watch:
        build(folder, "2", (A, NEW), remove=(C,))
    parts = {f"{os.getpid()}.{number}.part" for number in (1, 2)}
    assert watch.written == {*parts, "manifest.part", "journal.jsonl", PAST_LOG, "lock"}


class copies:  # noqa: N801
    """Copy a folder before each change to it, while this is open."""

    def __init__(self, folder: Path, to: Path) -> None:
        self.folder, self.to = folder, to
        self.moments: list[Path] = []
        self.written: set[str] = set()
        self.open = False
        to.mkdir()
        sys.addaudithook(self._before)

    def __enter__(self) -> list[Path]:
        self.open = True
        return self.moments

    def __exit__(self, *_: object) -> None:
        self.open = False

    def _before(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.open or event not in ("open", "os.rename", "os.remove", "os.rmdir", "os.mkdir"):
            return
        if str(arguments[0]).startswith(str(self.folder)):
            self.open = False
            if event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR):
                self.written.add(Path(arguments[0]).name)
            self.moments.append(Path(shutil.copytree(self.folder, self.to / str(len(self.moments)))))
            self.open = True


def test_a_torn_journal_counts_to_its_last_whole_line(folder: Path) -> None:
    data = pdf(f"{A} 2"), pdf(f"{B} 2")
    with OutputFolder(folder) as output:
        output.begin({}, {A, B}, GROUPS)
        for path, new in zip((A, B), data, strict=True):
            output.put(path, new, entry(new))
        output.settle()
    journal = folder / output_folder.WORK_FOLDER / "journal.jsonl"
    whole = journal.read_bytes()
    first = whole.index(b"\n") + 1
    for cut in range(len(whole)):
        journal.write_bytes(whole[:cut])
        known = output_folder.read_manifest(folder)
        assert sorted(known.files) == ([C] if cut < first else [A, C])
        assert known.owned == {A, B, C}
    journal.write_bytes(whole[: first + 20])
    build(folder, "3", (B,))
    assert lies(folder) == []
    assert sorted(output_folder.read_manifest(folder).files) == [A, B, C]


NONSENSE = (b"", b"{", b"\xff\x00", b"[]", b"null", b'{"schema": 9}', b"[" * 99_999)


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_a_damaged_manifest_changes_nothing(folder: Path, nonsense: bytes) -> None:
    """Nobody may take it for an empty one: what it listed would be forgotten."""
    (folder / "manifest.json").write_bytes(nonsense)
    for ask in (output_folder.read_manifest, OutputFolder):
        with pytest.raises(OutputError, match=r"manifest\.json: (is damaged|was written by another version)") as caught:
            ask(folder)
        assert "nothing has been changed" in caught.value.hint
    assert sorted(contents(folder)) == [A, B, C]
    assert (folder / "manifest.json").read_bytes() == nonsense
    shutil.rmtree(folder)
    build(folder, "2", (A, B, C))
    assert lies(folder) == []


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_a_damaged_journal_counts_to_where_it_is_whole(folder: Path, nonsense: bytes) -> None:
    (folder / ".pdfkit/journal.jsonl").write_bytes(nonsense + b"\n")
    assert sorted(output_folder.read_manifest(folder).files) == [A, B, C]
    build(folder, "2", (A, B, C))
    assert lies(folder) == []
    assert sorted(output_folder.read_manifest(folder).files) == [A, B, C]


@pytest.mark.parametrize("name", ["manifest.json", ".pdfkit/journal.jsonl"])
@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.EACCES, errno.EMFILE, errno.ENOMEM])
def test_what_cannot_be_read_once_is_not_forgotten(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: int
) -> None:
    with OutputFolder(folder) as output:
        output.begin({}, {A}, GROUPS)
        output.put(A, pdf("new"), entry(pdf("new")))
        output.settle()
    before, read = contents(folder), Path.read_bytes

    def failing(path: Path) -> bytes:
        if path == folder / name:
            raise OSError(code, os.strerror(code), str(path))
        return read(path)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", failing)
        for ask in (output_folder.read_manifest, OutputFolder):
            with pytest.raises(OutputError, match=f"cannot be read: {os.strerror(code)}"):
                ask(folder)
    assert contents(folder) == before
    build(folder, "2", (B,))
    assert sorted(output_folder.read_manifest(folder).files) == [A, B, C]
    assert lies(folder) == []


def test_a_manifest_that_leads_outside_removes_nothing(folder: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious.pdf"
    precious.write_bytes(b"mine")
    text = (folder / "manifest.json").read_text("utf-8")
    (folder / "manifest.json").write_text(text.replace(A, "../precious.pdf"), "utf-8")
    with pytest.raises(OutputError, match="is damaged"):
        OutputFolder(folder)
    assert precious.exists()


class TestDiskFull:
    @pytest.fixture
    def full(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
        """Make each write to a file whose name ends so fail after some bytes, as on a full disk."""

        def fill(ending: str) -> None:
            def write_bytes(path: Path, data: bytes) -> int:
                with path.open("wb") as file:
                    file.write(data[:5])
                    if path.name.endswith(ending):
                        raise OSError(28, "No space left on device")
                    return 5 + file.write(data[5:])

            monkeypatch.setattr(Path, "write_bytes", write_bytes)

        return fill

    def test_a_pdf_that_does_not_fit(self, folder: Path, full: Callable[[str], None]) -> None:
        full(".part")
        with pytest.raises(OutputError, match="No space left on device") as caught:
            build(folder, "2", (A, NEW))
        assert "free some space" in caught.value.hint
        assert contents(folder) == {path: pdf(f"{path} 1") for path in (A, B, C)}
        assert lies(folder) == []
        assert sorted(output_folder.read_manifest(folder).files) == [A, B, C]

    def test_a_manifest_that_does_not_fit(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fsync(descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", fsync)
            with pytest.raises(OutputError, match="No space left"):
                build(folder, "2", (A, NEW))
        assert lies(folder) == []
        build(folder, "2", (A, NEW))
        assert lies(folder) == []


def test_what_a_build_did_not_come_to_is_known_again(folder: Path) -> None:
    """A render that fails leaves its file as it was: still published, still to be made."""
    with OutputFolder(folder) as output:
        output.begin({}, {A, B, NEW}, GROUPS)
        data = pdf(f"{A} 2")
        output.put(A, data, entry(data, "h"))
        output.finish()
    known = manifest.parse_manifest((folder / "manifest.json").read_bytes())
    assert sorted(known.files) == [A, B, C]
    assert known.files[A].inputs == ("h",)
    assert known.files[B].inputs == ("g",)
    assert known.pending == {NEW: None}
    assert set(known.inputs) == {"g", "h"}


def test_what_something_else_changed_is_no_longer_listed(folder: Path) -> None:
    (folder / A).unlink()
    (folder / B).write_bytes(b"scribble")
    build(folder, "2", (C,))
    assert list(output_folder.read_manifest(folder).files) == [C]
    assert output_folder.read_manifest(folder).owned == {A, B, C}


def test_kept_entries_take_their_newer_inputs(folder: Path) -> None:
    with OutputFolder(folder) as output:
        kept = {path: replace(entry, inputs=("h",)) for path, entry in output.manifest.files.items()}
        output.begin(kept, set(), GROUPS)
        output.finish()
    assert {entry.inputs for entry in output_folder.read_manifest(folder).files.values()} == {("h",)}


def test_removing_leaves_a_folder_that_holds_more(folder: Path) -> None:
    build(folder, "2", (), remove=(A, C))
    assert (folder / "north").is_dir()
    assert not (folder / "south").exists()
    build(folder, "2", (), remove=(C,))  # gone already


def test_a_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    build(tmp_path / "a/b/c", "1", (A,))
    assert lies(tmp_path / "a/b/c") == []
