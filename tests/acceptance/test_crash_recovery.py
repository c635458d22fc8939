"""Whatever the file system does to a build, and wherever it is killed: nothing wrong is trusted, nothing is lost, and the next build ends as a clean one.

As SQLite is tested (sqlite.org/testing.html): a crash before each call, and an error at each.
"""

import random
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pdfkit_cli.build.pipeline import BuildRequest
from pdfkit_cli.content.packaged import packaged_folder
from tests.helpers import build_fault_injection
from tests.helpers.build_fault_injection import DAY, Fault, Told
from tests.helpers.soak_sampling import amount, sampled
from tests.helpers.tiny_library import TinyLibrary, tiny


@dataclass(frozen=True, slots=True)
class Scene:
    """A library that has changed since its PDFs were published; what was published, and what a clean build makes of it now."""

    library: TinyLibrary
    published: Path
    cache: Path
    before: dict[str, str]
    after: dict[str, str]
    layouts: Path
    drawn: bool

    def request(self, out: Path) -> BuildRequest:
        return BuildRequest(self.library.root, out, as_of=DAY, jobs=1, layouts=self.layouts)

    def folder(self, of: str, out: Path, cache: Path) -> Path:
        """Return where the calls count that may fail."""
        return {"out": out, "cache": cache, "library": self.library.root, "layouts": self.layouts}[of]

    def build(self, out: Path, cache: Path, fault: Fault | None = None) -> Told:
        return build_fault_injection.build(self.request(out), cache, fault, drawn=self.drawn)


def scene(folder: Path, *, drawn: bool) -> Scene:
    """Publish, then change a phone, add a clinic and take one away."""
    library = tiny(folder)
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a5]")
    library.body("## Ring\n\n::: call Er du i tvivl?\nRing til os.\n:::\n")
    published, cache = folder / "published", folder / "published-cache"
    layouts = Path(shutil.copytree(packaged_folder("layouts"), folder / "layouts"))
    request = BuildRequest(library.root, published, as_of=DAY, jobs=1, layouts=layouts)
    first = build_fault_injection.build(request, cache, drawn=drawn)
    assert first.clean, first
    library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 01")
    library.write("clinics/east.yaml", library.read("clinics/south.yaml").replace("Syd", "Øst"))
    (library.root / "clinics/south.yaml").unlink()
    assert build_fault_injection.build(replace(request, out=folder / "clean"), folder / "c", drawn=drawn).clean
    return Scene(
        library,
        published,
        cache,
        build_fault_injection.tree(published),
        build_fault_injection.tree(folder / "clean"),
        layouts,
        drawn,
    )


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return scene(tmp_path_factory.mktemp("drawn"), drawn=True)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return scene(tmp_path_factory.mktemp("rendered"), drawn=False)


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


def ends_well(scene: Scene, out: Path, cache: Path) -> None:
    """The next build makes what a clean one makes."""
    again = scene.build(out, cache)
    assert again.clean, again
    assert build_fault_injection.tree(out) == scene.after
    assert build_fault_injection.problems(out, scene.after) == []
    assert build_fault_injection.unsettled(out) == []


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
