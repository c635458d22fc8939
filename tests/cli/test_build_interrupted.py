"""What is left of a build that is stopped, at any moment, in a process of its own."""

import os
import random
import resource
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.helpers.cli_runner import Terminal, start
from tests.helpers.output_folder_audit import contents, lies
from tests.helpers.soak_sampling import amount
from tests.helpers.tiny_library import TinyLibrary


@pytest.fixture(scope="module")
def moments() -> Iterator[float]:
    """Random moments of a build of some two seconds, the same ones each time."""
    source = random.Random(20261121)
    return iter(lambda: source.uniform(0.1, 2.0), None)


@pytest.fixture
def more(library: TinyLibrary) -> TinyLibrary:
    """Eight PDFs."""
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4, a5, a5-booklet, a4-large]")
    return library


@pytest.fixture
def expected(more: TinyLibrary, pdfkit: Terminal) -> Callable[[Path], None]:
    """Return a check that the next build of a folder finishes the work."""

    def check(out: Path) -> None:
        code, _, err = pdfkit.on("build", "--out", out)
        assert (code, "Traceback" in err) == (0, False)
        assert lies(out) == []
        assert len(contents(out)) == 8
        assert not list((out / ".pdfkit").glob("*.part"))
        assert " 0 rendered" in " " + pdfkit.on("build", "--out", out)[1]

    return check


@pytest.mark.slow
@pytest.mark.soak
def test_killed_at_any_moment(
    more: TinyLibrary, tmp_path: Path, moments: Iterator[float], expected: Callable[[Path], None]
) -> None:
    """With -9, while it renders new files or old ones again; the workers go away by themselves."""
    out = tmp_path / "dist"
    for attempt in range(amount(2, 30)):
        process = start(more, out, *(["--force"] if attempt % 2 else []))
        time.sleep(next(moments))
        workers = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.kill()
        process.communicate()
        assert lies(out) == []
        _, alive = psutil.wait_procs(workers, timeout=300)
        assert alive == []
    expected(out)


@pytest.mark.slow
@pytest.mark.soak
def test_interrupted_at_any_moment(
    more: TinyLibrary, tmp_path: Path, moments: Iterator[float], expected: Callable[[Path], None]
) -> None:
    """With Ctrl-C, which a terminal sends to the whole group."""
    out = tmp_path / "dist"
    codes = []
    for _ in range(amount(3, 30)):
        manifest = out / "manifest.json"
        manifest.unlink(missing_ok=True)
        process = start(more, out)
        while not manifest.exists():  # before that, it is Python that starts
            time.sleep(0.01)
        time.sleep(next(moments) * 0.7)
        os.killpg(process.pid, signal.SIGINT)
        said, err = process.communicate(timeout=300)
        assert "Traceback" not in err
        assert process.returncode in (0, 130, -signal.SIGINT)  # the last while Python loads: shells make 130 of it
        assert ("interrupted" in err) == (process.returncode == 130)
        assert (said == "") == (process.returncode == 130)
        codes.append(process.returncode)
        assert lies(out) == []
    assert 130 in codes
    expected(out)


@pytest.mark.slow
def test_a_full_disk(more: TinyLibrary, tmp_path: Path, expected: Callable[[Path], None]) -> None:
    """From the first finished file on, the parent can write no more than some bytes."""
    out = tmp_path / "dist"
    process = start(more, out, "--jobs", "1")
    assert process.stderr
    first = process.stderr.readline()
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (64, 64))
    said, err = process.communicate(timeout=300)
    assert first.startswith("rendered ")
    assert (process.returncode, said) == (1, "")
    assert "cannot be written: File too large" in err
    assert "hint: free some space" in err
    assert "Traceback" not in err
    assert lies(out) == []
    expected(out)


@pytest.mark.slow
def test_two_builds_at_once(more: TinyLibrary, tmp_path: Path, expected: Callable[[Path], None]) -> None:
    out = tmp_path / "dist"
    both = [start(more, out) for _ in range(2)]
    ends = [(*process.communicate(timeout=300), process.returncode) for process in both]
    assert sorted(code for _, _, code in ends) == [0, 1]
    (err,) = [err for _, err, code in ends if code]
    assert "another build is writing" in err
    assert "Traceback" not in err
    assert lies(out) == []
    expected(out)
