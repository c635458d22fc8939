"""A cluster does what worker processes do: the same bytes, and whatever happens to a machine or a task is nobody else's."""

import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from pdfkit_cli import cli
from pdfkit_cli.build import output_folder
from pdfkit_cli.build.cluster import dask as cluster_dask
from pdfkit_cli.build.cluster import machine
from pdfkit_cli.build.cluster.dask import ClusterError, TaskTransport
from pdfkit_cli.build.cluster.machine import ClusterJob
from pdfkit_cli.build.pipeline import BuildRequest, ProgressListener, build
from pdfkit_cli.errors import Problem, UsageError
from pdfkit_cli.system.worker_pool import TaskResult
from tests.helpers.dask_cluster import DaskCluster, certificates, started
from tests.helpers.fake_rendering import DAY
from tests.helpers.internal_faults import internal
from tests.helpers.output_folder_audit import contents, lies
from tests.helpers.tiny_library import TEXT, TinyLibrary
from tests.helpers.worker_tasks import nothing, raising, stat, tell, unpack, work


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """A scheduler and two workers; for tests that leave them as they are."""
    with started(tmp_path_factory.mktemp("dask")) as running:
        yield running


@pytest.fixture
def doomed(tmp_path: Path) -> Iterator[DaskCluster]:
    """The same, to break."""
    (tmp_path / "dask").mkdir()
    with started(tmp_path / "dask") as running:
        yield running


@pytest.fixture
def lonely(tmp_path: Path) -> Iterator[DaskCluster]:
    """A scheduler and one worker, to break."""
    (tmp_path / "dask").mkdir()
    with started(tmp_path / "dask", 1) as running:
        yield running


ORDER = ClusterJob("build", work, nothing, unpack, tell, {"weasyprint": "70.0"}, 30)
FREIGHT: TaskTransport[str] = TaskTransport(lambda task: (task, {}), lambda task: "")


def outcomes(
    dask: DaskCluster,
    names: list[str],
    order: ClusterJob[str, Any] = ORDER,
    transport: TaskTransport[str] = FREIGHT,
    group: int = 4,
) -> Iterator[TaskResult[int, Any]]:
    return cluster_dask.run_on_cluster(dask.address, order, transport, enumerate(names), group)


@pytest.mark.slow
def test_the_same_bytes_as_on_one_machine(dask: DaskCluster, library: TinyLibrary, tmp_path: Path) -> None:
    library.write(
        "content/first/images/a.svg",
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>',
    )
    library.body("## Hop\n\n![En streg](images/a.svg)\n\n- et\n- to\n\n::: call\nRing til os.\n:::\n")
    here = BuildRequest(library.root, tmp_path / "here", as_of=DAY, jobs=1)
    there = replace(here, out=tmp_path / "there", cluster=dask.address)
    assert not build(here).failed
    assert len(build(there).rendered) == 4
    assert contents(there.out) == contents(here.out)
    assert manifest(there.out) == manifest(here.out)
    assert build(replace(there, cluster="tcp://127.0.0.1:1")).kept == 4  # nobody is asked where nothing is to do


def manifest(out: Path) -> Any:
    said = json.loads((out / output_folder.MANIFEST_NAME).read_bytes())
    for entry in said["files"].values():
        entry["mtime_ns"] = 0
    return said


def test_each_misfortune_is_one_outcome(dask: DaskCluster) -> None:
    names = ["kill", "good", "raise", "good", "hang", "good", "unsendable result", "good", "exit"]
    said = {one.name: one for one in outcomes(dask, names, replace(ORDER, seconds=1.5), group=9)}
    assert [str(said[place].problem) for place in (0, 2, 4, 8)] == [
        "its worker process died (SIGKILL)",
        internal("ValueError"),
        "it took longer than 1.5 seconds and was stopped",
        internal("SystemExit"),
    ]
    assert said[6].problem
    assert [said[place].result for place in (1, 3, 5, 7)] == ["done good"] * 4


