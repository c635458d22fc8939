"""A build that is begun in the browser: what it says of itself, one at a time, and whatever befalls it."""

import os
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from pdfkit_cli.build.output_folder import OutputFolder
from pdfkit_cli.build.pipeline import BuildRequest
from pdfkit_cli.desk import background_builds
from pdfkit_cli.desk.background_builds import (
    BackgroundBuilds,
    BuildFailed,
    BuildFinished,
    BuildPhase,
    BuildPlanned,
    BuildProgress,
    FileBuilt,
    apply_event,
)
from pdfkit_cli.errors import OutputBusyError, Problem, ProblemCode
from tests.helpers.output_folder_audit import contents, lies
from tests.helpers.tiny_library import TinyLibrary

WAIT = 300.0


def waited(builds: BackgroundBuilds) -> BuildProgress:
    end = time.monotonic() + WAIT
    while builds.now.running and time.monotonic() < end:
        time.sleep(0.05)
    assert not builds.now.running
    return builds.now


def test_a_build_is_followed_event_by_event() -> None:
    blocked, hung, full_disk = Problem("an error"), Problem("it hung"), Problem("no space", "free some")
    begun = apply_event(BuildProgress(BuildPhase.PLANNING, 1), BuildPlanned(2, 5, 1, {"c/blocked.pdf": blocked}))
    assert (begun.phase, begun.running, begun.share, begun.kept, begun.removed) == (BuildPhase.RENDERING, True, 0, 5, 1)
    half = apply_event(begun, FileBuilt("c/good.pdf", None))
    assert (half.share, half.last, half.failed) == (0.5, "c/good.pdf", {"c/blocked.pdf": blocked})
    full = apply_event(half, FileBuilt("c/bad.pdf", hung))
    assert full.failed == {"c/blocked.pdf": blocked, "c/bad.pdf": hung}
    ended = apply_event(full, BuildFinished(1.5))
    assert (ended.phase, ended.running, ended.seconds, ended.failed) == (BuildPhase.ENDED, False, 1.5, full.failed)
    stopped = apply_event(half, BuildFailed(full_disk))
    assert (stopped.phase, stopped.running, stopped.problem) == (BuildPhase.STOPPED, False, full_disk)


def test_a_build_with_nothing_to_render_ends_full() -> None:
    assert (
        apply_event(
            apply_event(BuildProgress(BuildPhase.PLANNING), BuildPlanned(0, 9, 0, {})), BuildFinished(0.1)
        ).share
        == 1
    )


def ends_well(request: BuildRequest, events: Connection) -> None:
    events.send(BuildPlanned(1, 0, 0, {}))
    events.send(FileBuilt("c/a.pdf", None))
    events.send(BuildFinished(1.0))


def ends_with_a_failure(request: BuildRequest, events: Connection) -> None:
    events.send(BuildPlanned(1, 0, 0, {}))
    events.send(FileBuilt("c/a.pdf", Problem("it hung")))
    events.send(BuildFinished(1.0))


@pytest.mark.parametrize("work", [ends_well, ends_with_a_failure])
def test_the_end_of_a_build_is_no_news_for_ever(
    work: Callable[[BuildRequest, Connection], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    builds = BackgroundBuilds(lambda: BuildRequest(tmp_path, tmp_path), work)
    assert builds.start()
    assert waited(builds).phase is BuildPhase.ENDED
    assert builds.shown == builds.now
    monkeypatch.setattr(background_builds, "NEWS_SECONDS", -1.0)
    assert (builds.shown == builds.now) is (work is ends_with_a_failure), "what failed stays"


def test_the_button_builds(library: TinyLibrary, tmp_path: Path) -> None:
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4]")
    library.write("clinics/south.yaml", library.read("clinics/south.yaml").replace("phone:", "#"))
    builds = BackgroundBuilds(lambda: BuildRequest(library.root, tmp_path / "dist", jobs=1))
    assert builds.start()
    ended = waited(builds)
    assert (ended.phase, ended.number, ended.total, ended.done) == (BuildPhase.ENDED, 1, 1, 1)
    assert list(ended.failed) == ["south/first.da.a4.pdf"]
    assert "phone" in ended.failed["south/first.da.a4.pdf"].message
    assert list(contents(tmp_path / "dist")) == ["north/first.da.a4.pdf"]
    assert lies(tmp_path / "dist") == []


def test_another_build_holds_the_folder(library: TinyLibrary, tmp_path: Path) -> None:
    builds = BackgroundBuilds(lambda: BuildRequest(library.root, tmp_path / "dist", jobs=1))
    with OutputFolder(tmp_path / "dist"):
        assert builds.start()
        ended = waited(builds)
    assert ended.phase is BuildPhase.STOPPED
    assert ended.problem
    assert ended.problem.code == OutputBusyError.code
    assert "another build is writing" in ended.problem.message
    assert "wait" in ended.problem.hint


def hangs(request: BuildRequest, events: Connection) -> None:
    events.send(BuildPlanned(3, 0, 0, {}))
    time.sleep(WAIT)


def dies(request: BuildRequest, events: Connection) -> None:
    events.send(BuildPlanned(3, 0, 0, {}))
    os._exit(9)


def test_a_second_press_begins_no_second_build() -> None:
    builds = BackgroundBuilds(BuildRequest, hangs)
    assert builds.start()
    assert not builds.start()
    assert builds.now.number == 1
    builds.close()
    assert waited(builds).phase is BuildPhase.STOPPED


def test_a_build_that_dies_says_so_and_behind_it_comes_the_next() -> None:
    builds = BackgroundBuilds(BuildRequest, dies)
    assert builds.start()
    problem = waited(builds).problem
    assert problem
    assert (problem.code, builds.now.total) == (ProblemCode.WORKER_DIED, 3)
    assert builds.start()
    assert waited(builds).number == 2


def test_nothing_has_been_built_yet() -> None:
    assert BackgroundBuilds(BuildRequest).now == BuildProgress()
