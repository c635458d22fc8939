"""What a font says of its glyphs is kept for other processes, and read anew when it is another font."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.rendering.postprocess import tounicode

FONTS = packaged_folder("fonts") / "source-sans-3"
REGULAR = (FONTS / "SourceSans3-Regular.ttf").read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    tounicode.keep_faces(tmp_path)
    yield tmp_path
    tounicode.keep_faces(None)


def test_a_kept_face_is_the_one_that_was_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = tounicode.read_face(REGULAR)
    assert tounicode.known_face(REGULAR) == read
    monkeypatch.setattr(tounicode, "read_face", lambda font: pytest.fail("it was read again"))
    assert tounicode.known_face(REGULAR) == read


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: data[:-1] + b"?", lambda data: b""])
def test_a_damaged_file_is_read_anew(folder: Path, damage: Callable[[bytes], bytes]) -> None:
    read = tounicode.known_face(REGULAR)
    (file,) = folder.iterdir()
    file.write_bytes(damage(file.read_bytes()))
    assert tounicode.known_face(REGULAR) == read


def test_another_font_is_another_face(folder: Path) -> None:
    tounicode.known_face(REGULAR)
    tounicode.known_face((FONTS / "SourceSans3-Bold.ttf").read_bytes())
    assert len(list(folder.iterdir())) == 2