def test_assets_are_written_once_on_a_machine(dask: DaskCluster) -> None:
    transport: TaskTransport[str] = TaskTransport(lambda task: ("slow", {"asset": b"x" * 5000}), lambda task: "")
    order = replace(ORDER, build="assets", unpack=stat)
    said = [str(one.result).split() for one in outcomes(dask, ["task"] * 24, order, transport, group=2)]
    folders = {folder for _, folder, _, _ in said}
    assert len(folders) == 2
    assert len({(folder, written) for _, folder, written, _ in said}) == 2
    assert {size for *_, size in said} == {"5000"}
    assert not any(Path(folder).exists() for folder in folders)  # the build has ended


def test_a_machine_that_goes_is_nobody_elses_loss(doomed: DaskCluster) -> None:
    names = ["slow"] * 40
    done = []
    for one in outcomes(doomed, names):
        done.append(one)
        if len(done) == 6:
            doomed.kill(doomed.workers[0])
    assert sorted(one.name for one in done) == list(range(40))
    assert {one.result for one in done} == {"done slow"}


def test_an_encrypted_cluster_by_its_own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dask's own: whoever has no certificate gets nothing."""
    import dask

    settings = certificates(tmp_path)
    with dask.config.set(settings), started(tmp_path, 1, "tls", settings) as encrypted:
        assert encrypted.address.startswith("tls://")
        assert [one.result for one in outcomes(encrypted, ["a"])] == ["done a"]
        stranger = certificates(_folder(tmp_path / "another"))
        monkeypatch.setattr(cluster_dask, "CONNECT_TIMEOUT", 1.0)
        with dask.config.set(stranger), pytest.raises(ClusterError, match="no Dask scheduler answers"):
            list(outcomes(encrypted, ["a"]))


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def test_no_machine_left(lonely: DaskCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_dask, "NO_WORKER_TIMEOUT", 1.0)
    running = outcomes(lonely, ["slow"] * 40)
    next(running)
    for worker in lonely.workers:
        lonely.kill(worker)
    with pytest.raises(ClusterError, match="no workers any more") as caught:
        list(running)
    assert "without --cluster" in caught.value.hint


@pytest.mark.slow
def test_a_build_goes_on_here_where_the_scheduler_goes(lonely: DaskCluster, library: TinyLibrary) -> None:
    for number in range(8):
        library.write(f"content/more-{number}/leaflet.yaml", library.read("content/first/leaflet.yaml").replace("T-1", f"M-{number}"))  # fmt: skip
        library.write(f"content/more-{number}/da.md", TEXT)
    more = "".join(f"  more-{number}: {{languages: [da]}}\n" for number in range(8))
    library.write("clinics/north.yaml", library.read("clinics/north.yaml") + more)
    request = BuildRequest(library.root, library.root.parent / "dist", as_of=DAY, jobs=1, cluster=lonely.address)

    def kill(path: str, problem: Problem | None) -> None:
        lonely.kill(lonely.scheduler)

    with pytest.raises(ClusterError, match="went away") as caught:
        build(request, ProgressListener(done=kill))
    assert "the next build goes on" in caught.value.hint
    assert lies(request.out) == []
    finished = contents(request.out)
    assert finished
    again = build(replace(request, cluster=""))
    assert (again.kept, len(again.rendered)) == (len(finished), 20 - len(finished))
    assert again.rendered
    assert finished.items() <= contents(request.out).items()


def test_versions_are_compared_before_work_begins(dask: DaskCluster) -> None:
    taken: list[str] = []

    def tasks() -> Iterator[tuple[str, str]]:
        taken.append("a")
        yield "a", "a"

    order = replace(ORDER, build="other", versions={"weasyprint": "71.0", "pango": "1.56"})
    with pytest.raises(ClusterError) as caught:
        list(cluster_dask.run_on_cluster(dask.address, order, FREIGHT, tasks()))
    lines = str(caught.value).split("\n")
    assert len(lines) == 2
    assert lines[0].startswith("worker tcp://127.0.0.1:")
    assert lines[0].endswith(": it works with pango missing, here 1.56; weasyprint 70.0, here 71.0")
    assert taken == []


def test_a_machine_that_comes_late_is_compared_too() -> None:
    with pytest.raises(machine.IncompatibleMachineError, match=r"it works with weasyprint 70\.0, here 71\.0"):
        machine.run_task_group(replace(ORDER, build="late", versions={"weasyprint": "71.0"}), ["good"], {})


