"""Packs by the thousand: each letter once, whatever happens, and what went out is known."""

import csv
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from pdfkit_cli import cli
from pdfkit_cli.build.pipeline import BuildRequest
from pdfkit_cli.errors import OutputError, UsageError
from pdfkit_cli.packs import batch, issue_log
from pdfkit_cli.packs.batch import BatchResult, RowResult
from pdfkit_cli.packs.issue_log import IssuedVersion
from tests.helpers.check_runner import DAY
from tests.helpers.letter_pdfs import edited, plain, reader, written
from tests.helpers.output_folder_audit import lies
from tests.helpers.packing_words import row_words
from tests.helpers.tiny_library import TinyLibrary

LIST = """letter,clinic,leaflets,code,output
a.pdf,north,T-1,,1.pdf
b.pdf,south,,CTRL,2.pdf
c.pdf,north,T-1,,3.pdf
d.pdf,north,T-9,,4.pdf
a.pdf,south,,NONE,5.pdf
"""


@pytest.fixture
def folder(library: TinyLibrary, tmp_path: Path) -> Path:
    library.write("appointments.yaml", "south:\n  CTRL: {leaflets: [first, T-1], format: a4}\n")
    folder = tmp_path / "letters"
    folder.mkdir()
    for name in "abd":
        (folder / f"{name}.pdf").write_bytes(plain(1))
    (folder / "c.pdf").write_bytes(b"Dear Mrs Secret")
    (folder / "list.csv").write_text(LIST)
    return folder


@pytest.fixture
def request_(library: TinyLibrary, tmp_path: Path) -> BuildRequest:
    return BuildRequest(library.root, tmp_path / "dist", as_of=DAY, jobs=1)


def go(request: BuildRequest, folder: Path) -> BatchResult:
    told: list[RowResult] = []
    dispatched = batch.run_batch(
        request, folder / "list.csv", folder / "out", lambda result, count: told.append(result)
    )
    assert sorted(told, key=lambda one: one.line) == dispatched.results
    return dispatched


def states(dispatched: BatchResult) -> list[str]:
    return [result.state for result in dispatched.results]


def versions(request: BuildRequest) -> list[IssuedVersion]:
    return issue_log.issued_versions(issue_log.read_issues(request.out))


def log(request: BuildRequest) -> list[dict[str, str]]:
    return [json.loads(line) for line in (request.out / "issued.jsonl").read_text().splitlines()]


def test_good_rows_are_packed_and_bad_ones_named(request_: BuildRequest, folder: Path) -> None:
    dispatched = go(request_, folder)
    assert states(dispatched) == ["done", "done", "failed", "failed", "failed"]
    assert not dispatched.clean
    reasons = [row_words(result) for result in dispatched.results[2:]]
    assert (dispatched.results[2].letter, reasons[0]) == (
        "c.pdf",
        "this is not a PDF; export or print the letter as a PDF",
    )
    assert "there is no leaflet “T-9”" in reasons[1]
    assert reasons[2] == "south has no code “NONE” in appointments.yaml; it has: CTRL"
    assert len(reader((folder / "out/1.pdf").read_bytes()).pages) == 4
    assert len(reader((folder / "out/2.pdf").read_bytes()).pages) == 6
    assert not (folder / "out/3.pdf").exists()


def test_the_report_has_a_row_a_letter(request_: BuildRequest, folder: Path) -> None:
    go(request_, folder)
    with (folder / "out/report.csv").open() as file:
        first, *_, last = csv.DictReader(file)
    assert (first["letter"], first["state"], first["pages"], first["sheets"]) == ("a.pdf", "done", "4", "2")
    assert first["leaflets"].startswith("T-1 0.1 ")
    assert (last["state"], last["pages"]) == ("failed", "")
    assert [row["state"] for row in json.loads((folder / "out/report.json").read_text())].count("done") == 2


