"""What reaches a terminal, whatever it can show; and a fault of our own, without a traceback."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from pdfkit_cli.build.pipeline import BuildRequest
from pdfkit_cli.cli import console
from pdfkit_cli.errors import Finding, SourceLocation
from tests.helpers.cli_runner import PDFKIT, Terminal, shell
from tests.helpers.tiny_library import ROOT, TinyLibrary


def test_our_own_fault(pdfkit: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(request: BuildRequest) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("pdfkit_cli.build.pipeline.open_project", fail)
    code, out, err = pdfkit.on("check")
    assert (code, out) == (3, "")
    assert "Traceback" not in err
    (name,) = re.findall(r"\S+\.log", err)
    log = Path(name)
    assert "ZeroDivisionError: a bug" in log.read_text()
    assert "Traceback" in log.read_text()
    log.unlink()


def test_a_line_number_is_no_emoji(pdfkit: Terminal) -> None:
    """Rich turns :100: into a picture, where it is not told otherwise."""
    pdfkit.library.body("\n" * 95 + "::: nonsense\n:::\n")
    _, _, err = pdfkit.on("check")
    assert "da.md:100:1: error" in err


def test_brackets_are_no_markup(pdfkit: Terminal, tmp_path: Path) -> None:
    code, _, err = pdfkit("check", "--library", tmp_path / "[bold]")
    assert code == 2
    assert "[bold]: no library here" in err


def test_colour_only_where_it_is_wanted(library: TinyLibrary) -> None:
    library.body("::: nonsense\n:::\n")
    command = ("check", "--library", library.root)
    assert "\x1b[31m" in shell(*command, FORCE_COLOR="1").stderr
    for environment in ({}, {"FORCE_COLOR": "1", "NO_COLOR": "1"}):
        assert "\x1b[31m" not in shell(*command, **environment).stderr


def test_a_terminal_that_lacks_letters(library: TinyLibrary) -> None:
    library.body("::: nonsense\n:::\n")
    done = shell("check", "--library", library.root, PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert "\\u201cnonsense\\u201d" in done.stderr
    library.write("content/first/da.md", "---\ntitle: Før\nsummary: Efter\n---\nOrd.\n")
    done = shell("list", "--library", library.root, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "F\\xf8r" in done.stdout


def test_a_reader_that_leaves(library: TinyLibrary) -> None:
    command = " ".join([*PDFKIT, "list", "--library", str(library.root)])
    done = subprocess.run(
        ["/bin/sh", "-c", f"({command}; echo $? >&2) | true"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stderr.strip().isdigit()  # the exit code, and no word


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[2Jb", "a\\u001b[2Jb"),
        ("a\x9b31mb", "a\\u009b31mb"),
        ("a\rb\x07", "a\\u000db\\u0007"),
        ("fdp.\u202edm", "fdp.\\u202edm"),
        ("Br\udcf8ndum", "Br\\udcf8ndum"),
        ("blåbær عيادة [bold]x[/bold]", "blåbær عيادة [bold]x[/bold]"),
    ],
)
def test_no_name_of_a_file_steers_the_terminal(text: str, shown: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert console.escape_control_characters(text) == shown
    console.print_findings([Finding("code", text, SourceLocation(text))])
    assert capfd.readouterr().err == f"{shown}: error: {shown} [code]\n"
    console.print_json({"a": text})
    assert json.loads(capfd.readouterr().out) == {"a": text}


def test_no_name_of_a_file_forges_a_finding(capfd: pytest.CaptureFixture[str]) -> None:
    console.print_findings([Finding("code", "message", SourceLocation("a\nb.yaml: error: message"))])
    assert capfd.readouterr().err == "a\\nb.yaml: error: message: error: message [code]\n"