def test_a_worker_that_may_not_start_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("multiprocessing.process.BaseProcess.daemon", True)
    assert "dask worker --no-nanny" in machine.incompatibility(ORDER)


def test_a_machine_that_cannot_render_says_what_is_missing(dask: DaskCluster) -> None:
    with pytest.raises(ClusterError, match="nothing can be rendered in the cluster: cannot load library 'libpango"):
        list(outcomes(dask, ["a"], replace(ORDER, build="unready", prepare=raising)))


def test_what_kills_machines_is_tried_alone() -> None:
    """Dask gives a group up when several machines died with it."""
    run = cluster_dask._ClusterRun[str, str, str](None, ORDER, FREIGHT)
    killed: Future[list[TaskResult[int, str]]] = Future()
    killed.set_exception(RuntimeError("four workers died"))
    assert list(run._settled([("a", "a"), ("b", "b")], killed)) == []
    assert run.again == [[("a", "a")], [("b", "b")]]
    (said,) = run._settled([("b", "b")], killed)
    assert (said.name, str(said.problem)) == ("b", "the cluster could not do it: four workers died")


def test_tasks_that_belong_together_travel_together() -> None:
    tasks = [(str(number), "ab"[number // 5]) for number in range(8)]
    groups = list(cluster_dask._group_tasks(tasks, lambda task: task, 3))
    assert ["".join(task for _, task in group) for group in groups] == ["aaa", "aa", "bbb"]


def test_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_dask, "CONNECT_TIMEOUT", 0.5)
    with pytest.raises(ClusterError, match="no Dask scheduler answers there") as caught:
        list(cluster_dask.run_on_cluster("tcp://127.0.0.1:1", ORDER, FREIGHT, [("a", "a")]))
    assert "without --cluster" in caught.value.hint


def test_the_command_says_so_and_touches_nothing(
    library: TinyLibrary, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cluster_dask, "CONNECT_TIMEOUT", 0.5)
    out = library.root.parent / "dist"
    command = ["build", "--library", str(library.root), "--out", str(out), "--cluster", "tcp://127.0.0.1:1"]
    assert cli._run_command(command) == 1
    assert "pdfkit: tcp://127.0.0.1:1: no Dask scheduler answers there" in capsys.readouterr().err
    assert lies(out) == []
    assert cli._run_command([*command, "--jobs", "2"]) == 2
    assert "leave it out with --cluster" in capsys.readouterr().err


def test_no_workers(tmp_path: Path) -> None:
    with started(tmp_path, 0) as empty, pytest.raises(ClusterError, match="the cluster has no workers"):
        list(outcomes(empty, ["a"]))


def test_without_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="not installed") as caught:
        list(cluster_dask.run_on_cluster("tcp://127.0.0.1:1", ORDER, FREIGHT, [("a", "a")]))
    assert "pip install '.[cluster]'" in caught.value.hint


@pytest.mark.parametrize(
    "address", ["tcp://10.0.0.1:8786", "10.0.0.1:8786", "ws://scheduler:8786", "ucx://x:1", "TLS", ""]
)
def test_a_cluster_without_encryption_is_said_to_be_one(address: str) -> None:
    assert "no TLS" in cluster_dask.encryption_warning(address)
    assert cluster_dask.encryption_warning("tls://scheduler:8786") == ""


def test_a_build_that_is_stopped_in_the_middle_leaves_no_process() -> None:
    """An interrupted build is over while a group of it is still being done."""
    with ThreadPoolExecutor(1) as thread:
        group = thread.submit(machine.run_task_group, replace(ORDER, build="stopped"), ["pid", *["slow"] * 20], {})
        while "stopped" not in machine._workspaces:
            time.sleep(0.02)
        time.sleep(1)
        assert not group.done()
        machine.release_build("stopped")
        pid = int(str(group.result()[0].result))
    assert not psutil.pid_exists(pid)


def test_a_build_that_is_over_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "IDLE_TIMEOUT", 0.5)
    (said,) = machine.run_task_group(replace(ORDER, build="idle"), ["pid"], {})
    until = time.monotonic() + 300
    while psutil.pid_exists(int(str(said.result))) and time.monotonic() < until:
        time.sleep(0.1)
    assert not psutil.pid_exists(int(str(said.result)))
    assert "idle" not in machine._workspaces
