"""A generated library in three sizes: against a naive loop and Typst, and everything besides renders.

Naive and Typst render a sample of the same pages, each in a process of its own.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from tests.bench.cost import PDFKIT, WORKERS, Cost, baseline, build, run, run_module
from tests.bench.goals import Report
from tests.helpers.generated_library import generate, phone

LANGUAGES = ("da", "sv")


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


def measure(name: str, folder: Path, report: Report) -> None:
    """Measure and report everything."""
    size = SIZES[name]
    root, out = generate(folder / "leaflets", size.leaflets, size.clinics, LANGUAGES), folder / "dist"
    pdfs = size.leaflets * size.clinics * len(LANGUAGES) * 2
    print(
        f"{name}: {size.leaflets} leaflets x {size.clinics} clinics x {len(LANGUAGES)} languages x 2 formats = {pdfs} PDFs, {WORKERS} workers"
    )
    every = max(1, pdfs // size.sample)
    naive, typst = baseline("naive", root, every), baseline("typst_pages", root, every)
    full, summary = build(root, out)
    assert len(summary["rendered"]) == pdfs, summary
    ours = Cost(full.wall / pdfs, full.cpu / pdfs)
    report.figure(
        "full build, CPU a PDF: pdfkit / naive / Typst (warm), ms",
        f"{ours.cpu * 1e3:.0f} / {naive.cpu * 1e3:.0f} / {typst.cpu * 1e3:.0f}",
    )
    report.figure("full build, throughput against the naive loop", f"{naive.wall / ours.wall:.2f} x")
    report.figure("full build, throughput against Typst, warm, one process", f"{typst.wall / ours.wall:.3f} x")
    _unchanged(root, out, pdfs, report)
    _phone(root, out, size, report)
    _level(root, folder / "level", size, ours, report)
    _memory(root, size, report)
    _proof(root, size, report)
    _desk(root, out, report)
    _packs(size, report)
    _check(folder / "checked", size, report)
    _search(size, report)
    _scale(size, report)
    if size.many:
        _many(folder / "many", size, ours, report)


def _unchanged(root: Path, out: Path, pdfs: int, report: Report) -> None:
    start, _ = run(PDFKIT, "--version")
    cost, summary = build(root, out)
    assert (summary["rendered"], summary["kept"]) == ([], pdfs), summary
    report.figure(
        f"nothing changed, {pdfs} PDFs: CPU a PDF beyond the start of the command, ms",
        f"{(cost.cpu - start.cpu) / pdfs * 1e3:.2f}",
    )
    report.figure("nothing changed, whole command: CPU, s", f"{cost.cpu:.2f}")


def _phone(root: Path, out: Path, size: Size, report: Report) -> None:
    clinic = root / "clinics" / "clinic-01.yaml"
    clinic.write_text(clinic.read_text("utf-8").replace(phone(1), phone(99)), "utf-8")
    cost, summary = build(root, out)
    assert {path.split("/")[0] for path in summary["rendered"]} == {"clinic-01"}, summary
    assert len(summary["rendered"]) == size.leaflets * len(LANGUAGES) * 2
    report.figure(
        f"one clinic's phone changed: {len(summary['rendered'])} PDFs of that clinic alone, s", f"{cost.wall:.1f}"
    )


def _level(root: Path, out: Path, size: Size, ours: Cost, report: Report) -> None:
    cost, said = build(root, out, "--clinic", "clinic-00")
    count = len(said["rendered"])
    report.figure(f"cost per PDF: in a build of all against one of {count}", f"{ours.cpu / (cost.cpu / count):.2f} x")


def _memory(root: Path, size: Size, report: Report) -> None:
    early = size.renders // 10
    said = json.loads(run_module("tests.bench.memory", str(root), str(early), str(size.renders)))
    report.figure(
        f"memory of a worker after {early} and {size.renders} renders, MB",
        f"{said['early']:.0f} and {said['late']:.0f}",
    )


def _proof(root: Path, size: Size, report: Report) -> None:
    said = json.loads(run_module("tests.bench.proof", str(root), str(max(1, size.leaflets // 3))))
    for kind, cost in said.items():
        figures = f"{cost['proof'] * 1e3:.1f} on {cost['render'] * 1e3:.0f} ({cost['proof'] / cost['render']:.0%})"
        report.figure(f"proof of a PDF on top of its render ({kind}, {cost['pdfs']:.0f} PDFs), CPU, ms", figures)


def _desk(root: Path, out: Path, report: Report) -> None:
    said = json.loads(run_module("tests.bench.desk", str(root), str(out)))
    report.figure(
        "desk: first view of a new server, and again, ms", f"{said['first'] * 1e3:.0f} and {said['again'] * 1e3:.1f}"
    )
    figures = f"{said['pdf'] * 1e3:.0f} / {said['static'] * 1e3:.0f} ({said['pdf'] / said['static']:.2f} x)"
    report.figure(
        f"desk: a PDF that stands there, {said['secretaries']} at once, p95, against a plain file, ms", figures
    )


def _packs(size: Size, report: Report) -> None:
    said = json.loads(run_module("tests.bench.packs", str(size.packs), str(size.pages)))
    figures = f"{said['pack'] * 1e3:.0f} / {said['append'] * 1e3:.0f} ({said['pack'] / said['append']:.2f} x)"
    report.figure("a pack of a letter and two leaflets: CPU against appending, ms", figures)
    held = f"{said['held'] * 1e3:.1f} ({said['pack'] / (said['pack'] - said['held']):.2f} x, goal 1.6)"
    report.figure("of that holding the pack against its letter, ms", held)
    report.figure(
        f"a letter of {size.pages * 10} pages against one of {size.pages}: CPU, ms",
        f"{said['long'] * 1e3:.0f} / {said['short'] * 1e3:.0f} ({said['long'] / said['short']:.1f} x)",
    )
    report.figure(
        f"{said['count']} packs over {said['cores']} workers: packs a second (cores busy)",
        f"{said['count'] / said['wall']:.0f} ({said['cpu'] / said['wall']:.1f})",
    )
    report.figure(
        "memory of the largest of them after a tenth and at the end, MB", f"{said['early']:.0f} and {said['late']:.0f}"
    )


def _check(folder: Path, size: Size, report: Report) -> None:
    root = generate(folder, size.checked, 2, LANGUAGES)
    start, _ = run(PDFKIT, "--version")
    cost, said = run(PDFKIT, "check", "--library", str(root), "--out", str(root / "dist"), "--json")
    assert all(finding["severity"] != "error" for finding in json.loads(said)), said
    report.figure(
        f"check of {size.checked} leaflets in {len(LANGUAGES)} languages: CPU, s (beyond the start, ms a text)",
        f"{cost.cpu:.1f} ({(cost.cpu - start.cpu) / size.checked / len(LANGUAGES) * 1e3:.1f})",
    )


def _search(size: Size, report: Report) -> None:
    said = json.loads(run_module("tests.bench.searching", str(2 * size.checked)))
    report.figure(
        f"search in {2 * size.checked} leaflets x 8 languages ({said['words']} words): CPU, ms, mean and worst (made in s)",
        f"{said['mean'] * 1e3:.1f} and {said['worst'] * 1e3:.1f} ({said['made']:.1f})",
    )
    report.figure("search, against looking through all texts with rapidfuzz", f"{said['ratio']:.0f} x as fast")


def _scale(size: Size, report: Report) -> None:
    for stage, cost in json.loads(run_module("tests.bench.scale", str(size.planned), "63", "4")).items():
        figures = f"{cost['cpu']:.1f} and {cost['peak']:.0f}"
        report.figure(f"without renders, {cost['pdfs']:.0f} PDFs {stage}: CPU, s, and peak memory, MB", figures)


def _many(folder: Path, size: Size, ours: Cost, report: Report) -> None:
    root = generate(folder / "leaflets", size.leaflets, size.many, LANGUAGES)
    cost, summary = build(root, folder / "dist")
    count = len(summary["rendered"])
    report.figure(
        f"cost per PDF: in a build of {count} against one of {size.leaflets * size.clinics * 4}",
        f"{cost.cpu / count / ours.cpu:.2f} x",
    )
