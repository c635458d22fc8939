"""Commands run as a user runs them: in this process, or in one of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pdfkit_cli import cli
from tests.helpers.tiny_library import ROOT, TinyLibrary

PDFKIT = [sys.executable, "-m", "pdfkit_cli"]


class Terminal:
    """Runs commands in this process, on the tiny library."""

    def __init__(self, library: TinyLibrary, capsys: pytest.CaptureFixture[str]) -> None:
        self.library, self.out, self._capsys = library, library.root.parent / "dist", capsys

    def __call__(self, *arguments: str | Path) -> tuple[int, str, str]:
        """Return exit code, stdout and stderr."""
        code = cli._run_command([str(argument) for argument in arguments])
        return (int(code), *self._capsys.readouterr())

    def build(self, *arguments: str) -> tuple[int, str, str]:
        return self("build", "--library", self.library.root, "--out", self.out, *arguments)

    def on(self, command: str, *arguments: str | Path) -> tuple[int, str, str]:
        return self(*command.split(), "--library", self.library.root, *arguments)


def shell(*arguments: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*PDFKIT, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120, cwd=ROOT,
        env=os.environ | environment,
    )  # fmt: skip


def start(library: TinyLibrary, out: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*PDFKIT, "build", "--library", str(library.root), "--out", str(out), *arguments],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
