"""`pdfkit print` and `pdfkit printers`, as they are typed."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from pdfkit_cli.packs.issue_log import ISSUE_LOG, read_json_lines
from pdfkit_cli.printing import press
from tests.helpers.cli_runner import Terminal
from tests.helpers.virtual_printers import VirtualPrinter, free_port, message_bus, virtual_printer


@pytest.fixture
def office(
    pdfkit: Terminal, fake_rendering: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., VirtualPrinter]]:
    """Run a printer, which is then the only one of the tiny library."""
    monkeypatch.setattr(press, "POLL_SECONDS", 0.02)
    with ExitStack() as running:

        def start(entry: dict[str, object] | None = None, **what: str) -> VirtualPrinter:
            bus = running.enter_context(message_bus(tmp_path))
            printer = running.enter_context(virtual_printer(tmp_path / "printer", bus, **what))  # type: ignore[arg-type]
            pdfkit.library.write("printers.yaml", printer.entry(**(entry or {})))
            return printer

        yield start


def printing(pdfkit: Terminal, *arguments: str) -> tuple[int, str, str]:
    return pdfkit.on("print", "first", "--clinic", "north", "--out", pdfkit.out, *arguments)


def issued(pdfkit: Terminal) -> list[dict[str, Any]]:
    return [*read_json_lines(pdfkit.out / ISSUE_LOG)]


def test_a_leaflet_on_paper(pdfkit: Terminal, office: Callable[..., VirtualPrinter]) -> None:
    printer = office()
    code, out, err = printing(pdfkit, "--copies", "2")
    assert (code, out) == (0, "T-1 da a4: 2 sheets, 2 copies, printed on The printer\n")
    assert err.splitlines()[-1] == "T-1 da a4: printed, sheets: 2"
    assert len(printer.jobs) == 1
    assert [line["copies"] for line in issued(pdfkit)] == [2]


def test_for_machines_and_under_a_name(pdfkit: Terminal, office: Callable[..., VirtualPrinter]) -> None:
    printer = office()
    for _ in range(2):
        code, out, _ = printing(pdfkit, "--order", "monday-0001", "--json")
        report = json.loads(out)
        assert (code, report["order"], report["jobs"][0]["outcome"]) == (0, "monday-0001", "done")
    assert len(printer.jobs) == 1
    [line] = issued(pdfkit)
    assert (line["leaflet"], line["clinic"], line["language"], line["way"], line["copies"]) == (
        "T-1", "north", "da", "printer", 1,
    )  # fmt: skip
    assert "monday" not in str(line), "a script may name an order after a patient"


def test_a_log_that_cannot_be_written_is_said_and_prints(
    pdfkit: Terminal, office: Callable[..., VirtualPrinter]
) -> None:
    printer = office()
    (pdfkit.out / ISSUE_LOG).mkdir(parents=True)
    code, _, err = printing(pdfkit)
    assert (code, len(printer.jobs)) == (0, 1)
    assert "T-1 da a4: it is not in the list of what went out, because issued.jsonl cannot be written" in err


def test_what_was_not_printed_is_an_error(pdfkit: Terminal, office: Callable[..., VirtualPrinter]) -> None:
    office(script="exit 1")
    code, out, err = printing(pdfkit, "--copies", "5")
    assert (code, out) == (1, "")
    assert err.endswith(
        "The printer: “T-1 da a4”: given up by the printer after 0 of 5 sheets\n"
        "hint: the rest: sheet 1 of one copy on, and 4 copies after that\n"
    )


def test_remarks(pdfkit: Terminal, office: Callable[..., VirtualPrinter]) -> None:
    office({"staple": "yes"}, sides_supported="one-sided")
    code, _, _ = printing(pdfkit)
    assert code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--copies", "0"], 2, "0 copies\nhint: take 1 to 500"),
        (["--copies", "501"], 2, "501 copies"),
        (["--printer", "nobody"], 2, "there is no printer “nobody”"),
        (["--clinic", "nobody"], 2, "nobody"),
        (["--format", "a6"], 2, "a6"),
        (["--language", "sv"], 2, "sv"),
        (["--order", "x"], 2, "“x” cannot be the name of an order"),
        (["--from-sheet", "2"], 2, "has 1 sheets, and there is none from 2 on"),
        (["--from-sheet", "0"], 2, "there is none from 0 on"),
    ],
)
def test_what_does_not_exist(
    pdfkit: Terminal, office: Callable[..., VirtualPrinter], arguments: list[str], code: int, says: str
) -> None:
    printer = office()
    got, out, err = printing(pdfkit, *arguments)
    assert (got, out) == (code, "")
    assert says in err
    assert printer.jobs == []


def test_the_printers(pdfkit: Terminal, office: Callable[..., VirtualPrinter]) -> None:
    printer = office({"place": "Stuen"}, sides_supported="one-sided,two-sided-long-edge")
    code, out, err = pdfkit.on("printers")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == f"office: The printer, Stuen ({printer.uri})"
    assert "both sides (long-edge); A4, A5; PDF; colour" in lines[1]
    assert lines[2] == "  trays: auto, tray-1, tray-2"
    assert any(
        line.startswith("  not a5-booklet: The printer cannot turn the paper over the short edge") for line in lines
    )


def test_what_is_wrong_with_printers(pdfkit: Terminal, office: Callable[..., VirtualPrinter]) -> None:
    office({"trays": "{tray-9: A4}", "staple": "yes", "clinics": "[north, nobody]"})
    nobody = f"gone: {{name: Away, address: 'ipp://127.0.0.1:{free_port()}/ipp/print', clinics: [south]}}\n"
    pdfkit.library.write("printers.yaml", pdfkit.library.read("printers.yaml") + nobody)
    code, out, _ = pdfkit.on("printers")
    assert code == 1
    for said in (
        "there is no clinic “nobody”",
        "it has no tray “tray-9”; it has: auto, tray-1, tray-2",
        "it does not staple",
        "Away cannot be reached: Connection refused",
    ):
        assert said in out
    code, out, _ = pdfkit.on("printers", "--clinic", "south", "--json")
    [gone] = json.loads(out)
    assert (code, gone["short_name"], len(gone["problems"])) == (1, "gone", 1)
    assert pdfkit.on("printers", "--clinic", "nobody")[0] == 2


def test_a_library_without_printers(pdfkit: Terminal) -> None:
    assert pdfkit.on("printers") == (
        0,
        "there are no printers; write them into printers.yaml: see docs/printing.md\n",
        "",
    )
    code, _, err = printing(pdfkit)
    assert (code, err.splitlines()[0]) == (2, "pdfkit: there are no printers")
