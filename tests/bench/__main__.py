"""Print how fast a build is: ratios against a naive loop and Typst in the same run.

`make bench` is `usual`; SIZE=small takes a minute, SIZE=full the better part of an hour, SIZE=region builds 24,000 PDFs and SIZE=region-small 192. Naive and Typst render a sample of the
same pages, each in a process of its own; CPU is that of the process and its workers.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import region
from tests.helpers.generated_library import generate, phone

LANGUAGES = ("da", "sv")
WORKERS = "2"


@dataclass(frozen=True, slots=True)
class Size:
    """How much to build: leaflets and clinics; PDFs are that times two languages and two formats. `checked` leaflets are only read.

    `packs` are made of three small PDFs; `pages` has the shorter of two letters, the longer has ten times as many.
    """

    leaflets: int
    clinics: int
    sample: int
    renders: int
    many: int
    checked: int = 1000
    planned: int = 20
    """Leaflets that are planned for 63 clinics, in four languages and two formats."""
    packs: int = 1000
    pages: int = 30


SIZES = {
    "small": Size(leaflets=3, clinics=2, sample=8, renders=30, many=0, checked=100, planned=4, packs=60, pages=10),
    "usual": Size(leaflets=20, clinics=13, sample=60, renders=400, many=0),
    "full": Size(leaflets=20, clinics=13, sample=60, renders=2000, many=63, planned=200),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall clock and CPU, in seconds."""

    wall: float
    cpu: float


