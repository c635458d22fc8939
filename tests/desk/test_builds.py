"""A build that is begun in the browser: what it says of itself, one at a time, and whatever befalls it."""

import os
import time
from multiprocessing.connection import Connection
from pathlib import Path

from pdfkit_cli.build import Request
from pdfkit_cli.desk.builds import Builds, Done, Ended, Phase, Planned, Progress, Stopped, step
from pdfkit_cli.publish import Output
from tests.libraries import TinyLibrary
from tests.outputs import contents, lies

WAIT = 60.0


def waited(builds: Builds) -> Progress:
    end = time.monotonic() + WAIT
    while builds.now.running and time.monotonic() < end:
        time.sleep(0.05)
    assert not builds.now.running
    return builds.now


def test_a_build_is_followed_event_by_event() -> None:
    begun = step(Progress(Phase.PLANNING, 1), Planned(2, 5, 1, {"c/blocked.pdf": "an error"}))
    assert (begun.phase, begun.running, begun.share, begun.kept, begun.removed) == (Phase.RENDERING, True, 0, 5, 1)
    half = step(begun, Done("c/good.pdf", ""))
    assert (half.share, half.last, half.failed) == (0.5, "c/good.pdf", {"c/blocked.pdf": "an error"})
    full = step(half, Done("c/bad.pdf", "it hung"))
    assert full.failed == {"c/blocked.pdf": "an error", "c/bad.pdf": "it hung"}
    ended = step(full, Ended(1.5))
    assert (ended.phase, ended.running, ended.seconds, ended.failed) == (Phase.ENDED, False, 1.5, full.failed)
    stopped = step(half, Stopped("no space", "free some"))
    assert (stopped.phase, stopped.running, stopped.problem, stopped.hint) == (Phase.STOPPED, False, "no space", "free some")  # fmt: skip


def test_a_build_with_nothing_to_render_ends_full() -> None:
    assert step(step(Progress(Phase.PLANNING), Planned(0, 9, 0, {})), Ended(0.1)).share == 1


def test_the_button_builds(library: TinyLibrary, tmp_path: Path) -> None:
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4]")
    library.write("clinics/south.yaml", library.read("clinics/south.yaml").replace("phone:", "#"))
    builds = Builds(lambda: Request(library.root, tmp_path / "dist", jobs=1))
    assert builds.start()
    ended = waited(builds)
    assert (ended.phase, ended.number, ended.total, ended.done) == (Phase.ENDED, 1, 1, 1)
    assert list(ended.failed) == ["south/first.da.a4.pdf"]
    assert "phone" in ended.failed["south/first.da.a4.pdf"]
    assert list(contents(tmp_path / "dist")) == ["north/first.da.a4.pdf"]
    assert lies(tmp_path / "dist") == []


def test_another_build_holds_the_folder(library: TinyLibrary, tmp_path: Path) -> None:
    builds = Builds(lambda: Request(library.root, tmp_path / "dist", jobs=1))
    with Output(tmp_path / "dist"):
        assert builds.start()
        ended = waited(builds)
    assert ended.phase is Phase.STOPPED
    assert "another build is writing" in ended.problem
    assert "wait" in ended.hint


def hangs(request: Request, events: Connection) -> None:
    events.send(Planned(3, 0, 0, {}))
    time.sleep(WAIT)


def dies(request: Request, events: Connection) -> None:
    events.send(Planned(3, 0, 0, {}))
    os._exit(9)


def test_a_second_press_begins_no_second_build() -> None:
    builds = Builds(Request, hangs)
    assert builds.start()
    assert not builds.start()
    assert builds.now.number == 1
    builds.close()
    assert waited(builds).phase is Phase.STOPPED


def test_behind_a_build_comes_the_next() -> None:
    builds = Builds(Request, dies)
    assert builds.start()
    waited(builds)
    assert builds.start()
    assert waited(builds).number == 2


def test_a_build_that_dies_says_so() -> None:
    builds = Builds(Request, dies)
    assert builds.start()
    assert (waited(builds).problem, builds.now.total) == ("died", 3)


def test_nothing_has_been_built_yet() -> None:
    assert Builds(Request).now == Progress()
