"""Renders and packs in the process of the tests: a worker imports for a second what this process has imported."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from pikepdf import settings

from pdfkit_cli.build import verifier
from pdfkit_cli.desk import diff_preview, isolated_task, letter_views, pack_printing, pack_views
from pdfkit_cli.desk.library_status import library_status
from pdfkit_cli.packs import assembly
from pdfkit_cli.packs.attaching import init_worker
from pdfkit_cli.rendering import render_worker, renderer
from pdfkit_cli.system import fault_log, worker_pool
from pdfkit_cli.system.worker_pool import TaskResult, TasksStoppedError, WorkerPool

_PREPARED: dict[tuple[object, object], Callable[[], None]] = {
    (render_worker.render_all, render_worker.prepare_process): renderer.prepare_process,
    (assembly.make_pack, init_worker): init_worker,
    (pack_views.make_in_worker, init_worker): init_worker,
    (pack_printing.make_parts_in_worker, init_worker): init_worker,
    (pack_printing._draw_in_worker, init_worker): init_worker,
    (pack_printing._rest_in_worker, init_worker): init_worker,
    (letter_views.draw_in_worker, init_worker): init_worker,
    (diff_preview.preview_diff, renderer.prepare_process): renderer.prepare_process,
    (verifier.examine, verifier.init_worker): verifier.init_worker,
    (library_status, isolated_task.no_preparation): isolated_task.no_preparation,
}
"""What is done here, and how this process is prepared. Whatever a test puts in its place is done in workers."""

_start_workers, _run_in_workers = WorkerPool.start, WorkerPool.run
_lock = threading.Lock()  # a desk builds in a thread of its own


def _preparation(pool: WorkerPool[Any, Any]) -> Callable[[], None] | None:
    """Return how this process is prepared for what a pool does; None if workers do it."""
    return _PREPARED.get((_function(pool._work), _function(pool._prepare)))


def _function(given: object) -> object:
    return given.func if isinstance(given, partial) else given


def _start(pool: WorkerPool[Any, Any]) -> None:
    if not _preparation(pool):
        _start_workers(pool)


def _run(pool: WorkerPool[Any, Any], tasks: Iterable[tuple[Any, Any]]) -> Iterator[TaskResult[Any, Any]]:
    prepare = _preparation(pool)
    if prepare is None:
        yield from _run_in_workers(pool, tasks)
        return
    for name, task in tasks:
        with _lock:
            prepare()
            result, problem = worker_pool._run_task(pool._work, task)
            settings.set_qpdf_limits(flate_max_memory=0)  # no limit again: other tests make letters that reach it
        if pool._limits.stop():
            raise TasksStoppedError("it was stopped")
        yield TaskResult(name, result, problem and fault_log.report(problem))


@contextmanager
def work_here() -> Iterator[None]:
    """Do here what a pool does, if possible."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WorkerPool, "start", _start)
        patch.setattr(WorkerPool, "run", _run)
        yield


@contextmanager
def worker_processes() -> Iterator[None]:
    """Let workers do all of it, in a test that is about them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WorkerPool, "start", _start_workers)
        patch.setattr(WorkerPool, "run", _run_in_workers)
        yield
