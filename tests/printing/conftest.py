"""Printers for the tests: whole ones, and one that lies."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.helpers.lying_printers import LyingPrinter, lying_printer
from tests.helpers.virtual_printers import VirtualPrinter, message_bus, virtual_printer


@pytest.fixture(scope="session")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with message_bus(tmp_path_factory.mktemp("bus")) as path:
        yield path


@pytest.fixture
def start_printer(tmp_path: Path, bus: Path) -> Iterator[Callable[..., VirtualPrinter]]:
    """Start a printer with what it can; it ends with the test."""
    with ExitStack() as running:

        def start(name: str = "printer", **what: object) -> VirtualPrinter:
            return running.enter_context(virtual_printer(tmp_path / name, bus, **what))  # type: ignore[arg-type]

        yield start


@pytest.fixture
def liar() -> Iterator[LyingPrinter]:
    with lying_printer() as printer:
        yield printer
