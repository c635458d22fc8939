"""The founding library as it is printed: built once for all tests that look at it."""

from datetime import date
from functools import cache
from pathlib import Path

import pytest
from filelock import FileLock

from pdfkit_cli import catalogue, editions
from pdfkit_cli.build import Request, build
from pdfkit_cli.catalogue import Catalogue
from pdfkit_cli.editions import Printing
from tests.libraries import FOUNDING

DAY = date(2026, 11, 21)


@cache
def library() -> Catalogue:
    return catalogue.load(FOUNDING)


@cache
def printings() -> dict[str, Printing]:
    """Return every PDF of the library, by its path."""
    return {printing.path: printing for printing in editions.printings(library())}


@pytest.fixture(scope="session")
def founding(pytestconfig: pytest.Config) -> Path:
    """Build what changed since the tests ran last: library, layouts, tools or code. The processes that run tests share it."""
    assert pytestconfig.cache
    folder = pytestconfig.cache.mkdir("founding")
    with FileLock(folder / "lock"):
        out = folder / "dist"
        summary = build(Request(FOUNDING, out, as_of=DAY))
        assert summary.clean, [*map(str, summary.findings), *summary.failed.items()]
    return out
