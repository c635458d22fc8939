"""Every command: its help, and the example in it."""

import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
import pytest
import typer

from pdfkit_cli import __version__, cli
from tests.helpers.cli_runner import Terminal
from tests.helpers.letter_pdfs import plain
from tests.helpers.tiny_library import FOUNDING
from tests.helpers.virtual_printers import message_bus, virtual_printer


def commands() -> dict[str, click.Command]:
    """Return every command by its name."""
    found: dict[str, click.Command] = {}

    def walk(name: str, command: Any) -> None:
        if hasattr(command, "commands"):
            for below, inner in command.commands.items():
                walk(f"{name} {below}".strip(), inner)
        else:
            found[name] = command

    walk("", typer.main.get_command(cli.app))
    return found


@pytest.mark.parametrize("name", commands())
def test_help_is_a_sentence_and_an_example(name: str, pdfkit: Terminal) -> None:
    text = commands()[name].help or ""
    sentence, example = text.split("\n\n")
    assert re.fullmatch(r"[A-Z][^.\n]*\.", sentence), sentence
    assert not sentence.split()[0].endswith("s"), "an imperative"
    assert example.strip().startswith(f"Example: pdfkit {name}")
    code, out, err = pdfkit(*name.split(), "--help")
    assert (code, err) == (0, "")
    assert sentence in " ".join(out.split())


@pytest.fixture
def running() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.mark.slow
def test_every_example_works(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, running: ExitStack
) -> None:
    shutil.copytree(FOUNDING, tmp_path / "library/leaflets")
    (tmp_path / "empty").mkdir()
    (tmp_path / "library/letter.pdf").write_bytes(plain(1))
    (tmp_path / "library/today.csv").write_text("letter,clinic,leaflets,output\nletter.pdf,sportsmed,BP-02,1.pdf\n")
    endless = {"desk"}  # see tests/desk/test_server.py
    bus = running.enter_context(message_bus(tmp_path))
    printer = running.enter_context(virtual_printer(tmp_path / "printer", bus))
    (tmp_path / "library/leaflets/printers.yaml").write_text(printer.entry())
    for name, command in commands().items():
        if name in endless:
            continue
        monkeypatch.chdir(tmp_path / ("empty" if name == "new library" else "library"))
        example = (command.help or "").split("Example: pdfkit ")[1].strip()
        assert cli._run_command(shlex.split(example)) == 0, example
        capsys.readouterr()


def test_nothing_asked(pdfkit: Terminal) -> None:
    for arguments in ([], ["new"]):
        code, out, err = pdfkit(*arguments)
        assert code == 2
        assert "Usage: pdfkit" in out + err
        assert "Traceback" not in out + err


def test_version(pdfkit: Terminal) -> None:
    assert pdfkit("--version") == (0, f"pdfkit {__version__}\n", "")
