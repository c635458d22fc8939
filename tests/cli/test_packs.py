"""What is said of leaflets behind letters: of what went out, and of an id that nobody knows."""

import json

import pytest

from pdfkit_cli.packs import issue_log
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


def test_a_leaflet_that_never_went_out(pdfkit: Terminal) -> None:
    for name in ("T-1", "first"):
        assert ask(pdfkit, name) == (0, "T-1 has not been sent with a letter\n", "")
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


def test_an_error_that_may_hide_a_leaflet_is_said(pdfkit: Terminal) -> None:
    pdfkit.library.write("content/first/leaflet.yaml", "id: T-1\nnonsense: 1\n")
    code, out, err = ask(pdfkit, "T-1")
    assert (code, out) == (2, "")
    assert "hint: an error in the library may hide it: pdfkit check" in err


def test_a_log_line_that_is_no_leaflet(issued: Terminal) -> None:
    issue_log.append_json_lines(issued.out / issue_log.ISSUE_LOG, [{"note": "by hand"}])
    assert "did you mean “T-77”?" in ask(issued, "T-7")[2]
    assert json.loads(ask(issued, "T-77", "--json")[1])[0]["count"] == 1
