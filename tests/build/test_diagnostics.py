"""What a machine lacks is said, with what to do."""

from pathlib import Path

import pytest

from pdfkit_cli.build import diagnostics
from pdfkit_cli.build.diagnostics import Diagnostic
from pdfkit_cli.rendering import toolchain


def readings() -> dict[str, Diagnostic]:
    return {reading.name: reading for reading in diagnostics.run_diagnostics()}


def test_this_machine_is_well() -> None:
    found = readings()
    assert [reading for reading in found.values() if not reading.good] == []
    assert {"pdfkit", "Python", "pango", "harfbuzz-subset", "layouts", "fonts", "weasyprint"} <= found.keys()
    assert all(reading.value for reading in found.values())


def test_every_input_of_a_build_is_looked_at() -> None:
    assert toolchain.tool_versions().keys() <= {name.lower() for name in readings()} | {"zlib"}


def test_a_library_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    tools = {**toolchain.tool_versions(), "harfbuzz-subset": ""}
    monkeypatch.setattr(diagnostics, "tool_versions", lambda: tools)
    (missing,) = [reading for reading in diagnostics.run_diagnostics() if not reading.good]
    assert (missing.name, missing.value) == ("harfbuzz-subset", "not found")
    assert "apt-get install" in missing.remedy
    assert "libharfbuzz-subset0" in missing.remedy


def test_an_install_without_its_rooms(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(diagnostics, "packaged_folder", lambda name: tmp_path / name)
    assert {name for name, reading in readings().items() if not reading.good} == {
        "layouts",
        "fonts",
        "font faces",
    }
