"""After any edit an incremental build is a clean one, byte for byte: in every PDF, every page and every entry."""

import shutil
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from pdfkit_cli.build import output_folder
from pdfkit_cli.build.pipeline import BuildRequest
from pdfkit_cli.content.editions import Selection
from pdfkit_cli.output.manifest import ManifestEntry
from tests.helpers import build_fault_injection
from tests.helpers.build_fault_injection import DAY, Told
from tests.helpers.library_edits import EDITS, KINDS, Bench, Edit, bench
from tests.helpers.soak_sampling import WHOLE, amount

SEEDS = range(amount(1, 6))
STEPS = amount(len(KINDS), 50)


def request(b: Bench) -> BuildRequest:
    return BuildRequest(b.library.root, b.out, as_of=DAY, jobs=1, layouts=b.layouts)


def entries(out: Path) -> dict[str, ManifestEntry]:
    """Return what the manifest says of each PDF, but for the time of its file."""
    return {path: replace(entry, mtime_ns=0) for path, entry in output_folder.read_manifest(out).files.items()}


def saved(b: Bench, to: Path) -> None:
    for folder in (b.library.root, b.layouts):
        shutil.rmtree(to / folder.name, ignore_errors=True)
        shutil.copytree(folder, to / folder.name)


def restored(b: Bench, source: Path) -> None:
    for folder in (b.library.root, b.layouts):
        shutil.rmtree(folder)
        shutil.copytree(source / folder.name, folder)


@pytest.mark.soak
@pytest.mark.parametrize("seed", SEEDS)
def test_an_incremental_build_is_a_clean_one(tmp_path: Path, seed: int) -> None:
    b = bench(tmp_path, seed)
    assert build_fault_injection.build(request(b), b.cache).clean
    older, before = tmp_path / "older", tmp_path / "before"
    saved(b, older)
    compared = 0
    for one in chosen(b.chance):
        saved(b, before)
        done = edit(b, one, older)
        told = build_fault_injection.build(request(b), b.cache)
        if not told.clean:  # an edit that a check refuses: nothing is lost by it, and it is taken back
            assert told.expected, (done, told)
            assert told.removed == (), (done, told)
            restored(b, before)
            told = build_fault_injection.build(request(b), b.cache)
        compare(b, tmp_path / "clean", told, done)
        compared += 1
        if b.chance.random() < 0.1:
            saved(b, older)
    assert compared == STEPS


def chosen(chance: Random) -> list[Edit]:
    """Return so many edits by chance; in `make test` one of each kind."""
    if WHOLE:
        return chance.choices(EDITS, k=STEPS)
    return [chance.choice(edits) for edits in chance.sample([*KINDS.values()], STEPS)]


def edit(b: Bench, one: Edit, older: Path) -> str:
    """Edit something, or go back to an older state, in `make soak`; build some of it first, at times."""
    if WHOLE and b.chance.random() < 0.1:
        restored(b, older)
        return "back to an older state"
    one(b)
    if b.chance.random() < 0.15:
        some = b.chance.choice((Selection(clinics=("north",)), Selection(leaflets=("second",))))
        build_fault_injection.build(replace(request(b), selection=some), b.cache)
    return getattr(one, "__name__", "")


def compare(b: Bench, clean: Path, told: Told, done: str) -> None:
    """Hold the output folder against one that is built anew, with a cache of its own."""
    shutil.rmtree(clean, ignore_errors=True)
    assert told.clean, (done, told)
    again = build_fault_injection.build(replace(request(b), out=clean, force=True), clean.parent / "no-cache")
    assert again.clean, (done, again)
    ours, theirs = build_fault_injection.tree(b.out), build_fault_injection.tree(clean)
    assert {path for path in ours.keys() | theirs.keys() if ours.get(path) != theirs.get(path)} == set(), done
    assert entries(b.out) == entries(clean), done
    assert build_fault_injection.unsettled(b.out) == [], done
