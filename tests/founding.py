"""The founding library as it is printed: built once for all tests that look at it."""

import shutil
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from filelock import FileLock

from pdfkit_cli import catalogue, editions
from pdfkit_cli.build import Request, build
from pdfkit_cli.catalogue import Catalogue
from pdfkit_cli.editions import Printing
from tests.libraries import FOUNDING, ROOT

DAY = date(2026, 11, 21)


@cache
def library() -> Catalogue:
    return catalogue.load(FOUNDING)


@cache
def printings() -> dict[str, Printing]:
    """Return every PDF of the library, by its path."""
    return {printing.path: printing for printing in editions.printings(library())}


def _code() -> str:
    """Name the code that draws: a build knows when the library or the layouts changed, but not when its own code did."""
    sources = sorted((ROOT / "pdfkit_cli").rglob("*.py"))
    return sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]


@pytest.fixture(scope="session")
def founding(pytestconfig: pytest.Config) -> Path:
    """Build the library, where the tests before did not; the processes that run tests share it."""
    assert pytestconfig.cache
    folder = pytestconfig.cache.mkdir("founding")
    with FileLock(folder / "lock"):
        out = folder / _code()
        for other in folder.glob("*/"):
            if other != out:  # drawn by code that is no more
                shutil.rmtree(other)
        summary = build(Request(FOUNDING, out, as_of=DAY))
        assert summary.clean, [*map(str, summary.findings), *summary.failed.items()]
    return out
