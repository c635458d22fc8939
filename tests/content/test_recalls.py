"""recalls.yaml: what authors may write, what is said of a slip, and what the command writes."""

import json
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from pdfkit_cli.content import editions, loader, recalls
from pdfkit_cli.content.recalls import Recall, RecordedRecall, record_recall
from pdfkit_cli.errors import OutputError, SourceError, UsageError
from tests.helpers.check_runner import said
from tests.helpers.tiny_library import FOUNDING, TinyLibrary

DAY = date(2026, 12, 1)
ENTRY = 'T-1:\n  below: "0.1"\n  because: "The number was wrong: 76 # not 75"\n  date: 2026-12-01\n'
BECAUSE = "The number was wrong: 76 # not 75"


def record(library: TinyLibrary, id: str = "T-1", below: str = "0.1", because: str = BECAUSE) -> RecordedRecall:
    return record_recall(loader.load_library(library.root), id, below, because, DAY)


@pytest.mark.parametrize(
    ("below", "version", "covered"),
    [("0.3", "0.2", True), ("0.3", "0.3", False), ("0.10", "0.9", True), ("1", "1.0", False), ("1", "x", False), ("1", "٠", False)],
)  # fmt: skip
def test_versions_are_numbers(below: str, version: str, covered: bool) -> None:
    assert Recall(below=below, because="x", date=DAY).covers(version) is covered


def test_a_library_without_recalls(library: TinyLibrary) -> None:
    assert loader.load_library(library.root).recalls.model.root == {}


def test_what_the_command_writes(library: TinyLibrary) -> None:
    recorded = record(library)
    text = library.read("recalls.yaml")
    assert text.startswith("# yaml-language-server: $schema=.schemas/recalls.json\n#")
    assert text.endswith(f"undo it.\n{ENTRY}")
    assert str(recorded.place).endswith("recalls.yaml:3:1")
    known = loader.load_library(library.root).recall_of("T-1")
    assert known == recorded.recall == Recall(below="0.1", because=BECAUSE, date=DAY)


def test_a_second_leaflet_is_added_and_a_further_recall_takes_the_place(library: TinyLibrary) -> None:
    library.write("recalls.yaml", f'# mine\n{ENTRY}# yours\nT-2: {{below: "2", because: x, date: 2026-01-01}}')
    record(library, "T-3")
    record(library, below="0.2", because="Again")
    again = 'T-1:\n  below: "0.2"\n  because: "Again"\n  date: 2026-12-01\n'
    third = ENTRY.replace("T-1", "T-3")
    assert library.read("recalls.yaml") == (
        f'# mine\n{again}# yours\nT-2: {{below: "2", because: x, date: 2026-01-01}}\n{third}'
    )


@pytest.mark.parametrize("below", ["0.1", "0.1.0", "0.0.9"])
def test_a_recall_that_goes_as_far_stays(library: TinyLibrary, below: str) -> None:
    record(library)
    assert record(library, below=below, because="Another").recall.because == BECAUSE
    assert library.read("recalls.yaml").count("because") == 1


@pytest.mark.parametrize(
    ("below", "because", "says"),
    [("new", "x", "--below: “new” is not a version"), ("1", "", "--because: “” is not a reason"), ("1", "a\nb", "--because")],
)  # fmt: skip
def test_what_is_no_recall_is_not_written(library: TinyLibrary, below: str, because: str, says: str) -> None:
    with pytest.raises(UsageError) as error:
        record(library, below=below, because=because)
    assert str(error.value).startswith(says)
    assert not (library.root / "recalls.yaml").exists()


@pytest.mark.parametrize(("file", "because"), [("{T-2: {below: '1', because: x, date: 2026-01-01}}\n", "x"), ("", "a\u202eb")])  # fmt: skip
def test_what_could_not_be_read_again_is_not_written(library: TinyLibrary, file: str, because: str) -> None:
    library.write("recalls.yaml", file)
    with pytest.raises(OutputError, match=r"recalls\.yaml: the recall cannot be entered there") as error:
        record(library, because=because)
    assert "T-1:" in error.value.hint
    assert library.read("recalls.yaml") == file


def test_a_folder_that_cannot_be_written(library: TinyLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OutputError, match="cannot be written: No space left"):
        recalls._write(library.root / "recalls.yaml", "")


@pytest.mark.parametrize(
    ("entry", "place", "words"),
    [
        ("{because: x, date: 2026-01-01}", "1:1", "below"),
        ("{below: new, because: x, date: 2026-01-01}", "1:7", "“new” is not a version"),
        ("{below: '1', because: x, date: today}", "1:31", "“today” is not a date"),
        (
            "{below: '1', because: x, date: 2026-01-01, why: y}",
            "1:",
            "unknown key “why”; use one of: because, below, date",
        ),
    ],
)
def test_slips_have_a_place_and_nothing_is_known_of_any_sheet(
    library: TinyLibrary, entry: str, place: str, words: str
) -> None:
    library.write("recalls.yaml", f"T-1: {entry}\n")
    with pytest.raises(SourceError) as error:
        loader.load_library(library.root)
    lines = [str(finding) for finding in error.value.findings]
    assert any(f"recalls.yaml:{place}" in line and words in line for line in lines), lines


def test_a_desk_keeps_what_it_knew(library: TinyLibrary) -> None:
    library.write("recalls.yaml", ENTRY)
    before = loader.load_library(library.root)
    library.write("recalls.yaml", "T-1: [\n")
    now = loader.load_library(library.root, before, hold=True)
    assert now.recalls == before.recalls
    assert [*now.held] == [(library.root / "recalls.yaml").as_posix()]


def test_a_leaflet_whose_present_version_is_recalled_is_not_handed_out(library: TinyLibrary) -> None:
    library.write("recalls.yaml", ENTRY.replace('"0.1"', '"0.2"'))
    assert [*editions.output_keys(loader.load_library(library.root))] == []
    [line] = said(library, "recalled-leaflet")
    assert line.startswith("content/first/leaflet.yaml:2:1")
    assert "versions below 0.2 are recalled, and T-1 is not handed out" in line
    library.replace("content/first/leaflet.yaml", '"0.1"', '"0.2"')
    assert [*editions.output_keys(loader.load_library(library.root))]
    assert said(library, "recalled-leaflet") == []


def test_a_recall_without_a_leaflet_is_pointed_out(library: TinyLibrary) -> None:
    library.write("recalls.yaml", ENTRY.replace("T-1", "T-11"))
    [line] = said(library, "recalled-leaflet")
    assert line.startswith("recalls.yaml:1:1")
    assert "there is no leaflet T-11; did you mean “T-1”?" in line


def test_an_editor_takes_what_the_command_writes() -> None:
    schema = json.loads((FOUNDING / ".schemas/recalls.json").read_text("utf-8"))
    jsonschema.validate({"T-1": {"below": "0.1", "because": BECAUSE, "date": "2026-12-01"}}, schema)
