"""What cannot be read is a finding with its place, never nothing."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pdfkit_cli.content import files
from pdfkit_cli.content.files import FolderItem
from pdfkit_cli.errors import SourceError


def refused(ask: Callable[[], object]) -> str:
    with pytest.raises(SourceError) as caught:
        ask()
    (finding,) = caught.value.findings
    return str(finding)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "library/content").mkdir(parents=True)
    (tmp_path / "library/a.yaml").write_text("a: 1\n")
    (tmp_path / "secret").write_text("BEGIN PRIVATE KEY\n")
    (tmp_path / "others").mkdir()
    (tmp_path / "others/b.md").write_text("secret\n")
    return tmp_path / "library"


def test_a_file_is_read(root: Path) -> None:
    assert files.read_bytes(root / "a.yaml", "a.yaml", root) == b"a: 1\n"


@pytest.mark.parametrize(
    ("link", "target"),
    [
        pytest.param("k.yaml", "../secret", id="relative"),
        pytest.param("k.yaml", "/etc/passwd", id="absolute"),
        pytest.param("k.yaml", "/dev/zero", id="device"),
        pytest.param("k.yaml", "content/../../secret", id="through a folder"),
        pytest.param("k.yaml", "../library-of-another/k.yaml", id="beside"),
        pytest.param("content/deep", "../../others", id="folder"),
    ],
)
def test_no_link_leads_out(root: Path, link: str, target: str) -> None:
    (root.parent / "library-of-another").mkdir()
    (root.parent / "library-of-another/k.yaml").write_text("secret\n")
    (root / link).symlink_to(target)
    path = root / link / "b.md" if link.endswith("deep") else root / link
    said = refused(lambda: files.read_bytes(path, "k.yaml", root))
    assert said.startswith("k.yaml: error: is a link that leads out of the library; replace it with a copy")
    assert "secret" not in said.lower()
    assert "root:" not in said


def test_a_link_of_a_link_is_followed_to_its_end(root: Path) -> None:
    (root.parent / "hop").symlink_to(root.parent / "secret")
    (root / "one").symlink_to("../hop")
    (root / "inside").symlink_to("a.yaml")
    assert "leads out" in refused(lambda: files.read_bytes(root / "one", "one", root))
    assert files.read_bytes(root / "inside", "inside", root) == b"a: 1\n"


def test_the_library_itself_may_be_a_link(root: Path) -> None:
    link = root.parent / "link"
    link.symlink_to(root)
    assert files.read_bytes(link / "a.yaml", "a.yaml", link) == b"a: 1\n"
    assert files.list_folder(link / "content", "content", link) == ()


def sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 400 << 30)


def pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(Path.mkdir, "cannot be read: Is a directory", id="folder"),
        pytest.param(pipe, "is not a regular file", id="pipe"),
        pytest.param(lambda path: path.symlink_to("nowhere"), "cannot be read: No such file", id="leads nowhere"),
        pytest.param(lambda path: path.symlink_to(path.name), "cannot be read: Too many levels", id="loop"),
        pytest.param(lambda path: path.symlink_to("/dev/zero"), "is not a regular file", id="device"),
        pytest.param(sparse, "is 429496.7 MB; the limit", id="huge"),
        pytest.param(lambda path: path.write_bytes(bytes(2_000_001)), "is 2.0 MB; the limit is 2 MB", id="large"),
    ],
)
def test_what_is_no_file_of_a_sane_size(tmp_path: Path, make: Callable[[Path], object], said: str) -> None:
    make(tmp_path / "f")
    assert said in refused(lambda: files.read_bytes(tmp_path / "f", "f"))


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "a/" * 3000])
def test_a_name_that_no_system_knows(tmp_path: Path, name: str) -> None:
    assert "cannot be read" in refused(lambda: files.read_bytes(tmp_path / name, "f"))
    assert "cannot be read" in refused(lambda: files.list_folder(tmp_path / name, "f"))
    assert "cannot be read" in refused(lambda: files.exists(tmp_path / name, "f"))


def test_a_folder_has_its_members_without_what_is_hidden(root: Path) -> None:
    for name in ("b.md", ".hidden", "_draft"):
        (root / name).touch()
    (root / "lost").symlink_to("nowhere")
    (root / "round").symlink_to("round")
    assert files.list_folder(root, "library", root) == (
        FolderItem("a.yaml", False),
        FolderItem("b.md", False),
        FolderItem("content", True),
        FolderItem("lost", False, is_broken=True),
        FolderItem("round", False, is_broken=True),
    )


def test_only_what_is_not_there_is_empty(root: Path) -> None:
    assert files.list_folder(root / "none", "none", root) == ()
    assert "Not a directory" in refused(lambda: files.list_folder(root / "a.yaml", "a.yaml", root))
    for name, target in (("lost", "nowhere"), ("round", "round"), ("out", "../others")):
        (root / name).symlink_to(target)
        assert f"{name}: error: " in refused(lambda name=name: files.list_folder(root / name, name, root))  # type: ignore[misc]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("mode", [0o000, 0o311])
def test_a_folder_without_permission(root: Path, mode: int) -> None:
    (root / "content").chmod(mode)
    assert "Permission denied" in refused(lambda: files.list_folder(root / "content", "content", root))


def test_there_is_what_is_there(root: Path) -> None:
    (root / "lost").symlink_to("nowhere")
    (root / "round").symlink_to("round")
    assert files.exists(root / "a.yaml", "a")
    assert files.exists(root / "lost", "lost")
    assert not files.exists(root / "none", "none")
    assert not files.exists(root / "a.yaml/below", "below")
    assert "Too many levels" in refused(lambda: files.exists(root / "round/below", "below"))
