"""Checks that this machine has what pdfkit needs."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from pdfkit_cli import __version__
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.rendering.toolchain import PYTHON_LIBRARIES, SYSTEM_LIBRARIES, tool_versions

APT_HINT = "sudo apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """The result of one check: whether a requirement is met, its version or path, and the remedy if it is not."""

    name: str
    good: bool
    value: str
    remedy: str = ""


def run_diagnostics() -> Iterator[Diagnostic]:
    """Yield the diagnostics of Python, each library, the layouts and the fonts."""
    versions = tool_versions()
    python = sys.version_info >= (3, 11)
    yield Diagnostic("pdfkit", True, __version__)
    yield Diagnostic("Python", python, versions["python"], "install Python 3.11 or newer")
    for name, _, _ in SYSTEM_LIBRARIES:
        yield Diagnostic(name, bool(versions[name]), versions[name] or "not found", APT_HINT)
    for name in ("layouts", "fonts"):
        folder = packaged_folder(name)
        yield Diagnostic(name, folder.is_dir(), folder.as_posix(), "reinstall pdfkit")
    faces = sum(1 for _ in packaged_folder("fonts").rglob("*.ttf"))
    yield Diagnostic("font faces", bool(faces), str(faces), "reinstall pdfkit")
    for name in PYTHON_LIBRARIES:
        yield Diagnostic(name, True, versions[name])
