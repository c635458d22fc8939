"""The desk as a command: what it needs, where it listens, and whom it tells."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from pdfkit_cli import cli
from pdfkit_cli.desk import server
from pdfkit_cli.desk.settings import DeskSettings
from pdfkit_cli.errors import ExitCode, UsageError
from tests.helpers.tiny_library import TinyLibrary


def test_a_missing_extra_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("pdfkit_cli.cli.desk.find_spec", lambda name: None if name == "uvicorn" else object())
    assert cli._run_command(["desk"]) == ExitCode.USAGE
    said = capsys.readouterr().err
    assert "uvicorn" in said
    assert "starlette" not in said
    assert "pip install '.[desk]'" in said
    assert "pdfkit-cli[" not in said, "nobody has registered that name"


def test_another_address_is_refused_before_anything_is_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli._run_command(["desk", "--host", "0.0.0.0", "--library", "/nowhere"]) == ExitCode.USAGE
    assert "PDFKIT_DESK_TOKEN" in capsys.readouterr().err


def test_no_pdf_goes_into_the_library(library: TinyLibrary, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--library", str(library.root), "--out", str(library.root / "dist")]
    assert cli._run_command(["desk", "--no-browser", "--port", "0", *where]) == ExitCode.USAGE
    assert "the output folder lies in the library" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said(library: TinyLibrary, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match="cannot listen on"):
            server.make_server(DeskSettings(library.root, tmp_path, port=taken.getsockname()[1]), print, browser=False)


def test_it_listens_tells_its_address_and_opens_a_browser(
    library: TinyLibrary,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    serving: Callable[[Path, Path], str],
) -> None:
    opened: list[Any] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    told: list[str] = []
    server._announce("http://127.0.0.1:1", told.append, browser=True)
    server._announce("http://127.0.0.1:1", told.append, browser=False)
    assert (told, opened) == (["http://127.0.0.1:1"] * 2, ["http://127.0.0.1:1"])
    address = serving(library.root, tmp_path / "dist")
    answer = httpx.get(f"{address}/clinic")
    assert (answer.status_code, "server" in answer.headers) == (200, False)
