"""When the power fails, a finished build is on the disk, and of an unfinished one nothing wrong is trusted.

The output folder is on a loop device. A copy of its image is what a disk has at that moment: what the system has not written yet is not in it.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers import build_fault_injection
from tests.helpers.build_fault_injection import Fault
from tests.helpers.crash_scenes import Scene, ends_well, scene
from tests.helpers.soak_sampling import amount, sampled

KINDS = {"ext4": ("mkfs.ext4", "-q"), "xfs": ("mkfs.xfs", "-q"), "btrfs": ("mkfs.btrfs", "-q")}
LARGE = {"ext4": 64, "xfs": 320, "btrfs": 160}
"""Megabytes: the smallest that each can do with."""


@dataclass(frozen=True, slots=True)
class Disk:
    image: Path
    folder: Path

    @contextmanager
    def after_a_cut(self) -> Iterator[Path]:
        """Mount what the disk has now, as the machine finds it when the power is back."""
        cut = self.image.with_name("cut.img")
        subprocess.run(["cp", "--sparse=always", self.image, cut], check=True)
        with mounted(cut, self.image.with_name("cut"), *(["nouuid"] if self.image.name == "xfs.img" else [])) as folder:
            yield folder


@contextmanager
def mounted(image: Path, folder: Path, *options: str) -> Iterator[Path]:
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", "-o", ",".join(("loop", *options)), image, folder], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no loop device can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture(params=KINDS)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    kind = request.param
    if os.geteuid() != 0:
        pytest.skip("only root can mount a loop device")
    if not shutil.which(KINDS[kind][0]):
        pytest.skip(f"{KINDS[kind][0]} is not installed")
    if kind != "ext4" and amount(0, 1) == 0:
        pytest.skip("in make soak")
    image = tmp_path / f"{kind}.img"
    image.touch()
    os.truncate(image, LARGE[kind] << 20)
    subprocess.run([*KINDS[kind], image], check=True)
    with mounted(image, tmp_path / "disk") as folder:
        yield Disk(image, folder)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return scene(tmp_path_factory.mktemp("power"), drawn=True)


def published(scene: Scene, disk: Disk) -> Path:
    """Return an output folder that was written long ago."""
    out = disk.folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(scene.published, out)
    os.sync()
    return out


@pytest.mark.soak
def test_a_finished_build_is_on_the_disk(drawn: Scene, disk: Disk, tmp_path: Path) -> None:
    out = published(drawn, disk)
    assert drawn.build(out, tmp_path / "cache").clean
    with disk.after_a_cut() as folder:
        assert build_fault_injection.tree(folder / "out") == drawn.after
        assert build_fault_injection.problems(folder / "out", drawn.after) == []
        assert build_fault_injection.unsettled(folder / "out") == []
        again = drawn.build(folder / "out", tmp_path / "cache")
        assert (again.clean, again.rendered) == (True, ())


@pytest.mark.soak
def test_a_first_build_is_on_the_disk(drawn: Scene, disk: Disk, tmp_path: Path) -> None:
    assert drawn.build(disk.folder / "new" / "out", tmp_path / "cache").clean
    with disk.after_a_cut() as folder:
        assert build_fault_injection.tree(folder / "new" / "out") == drawn.after


@pytest.mark.soak
def test_a_cut_at_each_call(drawn: Scene, disk: Disk, tmp_path: Path) -> None:
    calls = drawn.build(published(drawn, disk), tmp_path / "cache", Fault(disk.folder, 0)).calls
    for call in sampled(range(1, calls + 1), 2, 3):
        out = published(drawn, disk)
        assert drawn.build(out, tmp_path / "cache", Fault(disk.folder, call)).died
        with disk.after_a_cut() as folder:
            assert build_fault_injection.problems(folder / "out", drawn.before, drawn.after) == [], call
            lost = {path for path in drawn.before if not path.startswith("south/")} - set(
                build_fault_injection.tree(folder / "out")
            )
            assert lost == set(), call
            ends_well(drawn, folder / "out", tmp_path / "cache")
