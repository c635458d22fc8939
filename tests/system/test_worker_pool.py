"""Whatever happens to a task is its own outcome; the rest of the batch is done."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from pdfkit_cli.system import worker_pool
from pdfkit_cli.system.worker_pool import TaskLimits, TaskResult, WorkerPool, WorkerPoolError
from tests.helpers.internal_faults import internal
from tests.helpers.worker_tasks import dying, nothing, raising, stopping, stopping_always, work

ROOT = Path(__file__).parents[2]
LIMITS = TaskLimits(2, 30)


def run(
    names: list[str],
    limits: TaskLimits = LIMITS,
    prepare: Callable[[], None] = nothing,
) -> dict[str, TaskResult[str, Any]]:
    outcomes = list(worker_pool.run_tasks(work, ((name, name) for name in names), limits, prepare))
    assert len(outcomes) == len(names)
    return {outcome.name: outcome for outcome in outcomes}


def test_each_misfortune_is_one_outcome() -> None:
    words = {
        "kill": "its worker process died (SIGKILL)",
        "segfault": "its worker process died (SIGSEGV)",
        "raise": internal("ValueError"),
        "raise nothing": internal("KeyError"),
        "unsendable error": internal("UnsendableError"),
        "exit": internal("SystemExit"),
        "interrupt": internal("KeyboardInterrupt"),
        "bomb": "it needed more than 2048 MB of memory",
    }
    good = [f"good {number}" for number in range(len(words))]
    outcomes = run([name for pair in zip(words, good, strict=True) for name in pair])
    assert {name: str(outcomes[name].problem) for name in words} == words
    assert all(outcomes[name].result is None for name in words)
    assert [outcomes[name].result for name in good] == [f"done {name}" for name in good]


def test_a_result_that_cannot_travel() -> None:
    outcomes = run(["unsendable result", "good"])
    assert outcomes["unsendable result"].problem
    assert outcomes["good"].result == "done good"


def test_a_hang_ends_at_its_time_limit() -> None:
    outcomes = run(["hang", "a", "b", "c", "d", "e", "f", "g"], TaskLimits(2, 1.5))
    assert str(outcomes.pop("hang").problem) == "it took longer than 1.5 seconds and was stopped"
    assert all(outcome.result for outcome in outcomes.values())


def test_a_worker_that_dies_between_tasks_loses_none() -> None:
    def tasks() -> Iterator[tuple[str, str]]:
        yield "die later", "die later"
        for number in range(12):
            time.sleep(0.1)
            yield f"good {number}", "good"

    outcomes = list(worker_pool.run_tasks(work, tasks(), TaskLimits(1, 30), nothing))
    assert len(outcomes) == 13
    assert all(not outcome.problem for outcome in outcomes)


def test_a_crew_does_batch_after_batch() -> None:
    """With the same workers, and with others where those died between two batches."""
    with WorkerPool[str, Any](work, TaskLimits(1, 30), nothing) as task_pool:
        pids = [one.result for _ in range(2) for one in task_pool.run([("pid", "pid")])]
        assert pids[0] == pids[1]
        assert [one.result for one in task_pool.run([("die later", "die later")])]
        time.sleep(1)
        assert {one.result for one in task_pool.run([("a", "a"), ("b", "b")])} == {"done a", "done b"}
        worker = psutil.Process(next(task_pool.run([("pid", "pid")])).result)
    assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE


def test_workers_that_cannot_be_made_ready(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(WorkerPoolError, match="cannot load library 'libpango"):
        run(["a", "b"], TaskLimits(4, 30), prepare=raising)  # the first says so while Python still loads in others
    assert "Traceback" not in capfd.readouterr().err


def test_workers_that_die_at_once_end_the_batch() -> None:
    with pytest.raises(WorkerPoolError, match="end or hang before they take a task"):
        run(["a", "b"], prepare=dying)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_stops_before_its_first_task(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, workers: int
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(worker_pool, "START_TIMEOUT", 3.0)
    outcomes = run(["a", "b", "c"], TaskLimits(workers, 2), prepare=stopping)
    assert [outcomes[name].result for name in "abc"] == ["done a", "done b", "done c"]
    children = psutil.Process().children(recursive=True)
    assert not [child for child in children if child.status() == psutil.STATUS_STOPPED]


def test_workers_that_never_start_end_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_pool, "START_TIMEOUT", 0.2)
    monkeypatch.setattr(worker_pool, "MAX_RESTARTS", 1)
    with pytest.raises(WorkerPoolError, match="end or hang before they take a task"):
        run(["a"], TaskLimits(1, 0.2), prepare=stopping_always)


def test_workers_see_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PDFKIT_TOKEN", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("PATH", f"/somewhere/else:{os.environ['PATH']}")
    seen: Any = run(["environment"])["environment"].result
    started, now = seen
    assert not [variable for variable in started if b"secret" in variable or b"somewhere" in variable]
    assert "secret" not in now.values()
    assert now["LC_ALL"] == "C.UTF-8"
    assert now["PATH"] == os.defpath


def test_workers_dump_no_core() -> None:
    assert run(["core"])["core"].result == (0, 0)


def test_no_process_is_started_besides_the_workers() -> None:
    before = set(psutil.Process().children(recursive=True))
    for _ in worker_pool.run_tasks(abs, [("one", 1)], TaskLimits(1, 60), nothing):
        started = set(psutil.Process().children(recursive=True)) - before
    assert len(started) == 1


def test_no_tasks() -> None:
    assert run([]) == {}


@pytest.mark.parametrize(("tasks", "expected"), [(1, 1), (2, 2), (9, 2)])
def test_no_more_workers_start_than_there_are_tasks(monkeypatch: pytest.MonkeyPatch, tasks: int, expected: int) -> None:
    started: list[int] = []
    start = worker_pool._start_pool

    def counting(limits: TaskLimits, prepare: Callable[[], None]) -> Any:
        started.append(limits.workers)
        return start(limits, prepare)

    monkeypatch.setattr(worker_pool, "_start_pool", counting)
    assert len(run([f"good {number}" for number in range(tasks)])) == tasks
    assert started == [expected]


def test_an_interrupt_is_kept_from_workers() -> None:
    """Also from a worker that takes the place of one that died."""
    assert run(["mask", "kill"], TaskLimits(1, 30))["mask"].result is True
    assert run(["kill", "mask"], TaskLimits(1, 30))["mask"].result is True
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_tasks_are_taken_as_workers_get_free() -> None:
    taken = 0

    def tasks() -> Iterator[tuple[int, str]]:
        nonlocal taken
        for number in range(50):
            taken += 1
            yield number, "good"

    for done, _ in enumerate(worker_pool.run_tasks(work, tasks(), TaskLimits(1, 30), nothing)):
        assert taken <= done + 4
    assert taken == 50


def test_stopping_early_stops_the_workers() -> None:
    outcomes = worker_pool.run_tasks(work, (("pid", "pid") for _ in range(50)), TaskLimits(1, 30), nothing)
    worker = psutil.Process(next(outcomes).result)
    outcomes.close()  # type: ignore[attr-defined]
    assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE


SCRIPT = """
from pdfkit_cli.system import worker_pool
from tests.helpers.worker_tasks import nothing, work
if __name__ == "__main__":
    tasks = ((str(n), "hang" if n > 1 else "go") for n in range(9))
    for outcome in worker_pool.run_tasks(work, tasks, worker_pool.TaskLimits(2, 600), nothing):
        print(outcome.name, flush=True)
"""


def test_workers_never_outlive_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)}
    ) as parent:
        assert parent.stdout
        parent.stdout.readline()
        children = psutil.Process(parent.pid).children(recursive=True)
        assert children
        parent.kill()
    _, alive = psutil.wait_procs(children, timeout=300)
    assert alive == []


def test_a_script_without_a_guard_ends(tmp_path: Path) -> None:
    """Spawned workers import the script again; that must not start workers of workers for ever."""
    script = tmp_path / "script.py"
    script.write_text(
        SCRIPT.replace('if __name__ == "__main__":', "if True:").replace('"hang" if n > 1 else "go"', '"go"')
    )
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True, text=True, timeout=300, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 1
    assert "WorkerPoolError" in done.stderr
