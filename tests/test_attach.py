"""Leaflets behind a letter: the right ones, in the right language, built where they are not there yet."""

import json
from pathlib import Path

import pytest

from pdfkit_cli import attach, cli
from pdfkit_cli.execute import Outcome
from pdfkit_cli.packs import Enclosure, Packed
from tests.libraries import TEXT, TinyLibrary
from tests.papers import plain, reader


@pytest.fixture
def library(library: TinyLibrary) -> TinyLibrary:
    library.write("letter.pdf", plain(1))
    library.write("content/first/sv.md", TEXT.replace("En titel", "En titel på svenska"))
    library.replace("clinics/south.yaml", "languages: [da]", "languages: [da, sv]")
    return library


def run(library: TinyLibrary, *options: str) -> int:
    root = library.root
    return cli._run(
        ["attach", str(root / "letter.pdf"), "--library", str(root), "--out", str(root.parent / "dist"), *options]
    )


def pack(library: TinyLibrary) -> Path:
    return library.root / "letter.pack.pdf"


def test_leaflets_are_built_and_put_behind_the_letter(library: TinyLibrary, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(library, "--leaflet", "T-1", "--clinic", "south") == 0
    assert "2 sheets" in capsys.readouterr().out
    document = reader(pack(library).read_bytes())
    assert [item.title for item in document.outline if not isinstance(item, list)] == ["Brev", "En titel"]
    assert (library.root.parent / "dist/south/first.da.a4.pdf").exists()
    library.replace("content/first/da.md", "En titel", "En ny titel")
    assert run(library, "--leaflet", "first", "--clinic", "south", "--leaflet", "first", "--json") == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["pages"], made["staple_sets"]) == (6, [[1, 2], [3, 4], [5, 6]])
    titles = [item.title for item in reader(pack(library).read_bytes()).outline if not isinstance(item, list)]
    assert titles == ["Brev", "En ny titel", "En ny titel"]


def test_another_language(library: TinyLibrary) -> None:
    assert run(library, "--leaflet", "first", "--clinic", "south", "--language", "sv", "--channel", "digital") == 0
    parts = reader(pack(library).read_bytes()).trailer["/Root"]["/StructTreeRoot"]["/K"][0]["/K"]
    assert [part["/Lang"] for part in parts] == ["sv"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--leaflet", "frist"], "there is no leaflet “frist”; did you mean “first”?"),
        (["--leaflet", "first"], "which clinic? these hand out all of it: north, south"),
        (["--leaflet", "first", "--clinic", "east"], "there is no clinic “east”"),
        (["--leaflet", "first", "--clinic", "north", "--language", "sv"], "north hands out first in da, not in sv"),
        (["--leaflet", "first", "--clinic", "north", "--format", "a6"], "north hands out first in a4, a5, not in a6"),
    ],
)
def test_nothing_is_replaced_in_silence(
    library: TinyLibrary, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    assert run(library, *options) == 2
    assert words in capsys.readouterr().err
    assert not pack(library).exists()


def test_a_letter_that_is_none_is_named(library: TinyLibrary, capsys: pytest.CaptureFixture[str]) -> None:
    library.write("letter.pdf", b"Dear patient")
    assert run(library, "--leaflet", "first", "--clinic", "north") == 1
    said = capsys.readouterr().err
    assert "letter.pdf: this is not a PDF; export or print the letter as a PDF" in said
    assert "Dear" not in said


def test_the_letter_is_never_overwritten(library: TinyLibrary, capsys: pytest.CaptureFixture[str]) -> None:
    letter = library.root / "letter.pdf"
    before = letter.read_bytes()
    assert run(library, "--leaflet", "first", "--clinic", "north", "-o", str(letter)) == 1
    assert "this is the letter itself" in capsys.readouterr().err
    assert letter.read_bytes() == before
    assert run(library, "--leaflet", "first", "--clinic", "north", "--separate") == 0
    assert letter.read_bytes() == before
    assert len(reader(pack(library).read_bytes()).pages) == 2


def test_a_letter_that_takes_too_long_is_named(
    library: TinyLibrary, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object) -> list[Outcome[Path, Packed]]:
        return [Outcome(Path("letter.pdf"), None, "it took longer than 9 seconds and was stopped")]

    monkeypatch.setattr("pdfkit_cli.attach.execute.run", stopped)
    monkeypatch.setattr(
        attach, "bring_up_to_date", lambda _, printings: {one: Enclosure(Path("x.pdf"), "x", "a4") for one in printings}
    )
    assert run(library, "--leaflet", "first", "--clinic", "north") == 1
    assert "letter.pdf: it took longer than 9 seconds" in capsys.readouterr().err
