"""Folders that come with pdfkit, and the versions of the libraries beside it."""

import re
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def packaged_folder(folder: str) -> Path:
    """Return the path of `layouts` or `fonts`: in the installed package, or next to it in a checkout."""
    inside = PACKAGE / folder
    return inside if inside.is_dir() else PACKAGE.parent / folder


@cache
def packaged_languages() -> frozenset[str]:
    """Return the codes of the languages that pdfkit has a file for."""
    return frozenset(file.stem for file in (PACKAGE / "languages").glob("*.yaml"))


def library_version(name: str) -> str:
    """Return the version of an installed library; searched for in its metadata, since parsing them takes ten times as long."""
    about = distribution(name)
    found = re.search(r"^Version: *(\S+)", about.read_text("METADATA") or "", re.M)
    return found[1] if found else about.version