def test_what_went_out_is_logged_and_no_patient(request_: BuildRequest, folder: Path) -> None:
    go(request_, folder)
    lines = log(request_)
    assert [(line["leaflet"], line["version"], line["clinic"], line["language"]) for line in lines] == [
        ("T-1", "0.1", "north", "da"), ("T-1", "0.1", "south", "da"), ("T-1", "0.1", "south", "da"),
    ]  # fmt: skip
    assert {key for line in lines for key in line} == {
        "time",
        "leaflet",
        "version",
        "digest",
        "clinic",
        "language",
        "pack",
    }
    written = b"".join(path.read_bytes() for root in (folder / "out", request_.out) for path in root.rglob("*.[cj]s*"))
    assert b"Secret" not in written
    (north, south) = sorted(versions(request_), key=lambda one: one.clinic)
    assert (north.count, south.count) == (1, 2)
    assert {one.leaflet for one in versions(request_)} == {"T-1"}


def test_a_second_run_makes_nothing_again(request_: BuildRequest, folder: Path) -> None:
    go(request_, folder)
    before = (folder / "out/1.pdf").stat().st_mtime_ns, log(request_)
    assert states(go(request_, folder)) == ["kept", "kept", "failed", "failed", "failed"]
    assert ((folder / "out/1.pdf").stat().st_mtime_ns, log(request_)) == before


def test_what_changed_is_made_again(library: TinyLibrary, request_: BuildRequest, folder: Path) -> None:
    go(request_, folder)
    (folder / "c.pdf").write_bytes(plain(2))
    (folder / "out/2.pdf").unlink()
    assert states(go(request_, folder))[:3] == ["kept", "done", "done"]
    library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 01")
    assert states(go(request_, folder))[:3] == ["done", "kept", "done"]


