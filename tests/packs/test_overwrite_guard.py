"""What a pack would be written over: by name, through links, and by the numbers of a split pack."""

from pathlib import Path

import pytest

from pdfkit_cli.content.models import PackMode
from pdfkit_cli.packs.overwrite_guard import ProtectedFiles, published_files


@pytest.mark.parametrize(
    ("out", "way", "over"),
    [
        ("a.pdf", PackMode.JOIN, "a.pdf"),
        ("x/../a.pdf", PackMode.EMBED, "a.pdf"),
        ("elsewhere/a.pdf", PackMode.SEPARATE, "a.pdf"),  # a link to the folder
        ("b.pdf", PackMode.JOIN, "link.pdf"),  # what a letter that is a link leads to
        ("link.pdf", PackMode.JOIN, "link.pdf"),
        ("c.pdf", PackMode.SPLIT, "c.12.pdf"),
        ("a.pdf", PackMode.SPLIT, None),  # a.1.pdf, a.2.pdf, …
        ("c.pdf", PackMode.JOIN, None),
        ("c.12.pdf", PackMode.SPLIT, None),
        ("A.pdf", PackMode.JOIN, None),
        ("x/a.pdf", PackMode.JOIN, None),
    ],
)
def test_under(tmp_path: Path, out: str, way: PackMode, over: str | None) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "elsewhere").symlink_to(tmp_path)
    (tmp_path / "link.pdf").symlink_to(tmp_path / "b.pdf")
    protected_files = ProtectedFiles(tmp_path / name for name in ("a.pdf", "link.pdf", "c.12.pdf", "gone/d.pdf"))
    assert protected_files.conflict(tmp_path / out, way) == (tmp_path / over if over else None)


def test_a_pack_outside_the_output_folder_reads_no_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "pdfkit_cli.build.output_folder.read_manifest", lambda folder: pytest.fail("the manifest was read")
    )
    assert list(published_files(tmp_path / "dist", tmp_path / "packs")) == []


def test_a_file_under_another_name(tmp_path: Path) -> None:
    """A drive that ignores case has one file for two names; here it is one file with two."""
    (tmp_path / "a.pdf").write_bytes(b"")
    (tmp_path / "A.pdf").hardlink_to(tmp_path / "a.pdf")
    protected_files = ProtectedFiles([tmp_path / "a.pdf", tmp_path / "gone.pdf"])
    assert protected_files.conflict(tmp_path / "A.pdf", PackMode.JOIN) == tmp_path / "a.pdf"
    assert protected_files.conflict(tmp_path / "b.pdf", PackMode.JOIN) is None
