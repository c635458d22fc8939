"""Packs by the thousand: each letter once, whatever happens, and what went out is known."""

import csv
import json
from pathlib import Path

import pytest

from pdfkit_cli import cli, dispatch, issuelog
from pdfkit_cli.build import Request
from pdfkit_cli.dispatch import Dispatched, Result
from tests.checking import DAY
from tests.libraries import TinyLibrary
from tests.papers import plain, reader

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
def request_(library: TinyLibrary, tmp_path: Path) -> Request:
    return Request(library.root, tmp_path / "dist", as_of=DAY, jobs=1)


def go(request: Request, folder: Path) -> Dispatched:
    told: list[Result] = []
    dispatched = dispatch.dispatch(
        request, folder / "list.csv", folder / "out", lambda result, count: told.append(result)
    )
    assert sorted(told, key=lambda one: one.line) == dispatched.results
    return dispatched


def states(dispatched: Dispatched) -> list[str]:
    return [result.state for result in dispatched.results]


def log(request: Request) -> list[dict[str, str]]:
    return [json.loads(line) for line in (request.out / "issued.jsonl").read_text().splitlines()]


def test_good_rows_are_packed_and_bad_ones_named(request_: Request, folder: Path) -> None:
    dispatched = go(request_, folder)
    assert states(dispatched) == ["done", "done", "failed", "failed", "failed"]
    assert not dispatched.clean
    reasons = [result.reason for result in dispatched.results[2:]]
    assert "c.pdf: this is not a PDF" in reasons[0]
    assert "there is no leaflet “T-9”" in reasons[1]
    assert reasons[2] == "south has no code “NONE” in appointments.yaml; it has: CTRL"
    assert len(reader((folder / "out/1.pdf").read_bytes()).pages) == 4
    assert len(reader((folder / "out/2.pdf").read_bytes()).pages) == 6
    assert not (folder / "out/3.pdf").exists()


def test_the_report_has_a_row_a_letter(request_: Request, folder: Path) -> None:
    go(request_, folder)
    with (folder / "out/report.csv").open() as file:
        first, *_, last = csv.DictReader(file)
    assert (first["letter"], first["state"], first["pages"], first["sheets"]) == ("a.pdf", "done", "4", "2")
    assert first["leaflets"].startswith("T-1 0.1 ")
    assert (last["state"], last["pages"]) == ("failed", "")
    assert [row["state"] for row in json.loads((folder / "out/report.json").read_text())].count("done") == 2


def test_what_went_out_is_logged_and_no_patient(request_: Request, folder: Path) -> None:
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
    (north, south) = sorted(dispatch.issued(request_.out, "T-1"), key=lambda one: one.clinic)
    assert (north.count, south.count) == (1, 2)
    assert dispatch.issued(request_.out, "T-2") == []


def test_a_second_run_makes_nothing_again(request_: Request, folder: Path) -> None:
    go(request_, folder)
    before = (folder / "out/1.pdf").stat().st_mtime_ns, log(request_)
    assert states(go(request_, folder)) == ["kept", "kept", "failed", "failed", "failed"]
    assert ((folder / "out/1.pdf").stat().st_mtime_ns, log(request_)) == before


def test_what_changed_is_made_again(library: TinyLibrary, request_: Request, folder: Path) -> None:
    go(request_, folder)
    (folder / "c.pdf").write_bytes(plain(2))
    (folder / "out/2.pdf").unlink()
    assert states(go(request_, folder))[:3] == ["kept", "done", "done"]
    library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 01")
    assert states(go(request_, folder))[:3] == ["done", "kept", "done"]


def test_a_run_killed_between_pack_and_log_logs_once(
    request_: Request, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = issuelog.append

    def dying(path: Path, values: list[dict[str, object]]) -> None:
        if path.name == dispatch.DONE:
            raise KeyboardInterrupt
        append(path, values)

    monkeypatch.setattr(dispatch, "append", dying)
    with pytest.raises(KeyboardInterrupt):
        go(request_, folder)
    assert len(log(request_)) == 1
    monkeypatch.undo()
    assert states(go(request_, folder))[:2] == ["done", "done"]
    assert len(log(request_)) == 3


def test_a_torn_line_of_a_log_is_no_trouble(request_: Request, folder: Path) -> None:
    go(request_, folder)
    done = folder / "out/done.jsonl"
    done.write_bytes(done.read_bytes()[:-10])
    assert states(go(request_, folder))[:2] == ["kept", "done"]
    assert all(json.loads(line) for line in done.read_text().splitlines()[-1:])
    assert states(go(request_, folder))[:2] == ["kept", "kept"]


def test_the_command(library: TinyLibrary, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--library", str(library.root), "--out", str(tmp_path / "dist")]
    assert cli._run(["packs", str(folder / "list.csv"), "--to", str(folder / "out"), *where]) == 1
    said = capsys.readouterr()
    assert "2 made, 0 there before, 3 failed" in said.out
    assert "list.csv:5: there is no leaflet “T-9”" in said.err
    assert cli._run(["issued", "T-1", "--out", str(tmp_path / "dist")]) == 0
    assert "version 0.1" in capsys.readouterr().out
