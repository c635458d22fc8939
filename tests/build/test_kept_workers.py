"""Workers that are kept make the same PDFs as new ones, whatever was changed between two builds, and are replaced in time."""

import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from pdfkit_cli.build import kept_workers, pipeline
from pdfkit_cli.build.kept_workers import KeptWorkers, WorkerSetup
from pdfkit_cli.build.pipeline import BuildRequest
from pdfkit_cli.content.editions import Selection
from pdfkit_cli.errors import Problem
from pdfkit_cli.rendering import render_worker
from pdfkit_cli.system import worker_pool
from tests.helpers.fake_rendering import DAY
from tests.helpers.own_look_library import FAMILY, LACKING, LOCK_UP, face, own_look
from tests.helpers.soak_sampling import WHOLE
from tests.helpers.tiny_library import TinyLibrary
from tests.helpers.worker_tasks import nothing, obey

pytestmark = pytest.mark.usefixtures("worker_processes")

SETUP = WorkerSetup(20, None, "1", frozenset({"a"}))


@pytest.fixture
def obeying(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render_worker, "prepare_process", nothing)
    monkeypatch.setattr(render_worker, "render_all", obey)


def told(workers: KeptWorkers, setup: WorkerSetup = SETUP, page: str = "pid", count: int = 1) -> Any:
    """Return what a worker answers to one page."""
    (outcome,) = workers.run(setup, count, [(("a.pdf",), (page,))])
    return outcome.result[0] if outcome.result else outcome.problem


@pytest.mark.usefixtures("obeying")
def test_a_worker_is_kept_and_started_ahead() -> None:
    with KeptWorkers() as workers:
        workers.start(SETUP)
        first = told(workers)
        workers.start(SETUP)
        assert [told(workers) for _ in range(3)] == [first] * 3
        assert psutil.Process(first).is_running()
    assert not _alive(first)


CHANGES: dict[str, WorkerSetup] = {
    "a font": replace(SETUP, fonts=frozenset({"b"})),
    "a tool": replace(SETUP, versions="2"),
    "the cache folder": replace(SETUP, kept=Path(__file__).parent),
    "the time limit": replace(SETUP, seconds=21),
}


@pytest.mark.usefixtures("obeying")
@pytest.mark.parametrize("change", CHANGES)
def test_a_worker_is_replaced_by_one_for_another_setup(change: str) -> None:
    with KeptWorkers() as workers:
        first = told(workers)
        assert told(workers, CHANGES[change]) != first
        assert not _alive(first)


@pytest.mark.usefixtures("obeying")
def test_a_build_that_needs_more_workers_gets_them() -> None:
    with KeptWorkers() as workers:
        first = told(workers)
        assert told(workers, count=2) != first
        second = told(workers)
        assert second in {told(workers) for _ in range(9)}
        assert _alive(second)


@pytest.mark.usefixtures("obeying")
def test_a_worker_is_replaced_after_a_failure_and_a_hang() -> None:
    setup = replace(SETUP, seconds=2)
    with KeptWorkers() as workers:
        first = told(workers, setup)
        assert isinstance(told(workers, setup, "fail"), Problem)
        assert not _alive(first)
        assert "longer than 2 seconds" in str(told(workers, setup, "wait"))
        assert isinstance(told(workers, setup), int)


@pytest.mark.usefixtures("obeying")
def test_a_worker_is_replaced_after_a_build_that_was_given_up() -> None:
    with KeptWorkers() as workers:
        outcomes = workers.run(SETUP, 1, ((("a.pdf",), ("pid",)) for _ in range(9)))
        first = next(outcomes).result[0]  # type: ignore[index]
        outcomes.close()  # type: ignore[attr-defined]
        assert not _alive(first)
        assert told(workers) != first


@pytest.mark.usefixtures("obeying")
@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGSTOP])
def test_a_worker_that_dies_or_stops_between_two_builds_costs_nothing(
    monkeypatch: pytest.MonkeyPatch, by: signal.Signals
) -> None:
    monkeypatch.setattr(worker_pool, "START_TIMEOUT", 3.0)
    with KeptWorkers() as workers:
        first = told(workers, replace(SETUP, seconds=3))
        os.kill(first, by)
        assert told(workers, replace(SETUP, seconds=3)) != first
        assert not _alive(first)


@pytest.mark.usefixtures("obeying")
def test_a_worker_is_replaced_with_its_folder_and_its_age(monkeypatch: pytest.MonkeyPatch) -> None:
    with KeptWorkers() as workers:
        first = told(workers)
        assert workers._folder.is_dir()
        shutil.rmtree(workers._folder)
        second = told(workers)
        monkeypatch.setattr(kept_workers, "MAX_AGE", -1.0)
        assert len({first, second, told(workers)}) == 3
        folder = workers._folder
    assert not folder.exists()


@pytest.mark.usefixtures("obeying")
def test_whoever_closes_does_not_wait_for_a_build_for_ever() -> None:
    workers = KeptWorkers()
    outcomes = workers.run(SETUP, 1, ((("a.pdf",), ("pid",)) for _ in range(9)))
    first = next(outcomes).result[0]  # type: ignore[index]
    workers.close(0.1)
    workers.start(SETUP)  # has no effect during a build
    assert _alive(first)
    outcomes.close()  # type: ignore[attr-defined]
    workers.close()
    assert not _alive(first)


def _alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


# Whatever is changed, with real workers

EDITS: dict[str, Callable[[TinyLibrary], object]] = {
    "a text": lambda library: library.replace("content/first/da.md", "Spis", "Drik"),
    "a title": lambda library: library.replace("content/first/da.md", "title: En", "title: Hver en"),
    "a fact": lambda library: library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 01"),
    "a colour": lambda library: library.replace("brands/plain/brand.yaml", "#24506b", "#143044"),
    "CSS of the brand": lambda library: library.replace("brands/plain/brand.css", "0.2pt", "0.3pt"),
    "CSS of the library": lambda library: library.write("layouts/components/warning/warning.css", "h2 { color: #333333 }\n"),
    "a template": lambda library: library.replace("layouts/components/masthead/masthead.html", "masthead-name own-masthead", "masthead-unit"),
    "a picture": lambda library: library.write("brands/plain/logo.svg", LOCK_UP.replace('width="600"', 'width="500"')),
    "a font": lambda library: library.write(f"fonts/{FAMILY}/Regular.ttf", face("SourceSans3-Regular.ttf", f"{LACKING}e")),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.soak
def test_a_warm_worker_makes_the_bytes_of_a_new_one(tmp_path: Path) -> None:
    """`make test` compares after some of the changes: all are there from then on, so none before may have been missed."""
    library = own_look(tmp_path)
    request = BuildRequest(library.root, tmp_path / "warm", Selection(("first",), ("north",), (), ("a4",)), DAY, 1)
    clean = replace(request, out=tmp_path / "clean", force=True)  # reads no cache
    before, compared = b"", {"a template", [*EDITS][-1]}
    with KeptWorkers() as workers:
        for change, edit in {"nothing": lambda library: None, **EDITS}.items():
            edit(library)
            summary = pipeline.build_project(pipeline.open_project(request), request, workers=workers)
            assert (len(summary.rendered), summary.failed) == (1, {}), change
            warm = (request.out / summary.rendered[0]).read_bytes()
            assert warm != before, change
            if WHOLE or change in compared:
                pipeline.build(clean)
                assert warm == (clean.out / summary.rendered[0]).read_bytes(), change
            before = warm
