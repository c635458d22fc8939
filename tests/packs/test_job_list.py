"""Lists of letters: what rows say, and what is wrong with the others."""

import re
from pathlib import Path

import pytest
import yaml

from pdfkit_cli.content import yaml_source
from pdfkit_cli.content.models import Appointments, LibrarySettings, PackMode
from pdfkit_cli.content.yaml_source import SourceFile
from pdfkit_cli.errors import UsageError
from pdfkit_cli.packs import job_list
from pdfkit_cli.packs.job_list import JobRow
from tests.helpers.packing_words import row_words
from tests.helpers.tiny_library import ROOT


def rows(tmp_path: Path, text: str | bytes, name: str = "list.csv") -> list[JobRow]:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(job_list.read_list(path))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_a_row_a_letter(tmp_path: Path, separator: str, start: bytes) -> None:
    text = "letter,clinic,leaflets,code,language,channel,output\na.pdf,north,BP-01 BP-02,,sv,digital,1.pdf\r\nb.pdf,north,,X1,,,2.pdf\n"
    first, second = rows(tmp_path, start + text.replace(",", separator).encode())
    assert first.job is not None
    assert (first.job.letter, first.job.leaflets, first.job.language) == (tmp_path / "a.pdf", ("BP-01", "BP-02"), "sv")
    assert (first.job.channel, first.place.line) == ("digital", 2)
    assert second.job is not None
    assert (second.job.code, second.job.leaflets, second.job.language, second.job.channel) == (
        "X1",
        (),
        None,
        "paper",
    )


def test_json_lines(tmp_path: Path) -> None:
    (first, second) = rows(
        tmp_path, '{"letter": "a.pdf", "clinic": "n", "leaflets": ["x"], "output": "1.pdf"}\n\n{"a"\n', "l.jsonl"
    )
    assert first.job is not None
    assert first.job.leaflets == ("x",)
    assert (second.job, second.place.line) == (None, 3)
    assert row_words(second).startswith("this is not JSON")


def test_a_key_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    twice = '{"clinic": "n", "leaflets": ["x"], "leaflets": ["y"], "letter": "a.pdf", "output": "1.pdf"}'
    (row,) = rows(tmp_path, twice, "l.jsonl")
    assert (row.job, row.problems[0].message) == (None, "a key is there twice")
    with pytest.raises(UsageError, match="a key is there twice"):
        job_list.parse_sidecar(tmp_path / "a.json", twice.encode())


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a.pdf,north,,,1.pdf", "give either “leaflets” or “code”"),
        ("a.pdf,north,x,y,1.pdf", "give either “leaflets” or “code”"),
        ("a.pdf,north,x,,../1.pdf", "must be a plain file name"),
        ("a.pdf,north,x,,/tmp/1.pdf", "must be a plain file name"),
        ("a.pdf,north,x,,.hidden", "must be a plain file name"),
        (",north,x,,1.pdf", "letter: Field required"),
        ("a.pdf,No One,x,,1.pdf", "clinic: “No One” is not a name"),
    ],
)
def test_a_bad_row_is_named_and_the_others_stay(tmp_path: Path, row: str, words: str) -> None:
    bad, good = rows(tmp_path, f"letter,clinic,leaflets,code,output\n{row}\nb.pdf,north,x,,good.pdf\n")
    assert bad.job is None
    assert words in row_words(bad)
    assert good.job is not None


def test_two_letters_never_go_into_one_file(tmp_path: Path) -> None:
    _, second = rows(tmp_path, "letter,clinic,leaflets,output\na.pdf,n,x,1.pdf\nb.pdf,n,x,1.pdf\n")
    assert row_words(second) == "“1.pdf” is also the output of line 2; give one of them another “output”"


def test_an_unknown_column_is_an_error(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, "letter,clinic,leaflets,output,patient\na.pdf,n,x,1.pdf,Somebody\n")
    assert row.job is None
    assert "patient" in row_words(row)
    assert "Somebody" not in row_words(row)


@pytest.mark.parametrize("text", [b"", b"\xff\xfe\x00"])
def test_what_is_no_list(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(UsageError):
        rows(tmp_path, text)


def test_a_list_without_names_of_columns_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no column “letter”") as caught:
        rows(tmp_path, "a.pdf,Secret Person,north\nb.pdf,x,north\n")
    assert "Secret" not in str(caught.value)


def test_what_is_no_csv(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="this is not CSV"):
        rows(tmp_path, "letter,clinic\n" + "x" * 200_000 + ",y\n")


@pytest.mark.parametrize("values", ["unlock,way\ntrue,embed", "unlock,way\n1,embed"])
def test_how_leaflets_go_with_a_letter(tmp_path: Path, values: str) -> None:
    head, row = values.split("\n")
    (one,) = rows(tmp_path, f"letter,clinic,leaflets,output,channel,{head}\na.pdf,n,x,1.pdf,digital,{row}\n")
    assert one.job is not None
    assert (one.job.unlock, one.job.way) == (True, PackMode.EMBED)


def examples(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", (ROOT / "docs/packs.md").read_text("utf-8"), re.M | re.S)


def test_the_examples_of_the_manual_are_right(tmp_path: Path) -> None:
    (table,), (aside,), (library, channel, codes) = examples("csv"), examples("json"), examples("yaml")
    found = rows(tmp_path, table)
    assert [row_words(row) for row in found] == ["", ""]
    row = job_list.parse_sidecar(tmp_path / "0001.json", aside.encode())
    assert (row_words(row), row.job and row.job.output) == ("", "0001.pdf")
    own = f"name: Ours\nlanguages: [da]\n{channel}"
    for model, text in ((LibrarySettings, library), (LibrarySettings, own), (Appointments, codes)):
        yaml_source.validate_model(model, read := SourceFile("packs.md", text, ""), yaml_source.parse_yaml(read))
    named = Appointments(yaml.safe_load(codes)).root["exempelkliniken-norr"]
    assert {job.code for job in (row.job, *(one.job for one in found)) if job and job.code} <= set(named)
