"""Whatever the file system does to a build, and wherever it is killed: nothing wrong is trusted, nothing is lost, and the next build ends as a clean one.

As SQLite is tested (sqlite.org/testing.html): a crash before each call, and an error at each.
"""

import random
import shutil
from pathlib import Path

import pytest

from tests.helpers import build_fault_injection
from tests.helpers.build_fault_injection import Fault
from tests.helpers.crash_scenes import Scene, ends_well, scene
from tests.helpers.soak_sampling import amount, sampled


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return scene(tmp_path_factory.mktemp("rendered"), drawn=False)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return scene(tmp_path_factory.mktemp("drawn"), drawn=True)


def started(scene: Scene, folder: Path) -> tuple[Path, Path]:
    """Return an output folder and a cache as they are before the build."""
    shutil.rmtree(folder, ignore_errors=True)
    return (
        Path(shutil.copytree(scene.published, folder / "out")),
        Path(shutil.copytree(scene.cache, folder / "cache") if scene.cache.exists() else folder / "cache"),
    )


def counted(scene: Scene, folder: Path, of: str) -> range:
    """Return the numbers of the calls below a folder in a build that nothing happens to."""
    out, cache = started(scene, folder)
    told = scene.build(out, cache, Fault(scene.folder(of, out, cache), 0))
    assert told.clean
    assert build_fault_injection.tree(out) == scene.after
    assert told.calls > 4
    return range(1, told.calls + 1)


@pytest.mark.soak
def test_a_crash_before_each_call(drawn: Scene, tmp_path: Path) -> None:
    for call in sampled(counted(drawn, tmp_path / "all", "out"), 4):
        out, cache = started(drawn, tmp_path / "now")
        assert drawn.build(out, cache, Fault(out, call)).died
        assert build_fault_injection.problems(out, drawn.before, drawn.after) == [], call
        ends_well(drawn, out, cache)


@pytest.mark.soak
@pytest.mark.parametrize("for_ever", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize("of", ["out", "library", "layouts"])
def test_an_error_at_each_call(drawn: Scene, tmp_path: Path, of: str, for_ever: bool) -> None:
    """The build goes on or says what is wrong, with place and remedy; it never calls it our fault, and never removes what it could not read."""
    for call in sampled(counted(drawn, tmp_path / "all", of), 2):
        out, cache = started(drawn, tmp_path / "now")
        code = build_fault_injection.CODES[call % len(build_fault_injection.CODES)]
        told = drawn.build(out, cache, Fault(drawn.folder(of, out, cache), call, code, for_ever))
        assert told.expected, (call, told)
        assert not told.clean or build_fault_injection.tree(out) == drawn.after, (call, told)
        assert build_fault_injection.problems(out, drawn.before, drawn.after) == [], (call, told)
        lost = {path for path in drawn.before if not path.startswith("south/")} - set(build_fault_injection.tree(out))
        assert lost == set(), (call, told)
        ends_well(drawn, out, cache)


@pytest.mark.soak
@pytest.mark.parametrize("for_ever", [False, True], ids=["once", "from then on"])
def test_an_error_at_each_call_in_the_cache(rendered: Scene, tmp_path: Path, for_ever: bool) -> None:
    """No PDF depends on it."""
    for call in sampled(counted(rendered, tmp_path / "all", "cache"), 1):
        out, cache = started(rendered, tmp_path / "now")
        told = rendered.build(
            out,
            cache,
            Fault(cache, call, build_fault_injection.CODES[call % len(build_fault_injection.CODES)], for_ever),
        )
        assert told.clean, (call, told)
        assert build_fault_injection.tree(out) == rendered.after, call
        ends_well(rendered, out, cache)


@pytest.mark.soak
def test_what_is_kept_is_never_taken_for_something_else(rendered: Scene, tmp_path: Path) -> None:
    """A file of the cache that is cut, altered, empty, or under the name of another."""
    chance = random.Random(7)
    for _ in range(amount(1, 40)):
        out, cache = started(rendered, tmp_path / "now")
        kept = sorted(path for path in cache.rglob("*") if path.is_file())
        assert len(kept) > 3
        for path in chance.sample(kept, 3):
            data = path.read_bytes()
            at = chance.randrange(len(data))
            harms = (
                b"",
                data[:at],
                data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :],
                chance.choice(kept).read_bytes(),
            )
            path.write_bytes(chance.choice(harms))
        told = rendered.build(out, cache)
        assert told.clean, told
        assert build_fault_injection.tree(out) == rendered.after
