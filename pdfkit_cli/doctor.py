"""What this machine has of what pdfkit needs, and what to install."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from pdfkit_cli import __version__, layout
from pdfkit_cli.inputs import SYSTEM, TOOLS, tools

APT = "sudo apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing looked at: whether it is there, what it is, and what to do where it is not."""

    name: str
    good: bool
    value: str
    remedy: str = ""


def examine() -> Iterator[Reading]:
    """Yield a reading for Python, each library, the layouts and the fonts."""
    versions = tools()
    python = sys.version_info >= (3, 11)
    yield Reading("pdfkit", True, __version__)
    yield Reading("Python", python, versions["python"], "install Python 3.11 or newer")
    for name, _, _ in SYSTEM:
        yield Reading(name, bool(versions[name]), versions[name] or "not found", APT)
    for name in ("layouts", "fonts", "phrases", "words"):
        folder = layout.packaged(name)
        yield Reading(name, folder.is_dir(), folder.as_posix(), "install pdfkit-cli again")
    faces = sum(1 for _ in layout.packaged("fonts").rglob("*.ttf"))
    yield Reading("font faces", bool(faces), str(faces), "install pdfkit-cli again")
    for name in TOOLS:
        yield Reading(name, True, versions[name])
