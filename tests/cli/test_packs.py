"""What is said of leaflets behind letters: of what went out, and of an id that nobody knows."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pdfkit_cli.packs import issue_log
from pdfkit_cli.packs.assembly import Enclosure
from pdfkit_cli.packs.issue_log import IssueWay
from tests.helpers.cli_runner import Terminal


@pytest.fixture
def issued(pdfkit: Terminal) -> Terminal:
    """A log in which T-1 of the library went out, and T-77, which the library no longer has."""
    line = {
        "time": "2026-11-21T08:00:00+00:00",
        "version": "1",
        "digest": "0" * 64,
        "clinic": "north",
        "language": "da",
    }
    issue_log.append_json_lines(
        pdfkit.out / issue_log.ISSUE_LOG, [line | {"leaflet": name, "pack": name} for name in ("T-1", "T-77")]
    )
    return pdfkit


def ask(pdfkit: Terminal, *arguments: str) -> tuple[int, str, str]:
    return pdfkit.on("issued", "--out", pdfkit.out, *arguments)


def test_what_went_out_by_id_or_by_name(issued: Terminal) -> None:
    for name in ("T-1", "first"):
        code, out, err = ask(issued, name)
        assert (code, out.split(":")[0], err) == (0, "version 1 00000000 north da", "")


def test_what_the_log_knows_needs_no_library(issued: Terminal) -> None:
    issued.library.write("library.yaml", "name: [")
    assert ask(issued, "T-77")[0] == 0


def test_what_went_out_by_month(issued: Terminal) -> None:
    leaflet = Enclosure(Path(), "", "T-1", "2", "1" * 64, "south", "ar")
    for number, way in (("a", IssueWay.PRINTER), ("b", IssueWay.WINDOW)):
        issue_log.append_once(issued.out, [leaflet], number, datetime(2026, 12, 31, 23, tzinfo=UTC), way, 20)
    head = "month    clinic  language  in packs  on printers  to print windows  saved"
    december, november = (
        "2026-12  south   ar        0         20           20                0",
        "2026-11  north   da        ",
    )
    assert ask(issued) == (0, f"{head}\n{december}\n{november}2         0            0                 0\n", "")
    code, out, _ = ask(issued, "first")
    assert (code, out.splitlines()[2:]) == (
        0,
        [head, december, f"{november}1         0            0                 0"],
    )
    assert ask(issued, "--csv")[1].splitlines() == [
        "month,clinic,language,pack,printer,window,saved,copies",
        "2026-12,south,ar,0,20,20,0,40",
        "2026-11,north,da,2,0,0,0,2",
    ]


def test_nothing_went_out(pdfkit: Terminal) -> None:
    assert ask(pdfkit) == (0, "nothing has gone out\n", "")
    assert ask(pdfkit, "--csv")[1] == "month,clinic,language,pack,printer,window,saved,copies\n"


def test_a_leaflet_that_never_went_out(pdfkit: Terminal) -> None:
    for name in ("T-1", "first"):
        assert ask(pdfkit, name) == (0, "T-1 has not gone out\n", "")
        assert ask(pdfkit, name, "--json") == (0, "[]\n", "")


@pytest.mark.parametrize(
    ("name", "meant"),
    [("T-7", "did you mean “T-77”?"), ("frist", "did you mean “first”?"), ("BP", "there are: T-1, T-77, first")],
)
def test_a_leaflet_that_nobody_knows(issued: Terminal, name: str, meant: str) -> None:
    for options in ([], ["--json"]):
        code, out, err = ask(issued, name, *options)
        assert (code, out) == (2, "")
        assert f"there is no leaflet “{name}”; {meant}" in err


def test_a_recall_names_the_clinics_and_what_they_handed_out(issued: Terminal) -> None:
    leaflet = Enclosure(Path(), "", "T-1", "0.9", "1" * 64, "gone", "ar")
    issue_log.append_once(issued.out, [leaflet], "a", datetime(2026, 12, 31, tzinfo=UTC), IssueWay.WINDOW, 20)
    why = ("--below", "1", "--because", "Wrong number")
    code, out, err = issued.on("recall", "first", "--out", issued.out, *why)
    where = issued.library.root
    assert (code, out, err) == (
        0,
        f"{where}/recalls.yaml:3:1: T-1 is recalled below 1: Wrong number\n"
        f"{where}/content/first/leaflet.yaml:2:1: 0.1 is recalled, too, and not handed out; correct the text and raise “version”\n"
        "clinic  in packs  on printers  to print windows  saved  last\n"
        "gone    0         0            20                0      2026-12-31\n"
        "north   0         0            0                 0      never\n"
        "south   0         0            0                 0      never\n",
        "",
    )
    code, out, _ = issued.on("recall", "T-1", "--out", issued.out, "--json", *why[:3], "Another")
    said = json.loads(out)
    assert (code, said["recall"]["because"], said["clinics"][0]["window"]) == (0, "Wrong number", 20)


def test_a_recall_of_what_nobody_knows(pdfkit: Terminal) -> None:
    why = ("--below", "1", "--because", "Wrong number")
    code, out, err = pdfkit.on("recall", "T-7", "--out", pdfkit.out, *why)
    assert (code, out) == (2, "")
    assert "there is no leaflet “T-7”; did you mean “T-1”?" in err
    assert not (pdfkit.library.root / "recalls.yaml").exists()


def test_an_error_that_may_hide_a_leaflet_is_said(pdfkit: Terminal) -> None:
    pdfkit.library.write("content/first/leaflet.yaml", "id: T-1\nnonsense: 1\n")
    code, out, err = ask(pdfkit, "T-1")
    assert (code, out) == (2, "")
    assert "hint: an error in the library may hide it: pdfkit check" in err


def test_a_log_line_that_is_no_leaflet(issued: Terminal) -> None:
    issue_log.append_json_lines(issued.out / issue_log.ISSUE_LOG, [{"note": "by hand"}])
    assert "did you mean “T-77”?" in ask(issued, "T-7")[2]
    assert json.loads(ask(issued, "T-77", "--json")[1])[0]["count"] == 1