def run(*command: str) -> tuple[Cost, str]:
    """Run a Python module in a process of its own; return what it took and what it printed."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([sys.executable, "-m", *command], check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.perf_counter() - started, cpu), done.stdout


def build(library: Path, out: Path) -> tuple[Cost, dict[str, Any]]:
    """Run `pdfkit build` and return its summary. It finds what builds into the same folder have kept, and no others."""
    os.environ["XDG_CACHE_HOME"] = str(out.with_name(f"{out.name}-cache"))
    cost, said = run("pdfkit_cli", "build", "--library", str(library), "--out", str(out), "--jobs", WORKERS, "--json")
    return cost, json.loads(said)


def baseline(module: str, library: Path, every: int) -> Cost:
    """Return what one PDF takes in a baseline."""
    said = json.loads(run(f"tests.bench.{module}", str(library), str(every))[1])
    return Cost(said["wall"], said["cpu"])


def say(what: str, figure: str) -> None:
    """Print one line of the report."""
    print(f"{what:<66} {figure}", flush=True)


def main(name: str) -> None:
    """Measure and print everything."""
    size = SIZES[name]
    with tempfile.TemporaryDirectory(prefix="pdfkit-bench-") as folder:
        root, out = generate(Path(folder) / "leaflets", size.leaflets, size.clinics, LANGUAGES), Path(folder) / "dist"
        pdfs = size.leaflets * size.clinics * len(LANGUAGES) * 2
        print(
            f"{name}: {size.leaflets} leaflets x {size.clinics} clinics x {len(LANGUAGES)} languages x 2 formats = {pdfs} PDFs, {WORKERS} workers"
        )
        every = max(1, pdfs // size.sample)
        naive, typst = baseline("naive", root, every), baseline("typst_pages", root, every)
        full, summary = build(root, out)
        assert len(summary["rendered"]) == pdfs, summary
        ours = Cost(full.wall / pdfs, full.cpu / pdfs)
        say(
            "full build, CPU a PDF: pdfkit / naive / Typst (warm), ms",
            f"{ours.cpu * 1e3:.0f} / {naive.cpu * 1e3:.0f} / {typst.cpu * 1e3:.0f}",
        )
        say("full build, throughput against the naive loop", f"{naive.wall / ours.wall:.2f} x")
        say("full build, throughput against Typst, warm, one process", f"{typst.wall / ours.wall:.3f} x")
        _unchanged(root, out, pdfs)
        _phone(root, out, size)
        _level(root, Path(folder) / "level", size, ours)
        _memory(root, size)
        _proof(root, size)
        _desk(root, out)
        _packs(size)
        _check(Path(folder) / "checked", size)
        _search(size)
        _scale(size)
        if size.many:
            _many(Path(folder) / "many", size, ours)


def _unchanged(root: Path, out: Path, pdfs: int) -> None:
    start, _ = run("pdfkit_cli", "--version")
    cost, summary = build(root, out)
    assert (summary["rendered"], summary["kept"]) == ([], pdfs), summary
    say(
        f"nothing changed, {pdfs} PDFs: CPU a PDF beyond the start of the command, ms",
        f"{(cost.cpu - start.cpu) / pdfs * 1e3:.2f}",
    )
    say("nothing changed, whole command: CPU, s", f"{cost.cpu:.2f}")


def _phone(root: Path, out: Path, size: Size) -> None:
    clinic = root / "clinics" / "clinic-01.yaml"
    clinic.write_text(clinic.read_text("utf-8").replace(phone(1), phone(99)), "utf-8")
    cost, summary = build(root, out)
    assert {path.split("/")[0] for path in summary["rendered"]} == {"clinic-01"}, summary
    assert len(summary["rendered"]) == size.leaflets * len(LANGUAGES) * 2
    say(f"one clinic's phone changed: {len(summary['rendered'])} PDFs of that clinic alone, s", f"{cost.wall:.1f}")


def _level(root: Path, out: Path, size: Size, ours: Cost) -> None:
    command = ("--library", str(root), "--out", str(out), "--jobs", WORKERS, "--json", "--clinic", "clinic-00")
    cost, said = run("pdfkit_cli", "build", *command)
    count = len(json.loads(said)["rendered"])
    say(f"cost per PDF: in a build of all against one of {count}", f"{ours.cpu / (cost.cpu / count):.2f} x")


def _memory(root: Path, size: Size) -> None:
    early = size.renders // 10
    said = json.loads(run("tests.bench.memory", str(root), str(early), str(size.renders))[1])
    say(
        f"memory of a worker after {early} and {size.renders} renders, MB",
        f"{said['early']:.0f} and {said['late']:.0f}",
    )


def _proof(root: Path, size: Size) -> None:
    said = json.loads(run("tests.bench.proof", str(root), str(max(1, size.leaflets // 3)))[1])
    for kind, cost in said.items():
        figures = f"{cost['proof'] * 1e3:.1f} on {cost['render'] * 1e3:.0f} ({cost['proof'] / cost['render']:.0%})"
        say(f"proof of a PDF on top of its render ({kind}, {cost['pdfs']:.0f} PDFs), CPU, ms", figures)


def _desk(root: Path, out: Path) -> None:
    said = json.loads(run("tests.bench.desk", str(root), str(out))[1])
    say("desk: first view of a new server, and again, ms", f"{said['first'] * 1e3:.0f} and {said['again'] * 1e3:.1f}")
    figures = f"{said['pdf'] * 1e3:.0f} / {said['static'] * 1e3:.0f} ({said['pdf'] / said['static']:.2f} x)"
    say(f"desk: a PDF that stands there, {said['secretaries']} at once, p95, against a plain file, ms", figures)


def _packs(size: Size) -> None:
    said = json.loads(run("tests.bench.packs", str(size.packs), str(size.pages))[1])
    figures = f"{said['pack'] * 1e3:.0f} / {said['append'] * 1e3:.0f} ({said['pack'] / said['append']:.2f} x)"
    say("a pack of a letter and two leaflets: CPU against appending, ms", figures)
    held = f"{said['held'] * 1e3:.1f} ({said['pack'] / (said['pack'] - said['held']):.2f} x, goal 1.6)"
    say("of that holding the pack against its letter, ms", held)
    say(
        f"a letter of {size.pages * 10} pages against one of {size.pages}: CPU, ms",
        f"{said['long'] * 1e3:.0f} / {said['short'] * 1e3:.0f} ({said['long'] / said['short']:.1f} x)",
    )
    say(
        f"{said['count']} packs over {said['cores']} workers: packs a second (cores busy)",
        f"{said['count'] / said['wall']:.0f} ({said['cpu'] / said['wall']:.1f})",
    )
    say("memory of the largest of them after a tenth and at the end, MB", f"{said['early']:.0f} and {said['late']:.0f}")


def _check(folder: Path, size: Size) -> None:
    root = generate(folder, size.checked, 2, LANGUAGES)
    start, _ = run("pdfkit_cli", "--version")
    cost, said = run("pdfkit_cli", "check", "--library", str(root), "--out", str(root / "dist"), "--json")
    assert all(finding["severity"] != "error" for finding in json.loads(said)), said
    say(
        f"check of {size.checked} leaflets in {len(LANGUAGES)} languages: CPU, s (beyond the start, ms a text)",
        f"{cost.cpu:.1f} ({(cost.cpu - start.cpu) / size.checked / len(LANGUAGES) * 1e3:.1f})",
    )


def _search(size: Size) -> None:
    said = json.loads(run("tests.bench.searching", str(2 * size.checked))[1])
    say(
        f"search in {2 * size.checked} leaflets x 8 languages ({said['words']} words): CPU, ms, mean and worst (made in s)",
        f"{said['mean'] * 1e3:.1f} and {said['worst'] * 1e3:.1f} ({said['made']:.1f})",
    )
    say("search, against looking through all texts with rapidfuzz", f"{said['ratio']:.0f} x as fast")


def _scale(size: Size) -> None:
    for stage, cost in json.loads(run("tests.bench.scale", str(size.planned), "63", "4")[1]).items():
        figures = f"{cost['cpu']:.1f} and {cost['peak']:.0f}"
        say(f"without renders, {cost['pdfs']:.0f} PDFs {stage}: CPU, s, and peak memory, MB", figures)


def _many(folder: Path, size: Size, ours: Cost) -> None:
    root = generate(folder / "leaflets", size.leaflets, size.many, LANGUAGES)
    cost, summary = build(root, folder / "dist")
    count = len(summary["rendered"])
    say(
        f"cost per PDF: in a build of {count} against one of {size.leaflets * size.clinics * 4}",
        f"{cost.cpu / count / ours.cpu:.2f} x",
    )


if __name__ == "__main__":
    wanted = sys.argv[1] if len(sys.argv) > 1 else "usual"
    if wanted in region.SIZES:
        region.main(wanted, run, build)
    else:
        main(wanted)