def test_a_run_killed_between_pack_and_log_logs_once(
    request_: BuildRequest, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = issue_log.append_json_lines

    def dying(path: Path, values: list[dict[str, object]]) -> None:
        if path.name == batch.DONE_LOG:
            raise KeyboardInterrupt
        append(path, values)

    monkeypatch.setattr(batch, "append_json_lines", dying)
    with pytest.raises(KeyboardInterrupt):
        go(request_, folder)
    assert len(log(request_)) == 1
    monkeypatch.undo()
    assert states(go(request_, folder))[:2] == ["done", "done"]
    assert len(log(request_)) == 3


def test_a_torn_line_of_a_log_is_no_trouble(request_: BuildRequest, folder: Path) -> None:
    go(request_, folder)
    done = folder / "out/done.jsonl"
    done.write_bytes(done.read_bytes()[:-10])
    assert states(go(request_, folder))[:2] == ["kept", "done"]
    assert all(json.loads(line) for line in done.read_text().splitlines()[-1:])
    assert states(go(request_, folder))[:2] == ["kept", "kept"]


def test_the_command(library: TinyLibrary, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--library", str(library.root), "--out", str(tmp_path / "dist")]
    assert cli._run_command(["packs", str(folder / "list.csv"), "--to", str(folder / "out"), *where]) == 1
    said = capsys.readouterr()
    assert "2 made, 0 kept from an earlier run, 3 failed" in said.out
    assert "list.csv:5: there is no leaflet “T-9”" in said.err
    assert cli._run_command(["issued", "T-1", "--out", str(tmp_path / "dist")]) == 0
    assert "version 0.1" in capsys.readouterr().out


def test_a_cell_is_no_formula(request_: BuildRequest, folder: Path) -> None:
    (folder / "=1+1.pdf").write_bytes(b"no PDF")
    (folder / "list.csv").write_text(
        'letter,clinic,leaflets,output\n=1+1.pdf,north,T-1,-1.pdf\n@x.pdf,north,"=x",2.pdf\n'
    )
    go(request_, folder)
    with (folder / "out/report.csv").open() as file:
        rows = list(csv.reader(file))
    assert [row[1:3] for row in rows[1:]] == [["'=1+1.pdf", "'-1.pdf"], ["'@x.pdf", "2.pdf"]]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_a_letter_that_goes_in_several_files(library: TinyLibrary, request_: BuildRequest, folder: Path) -> None:
    library.write("library.yaml", library.read("library.yaml") + "channels: {digital: {megabytes: 0.03, files: 5}}\n")
    writer = edited(plain())
    writer.add_attachment("map.bin", random.Random(1).randbytes(20_000))
    (folder / "a.pdf").write_bytes(written(writer))
    row = "a.pdf,north,T-1 T-1 first,digital,split,1.pdf\n"
    (folder / "list.csv").write_text(f"letter,clinic,leaflets,channel,way,output\n{row}")
    (result,) = go(request_, folder).results
    assert result.packed
    assert len(result.packed.files) > 1
    assert sorted(path.name for path in (folder / "out").glob("*.pdf")) == list(result.packed.files)
    assert states(go(request_, folder)) == ["kept"]
    (folder / "out" / result.packed.files[1]).unlink()
    assert states(go(request_, folder)) == ["done"]
    library.replace("library.yaml", "0.03", "2")
    (folder / "list.csv").write_text(f"letter,clinic,leaflets,channel,way,output\n{row.replace('T-1 T-1 ', '')}")
    assert states(go(request_, folder)) == ["done"]
    assert [path.name for path in (folder / "out").glob("*.pdf")] == ["1.1.pdf"]


def test_a_signed_letter_stays_as_it_is(request_: BuildRequest, folder: Path) -> None:
    (folder / "list.csv").write_text("letter,clinic,leaflets,way,output\nc.pdf,north,T-1,separate,1.pdf\n")
    assert states(go(request_, folder)) == ["done"]
    assert len(reader((folder / "out/1.pdf").read_bytes()).pages) == 2


def test_one_run_a_folder_and_nothing_left_of_a_killed_one(request_: BuildRequest, folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out/.1.pdf.99.part").write_bytes(b"half a pack")
    with FileLock(folder / "out/.lock"), pytest.raises(OutputError, match="another run is writing"):
        go(request_, folder)
    go(request_, folder)
    assert list((folder / "out").glob(".*.part")) == []


@pytest.mark.parametrize(
    ("output", "way", "over"),
    [("a.pdf", "join", "a.pdf"), ("b.pdf", "separate", "b.pdf"), ("d.pdf", "split", "d.1.pdf")],
)
def test_no_letter_is_written_over(request_: BuildRequest, folder: Path, output: str, way: str, over: str) -> None:
    """Neither that of its own row nor that of another; the other rows are packed."""
    (folder / "d.1.pdf").write_bytes(plain(1))
    (folder / "list.csv").write_text(
        f"letter,clinic,leaflets,channel,way,output\na.pdf,north,T-1,digital,{way},{output}\n"
        "b.pdf,north,T-1,paper,,1.pdf\nd.1.pdf,north,T-1,paper,,2.pdf\n"
    )
    before = {name: (folder / name).read_bytes() for name in ("a.pdf", "b.pdf", "d.1.pdf")}
    told: list[RowResult] = []
    (folder / "link").symlink_to(folder)
    made = batch.run_batch(request_, folder / "list.csv", folder / "link", lambda result, _: told.append(result))
    assert states(made) == ["failed", "done", "done"]
    assert row_words(made.results[0]).startswith(f"{output} would be written over {over}; ")
    assert {name: (folder / name).read_bytes() for name in before} == before


def test_no_published_leaflet_is_written_over(request_: BuildRequest, folder: Path) -> None:
    (folder / "list.csv").write_text(
        "letter,clinic,leaflets,format,output\na.pdf,north,T-1,a4,first.da.a4.pdf\nb.pdf,north,T-1,a4,1.pdf\n"
    )
    made = batch.run_batch(request_, folder / "list.csv", request_.out / "north", lambda *_: None)
    assert states(made) == ["failed", "done"]
    assert row_words(made.results[0]).startswith("first.da.a4.pdf would be written over first.da.a4.pdf; ")
    assert lies(request_.out, frozenset({"north/1.pdf"})) == []


@pytest.mark.parametrize("name", ["report.csv", "done.jsonl", ".lock"])
def test_the_list_is_not_written_over(request_: BuildRequest, folder: Path, name: str) -> None:
    (folder / name).write_text(LIST)
    with pytest.raises(UsageError, match="a run writes a file of this name") as error:
        batch.run_batch(request_, folder / name, folder, lambda *_: None)
    assert "--to" in error.value.hint
    assert (folder / name).read_text() == LIST
    assert not (folder / "report.json").exists()


def test_a_library_is_no_place_for_pdfs(request_: BuildRequest, folder: Path) -> None:
    with pytest.raises(UsageError, match="the output folder is the library"):
        go(replace(request_, out=request_.library), folder)
