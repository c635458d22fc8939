"""Fixtures of the tests of packs."""

import pytest

from tests.helpers import hot_folder_simulation


@pytest.fixture
def fake_packing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make packs in this process, without a library: a pack is a copy of its letter."""
    hot_folder_simulation.fake_packing(monkeypatch)
