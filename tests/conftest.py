"""Fixtures that more than one module needs."""

from pathlib import Path

import pytest

from tests.libraries import TinyLibrary, tiny


@pytest.fixture
def library(tmp_path: Path) -> TinyLibrary:
    """A tiny library of its own for each test."""
    return tiny(tmp_path)
