"""Builds on demand share one worker, which is started when the library changes and ends with the desk."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from pdfkit_cli.build.pipeline import BuildRequest
from pdfkit_cli.desk import library_state, on_demand_build
from pdfkit_cli.desk.library_state import LibraryState
from tests.helpers.fake_rendering import DAY
from tests.helpers.tiny_library import TinyLibrary

pytestmark = pytest.mark.slow


@pytest.fixture
def state(library: TinyLibrary, tmp_path: Path) -> Iterator[LibraryState]:
    found = LibraryState(BuildRequest(library.root, tmp_path / "dist", as_of=DAY))
    assert found.refresh()
    yield found
    found.close()


def workers() -> set[int]:
    """Return the processes of this one that render."""
    return {
        child.pid
        for child in psutil.Process().children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE and any("spawn_main" in part for part in child.cmdline())
    }


def built(state: LibraryState, path: str) -> Any:
    """Ask in a thread of its own: this one may have the event loop of a browser of other tests."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, on_demand_build.current_entry(state, state.now.output_keys[path])).result()


def until(happened: Callable[[], object]) -> None:
    """Wait for something that happens in another thread."""
    for _ in range(600):
        if happened():
            return
        time.sleep(0.1)
    pytest.fail("it does not happen")


@pytest.mark.usefixtures("worker_processes")
def test_builds_share_a_worker_that_ends_with_the_desk(library: TinyLibrary, state: LibraryState) -> None:
    before = workers()
    first = built(state, "north/first.da.a4.pdf")
    (worker,) = workers() - before
    library.body("## Hop\n\nEn anden tekst.\n")
    assert state.refresh()
    assert built(state, "north/first.da.a4.pdf").sha256 != first.sha256
    assert built(state, "south/first.da.a5.pdf")
    assert workers() - before == {worker}
    state.close()
    assert workers() == before


@pytest.mark.usefixtures("worker_processes")
def test_a_worker_starts_when_the_library_changes(
    library: TinyLibrary, state: LibraryState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_state, "POLL_INTERVAL", 0.05)
    before = workers()
    state.watch(partial(on_demand_build.start_worker, state))
    time.sleep(0.5)
    assert workers() == before
    library.body("## Hop\n\nEn anden tekst.\n")
    until(lambda: workers() - before)
    (worker,) = workers() - before
    assert built(state, "north/first.da.a4.pdf")
    assert workers() - before == {worker}


def test_a_broken_library_starts_no_worker(library: TinyLibrary, state: LibraryState) -> None:
    before = workers()
    library.write("library.yaml", "name: [\n")
    assert state.refresh()
    on_demand_build.start_worker(state)
    assert workers() == before
