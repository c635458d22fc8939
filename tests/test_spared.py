"""What a pack would be written over: by name, through links, and by the numbers of a split pack."""

from pathlib import Path

import pytest

from pdfkit_cli.packs import Way
from pdfkit_cli.spared import Spared, published


@pytest.mark.parametrize(
    ("out", "way", "over"),
    [
        ("a.pdf", Way.JOIN, "a.pdf"),
        ("x/../a.pdf", Way.EMBED, "a.pdf"),
        ("elsewhere/a.pdf", Way.SEPARATE, "a.pdf"),  # a link to the folder
        ("b.pdf", Way.JOIN, "link.pdf"),  # what a letter that is a link leads to
        ("link.pdf", Way.JOIN, "link.pdf"),
        ("c.pdf", Way.SPLIT, "c.12.pdf"),
        ("a.pdf", Way.SPLIT, None),  # a.1.pdf, a.2.pdf, …
        ("c.pdf", Way.JOIN, None),
        ("c.12.pdf", Way.SPLIT, None),
        ("A.pdf", Way.JOIN, None),
        ("x/a.pdf", Way.JOIN, None),
    ],
)
def test_under(tmp_path: Path, out: str, way: Way, over: str | None) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "elsewhere").symlink_to(tmp_path)
    (tmp_path / "link.pdf").symlink_to(tmp_path / "b.pdf")
    spared = Spared(tmp_path / name for name in ("a.pdf", "link.pdf", "c.12.pdf", "gone/d.pdf"))
    assert spared.under(tmp_path / out, way) == (tmp_path / over if over else None)


def test_a_pack_outside_the_output_folder_reads_no_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pdfkit_cli.publish.look", lambda folder: pytest.fail("the manifest was read"))
    assert list(published(tmp_path / "dist", tmp_path / "packs")) == []


def test_a_file_under_another_name(tmp_path: Path) -> None:
    """A drive that ignores case has one file for two names; here it is one file with two."""
    (tmp_path / "a.pdf").write_bytes(b"")
    (tmp_path / "A.pdf").hardlink_to(tmp_path / "a.pdf")
    spared = Spared([tmp_path / "a.pdf", tmp_path / "gone.pdf"])
    assert spared.under(tmp_path / "A.pdf", Way.JOIN) == tmp_path / "a.pdf"
    assert spared.under(tmp_path / "b.pdf", Way.JOIN) is None
