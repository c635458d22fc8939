"""What this machine has of what pdfkit needs, and what to install."""

import ctypes
import ctypes.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from pdfkit_cli import __version__, layout
from pdfkit_cli.inputs import tools

APT = "sudo apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing looked at: whether it is there, what it is, and what to do where it is not."""

    name: str
    good: bool
    value: str
    remedy: str = ""


def examine() -> Iterator[Reading]:
    """Yield a reading for Python, each system library, the layouts and the fonts."""
    python = ".".join(map(str, sys.version_info[:3]))
    yield Reading("pdfkit", True, __version__)
    yield Reading("Python", sys.version_info >= (3, 11), python, "install Python 3.11 or newer")
    yield _library("Pango", "pango-1.0", "pango_version_string")
    yield _library("Pango FreeType", "pangoft2-1.0", None)
    yield _library("HarfBuzz subsetter", "harfbuzz-subset", None)
    for name in ("layouts", "fonts"):
        folder = layout.packaged(name)
        yield Reading(name, folder.is_dir(), folder.as_posix(), "install pdfkit-cli again")
    faces = sorted(path.stem for path in layout.packaged("fonts").rglob("*.ttf"))
    yield Reading("font faces", bool(faces), str(len(faces)), "install pdfkit-cli again")
    versions = tools()
    yield Reading("WeasyPrint", True, versions["weasyprint"])
    yield Reading("pydyf", True, versions["pydyf"])


def _library(name: str, soname: str, version: str | None) -> Reading:
    found = ctypes.util.find_library(soname)
    if found is None:
        return Reading(name, False, "not found", APT)
    if version is None:
        return Reading(name, True, found)
    function = getattr(ctypes.CDLL(found), version)
    function.restype = ctypes.c_char_p
    return Reading(name, True, function().decode())
