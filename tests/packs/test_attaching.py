"""Leaflets behind a letter: the right ones, in the right language, built where they are not there yet."""

import json
import re
import tempfile
from pathlib import Path

import pikepdf
import pytest

from pdfkit_cli import cli
from pdfkit_cli.errors import Problem
from pdfkit_cli.packs import attaching
from pdfkit_cli.packs.assembly import Enclosure, PackResult
from pdfkit_cli.system.worker_pool import TaskResult
from tests.helpers.letter_pdfs import edited, plain, reader, tagged, written
from tests.helpers.tiny_library import TEXT, TinyLibrary


@pytest.fixture
def library(library: TinyLibrary) -> TinyLibrary:
    library.write("letter.pdf", plain(1))
    library.write("content/first/sv.md", TEXT.replace("En titel", "En titel på svenska"))
    library.replace("clinics/south.yaml", "languages: [da]", "languages: [da, sv]")
    return library


def run(library: TinyLibrary, *options: str) -> int:
    root = library.root
    return cli._run_command(
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
    assert "letter.pdf: this is not a PDF\nhint: export or print the letter as a PDF\n" in said
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


def test_no_file_of_a_split_pack_is_the_letter(
    library: TinyLibrary, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letter = library.write("x.1.pdf", plain(1))
    (tmp_path / "link").symlink_to(library.root)
    before = letter.read_bytes()
    wanted = ["--leaflet", "first", "--clinic", "north", "--channel", "digital", "--split"]
    where = ["--library", str(library.root), "--out", str(tmp_path / "dist")]
    assert cli._run_command(["attach", str(letter), *wanted, *where, "-o", str(tmp_path / "link/x.pdf")]) == 1
    assert re.search(r"a file of the pack \S+link/x\.pdf would be written over ", capsys.readouterr().err)
    assert letter.read_bytes() == before
    assert cli._run_command(["attach", str(letter), *wanted, *where, "-o", str(tmp_path / "x.pdf")]) == 0


def test_a_published_leaflet_is_never_overwritten(
    library: TinyLibrary, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for clinic in ("north", "south"):  # the leaflet of the pack, and one of another clinic
        leaflet = tmp_path / f"dist/{clinic}/first.da.a4.pdf"
        assert run(library, "--leaflet", "first", "--clinic", clinic) == 0
        before = leaflet.read_bytes()
        assert run(library, "--leaflet", "first", "--clinic", "north", "-o", str(leaflet)) == 1
        assert "first.da.a4.pdf would be written over " in capsys.readouterr().err
        assert leaflet.read_bytes() == before
    assert run(library, "--leaflet", "first", "--clinic", "north", "-o", str(tmp_path / "dist/pack.pdf")) == 0


def test_what_is_no_pdf_is_never_overwritten(library: TinyLibrary, capsys: pytest.CaptureFixture[str]) -> None:
    before = library.read("library.yaml")
    options = ["--leaflet", "first", "--clinic", "north", "-o"]
    assert run(library, *options, str(library.root / "library.yaml")) == 1
    assert "library.yaml: is there already, and is no PDF" in capsys.readouterr().err
    assert library.read("library.yaml") == before
    assert run(library, *options, str(library.write("empty", b""))) == 0  # as `mktemp` makes it
    assert run(library, *options, str(library.root / "empty")) == 0  # a pack that was made before


def test_a_letter_that_takes_too_long_is_named(
    library: TinyLibrary, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object) -> list[TaskResult[Path, PackResult]]:
        return [
            TaskResult(
                Path("letter.pdf"), None, Problem("it took longer than 9 seconds and was stopped", code="timed-out")
            )
        ]

    monkeypatch.setattr("pdfkit_cli.packs.attaching.worker_pool.run_tasks", stopped)
    monkeypatch.setattr(
        attaching,
        "ensure_built",
        lambda _project, _request, output_keys: {one: Enclosure(Path("x.pdf"), "x") for one in output_keys},
    )
    assert run(library, "--leaflet", "first", "--clinic", "north") == 1
    assert "letter.pdf: it took longer than 9 seconds" in capsys.readouterr().err


def test_a_pack_in_another_way(library: TinyLibrary, capsys: pytest.CaptureFixture[str]) -> None:
    digital = ("--leaflet", "first", "--clinic", "north", "--channel", "digital")
    assert run(library, *digital, "--embed") == 0
    assert list(reader(pack(library).read_bytes()).attachments) == ["En titel.pdf"]
    capsys.readouterr()
    assert run(library, *digital, "--split", "--json") == 0
    assert json.loads(capsys.readouterr().out)["files"] == [str(library.root / "letter.pack.1.pdf")]
    assert run(library, *digital, "--split", "--embed") == 2
    assert "--embed and --split exclude each other" in capsys.readouterr().err
    assert run(library, "--leaflet", "first", "--clinic", "north", "--split") == 1
    assert "a pack on paper is one file" in capsys.readouterr().err


def test_nothing_of_a_letter_is_anywhere_but_in_its_pack(
    library: TinyLibrary, capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its words, those of its metadata, and those that a broken place of it shows to who reads it."""
    assert run(library, "--leaflet", "first", "--clinic", "north") == 0  # which builds the leaflet
    pack(library).unlink()
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    writer = edited(plain())
    writer.add_metadata({"/Title": "Secret Person", "/Author": "Secret Person"})
    good = written(writer)
    assert b"Secret" in good
    broken = good.replace(b"/Count 1", b"/Count Secret").replace(b"startxref\n", b"startxref\nSecret ")
    number = good.replace(b"842", b"010203-1234")  # pypdf repeats a number that is none
    assert number != good
    for letter, code in (
        (good, 0),
        (broken, None),
        (number, None),
        (b"%PDF-1.7\n(Secret) Tj", 1),
        (good[:-60] + b"Secret", None),
    ):
        library.write("letter.pdf", letter)
        done = run(library, "--leaflet", "first", "--clinic", "north", "--json")
        assert code in (done, None)
        said = "".join(capfd.readouterr())
        assert not [word for word in ("Secret", "010203-1234") if word in said]
        pack(library).unlink(missing_ok=True)
        assert list(library.root.glob(".*.part")) == []
        assert list(temporary.rglob("*")) == []
    elsewhere = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "letter.pdf"]
    assert [path for path in elsewhere if b"Secret" in path.read_bytes()] == []


def verified(library: TinyLibrary, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    capsys.readouterr()
    where = ["--library", str(library.root), "--out", str(library.root.parent / "dist")]
    code = cli._run_command(["verify", str(pack(library)), *where])
    return code, [line.strip() for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("letter", ["plain", "tagged"])
def test_a_pack_says_what_is_in_it(library: TinyLibrary, capsys: pytest.CaptureFixture[str], letter: str) -> None:
    library.write("letter.pdf", plain(1) if letter == "plain" else tagged("letter", "da"))
    options = ["--clinic", "south", "--channel", "digital"]
    assert run(library, "--leaflet", "first", "--leaflet", "first", *options) == 0
    first = 2 if letter == "plain" else 3
    named = "first: T-1 version 0.1, da, full, a4, for south"
    assert verified(library, capsys) == (
        0,
        [
            f"{pack(library)}: good, current",
            "a pack: 2 leaflets after a letter",
            f"from page {first}: {named}: current",
            f"from page {first + 1}: {named}: current",
        ],
    )
    library.replace("content/first/leaflet.yaml", '"0.1"', '"0.2"')
    code, lines = verified(library, capsys)
    assert (code, lines[0]) == (1, f"{pack(library)}: not good, superseded")
    assert f"from page {first}: {named}: superseded; the library has version 0.2" in lines[2]


def test_leaflets_without_their_letter_say_so(library: TinyLibrary, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(library, "--leaflet", "first", "--clinic", "north", "--separate") == 0
    assert verified(library, capsys)[1][1] == "a pack: 1 leaflet"


def test_a_pack_that_somebody_put_a_script_into_is_not_good(
    library: TinyLibrary, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(library, "--leaflet", "first", "--clinic", "north", "--channel", "digital") == 0
    with pikepdf.Pdf.open(pack(library), allow_overwriting_input=True) as changed:
        changed.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="x.exe")
        changed.save()
    code, lines = verified(library, capsys)
    assert code == 1
    assert "acts on the reader's machine: Launch" in "".join(lines)
