"""A region: many leaflets for many clinics, against Typst with one warm compiler a leaflet, and against whole renders.

`python -m tests.bench region` builds 24,000 PDFs, `region-small` some 200. Run as `python -m tests.bench.region typst LIBRARY EVERY` (or `whole`, or `catalogue`) it prints what one PDF takes there.
"""

import json
import shutil
import sys
import time
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import typst

from pdfkit_cli.build import output_folder, pipeline
from pdfkit_cli.build.output_folder import OutputFolder
from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.rendering import renderer
from tests.bench.cost import build, run_module
from tests.bench.goals import Report
from tests.bench.pages import pages
from tests.bench.typst_pages import paper, source
from tests.helpers.generated_library import generate, phone

LANGUAGES = ("da",)


@dataclass(frozen=True, slots=True)
class Region:
    """Leaflets and clinics, each in A4 and A5; a part of the leaflets is built alone, and a sample compared."""

    leaflets: int
    clinics: int
    part: int
    typst_every: int
    whole_every: int


SIZES = {
    "region-small": Region(leaflets=6, clinics=16, part=2, typst_every=1, whole_every=24),
    "region": Region(leaflets=200, clinics=60, part=8, typst_every=10, whole_every=400),
}


def by_leaflet(library: Path, every: int) -> list[list[str]]:
    """Return the pages of every n-th leaflet and format as Typst, those of one leaflet and format together."""
    found = sorted(
        (edition.key.leaflet, paper(page), source(edition, paper(page))) for edition, page in pages(library, 1)
    )
    groups = [[text for *_, text in group] for _, group in groupby(found, lambda item: item[:2])]
    return groups[::every]


def by_typst(library: Path, every: int) -> int:
    """Set pages with Typst, one compiler for each leaflet and format; only the clinic differs between its inputs."""
    global _start
    groups, count = by_leaflet(library, every), 0
    _start = time.process_time()  # drawing the pages as Typst is not Typst's work
    for texts in groups:
        compiler = typst.Compiler(font_paths=[str(packaged_folder("fonts"))], ignore_system_fonts=True)
        for text in texts:
            compiler.compile(input=text.encode(), format="pdf", pdf_standards="ua-1")
            count += 1
    return count


def whole(library: Path, every: int) -> int:
    """Render every n-th page whole, with its proof."""
    global _start
    renderer.prepare_process()
    some = [replace(page, shares_body=False) for _, page in pages(library, every)]
    renderer.render(some[0])
    _start = time.process_time()
    for page in some:
        renderer.render(page)
    return len(some)


def library(library: Path, every: int) -> int:
    """Draw the thumbnails of what has been built beside a library, and write its catalogue."""
    global _start
    request = BuildRequest(library, library.with_name("dist"))
    shutil.rmtree(request.out / output_folder.WORK_FOLDER / output_folder.THUMBNAILS_FOLDER)
    project = open_project(request)
    with OutputFolder(request.out) as output:
        _start = time.process_time()
        pipeline._write_catalogue(project, output)
    return len(output.manifest.files)


_start = 0.0


def measure(name: str, folder: Path, report: Report) -> None:
    """Measure and report everything."""
    size = SIZES[name]
    count = size.leaflets * size.clinics * 2
    root, out = generate(folder / "all", size.leaflets, size.clinics, LANGUAGES), folder / "dist"
    print(f"{name}: {size.leaflets} leaflets x {size.clinics} clinics x 2 formats = {count} PDFs", flush=True)
    part = generate(folder / "part", size.part, size.clinics, LANGUAGES)
    few, _ = build(part, folder / "few")
    full, summary = build(root, out)
    assert len(summary["rendered"]) == count, summary["failed"]
    others = {
        kind: float(json.loads(run_module("tests.bench.region", kind, str(root), str(every))))
        for kind, every in (("typst", size.typst_every), ("whole", size.whole_every), ("catalogue", 1))
    }
    clinic = root / "clinics" / "clinic-01.yaml"
    clinic.write_text(clinic.read_text("utf-8").replace(phone(1), phone(99)), "utf-8")
    changed, said = build(root, out)
    assert len(said["rendered"]) == size.leaflets * 2, said["failed"]
    ours = full.cpu / count
    alone = ours - others["catalogue"]
    rows = [
        ("CPU a PDF, everything: pdfkit / Typst warm / whole, ms", f"{ours * 1e3:.1f} / {others['typst'] * 1e3:.1f} / {others['whole'] * 1e3:.0f}"),
        ("of it the catalogue, which neither of the others makes, ms", f"{others['catalogue'] * 1e3:.1f}"),
        ("pdfkit against Typst warm, against whole renders", f"{ours / others['typst']:.2f} x, 1 / {others['whole'] / ours:.0f}"),
        ("the same without the catalogue", f"{alone / others['typst']:.2f} x, 1 / {others['whole'] / alone:.0f}"),
        (f"one clinic's phone changed, {size.leaflets * 2} PDFs: CPU and wall clock, s", f"{changed.cpu:.1f} and {changed.wall:.1f}"),
        ("the same against Typst warm", f"{changed.cpu / size.leaflets / 2 / others['typst']:.2f} x"),
        ("rendered whole", str(len(summary["whole"]))),
        ("largest process, MB", f"{full.peak:.0f}"),
        (f"CPU a PDF in a build of {size.part * size.clinics * 2} and of {count}, ms", f"{few.cpu / size.part / size.clinics / 2 * 1e3:.1f} and {ours * 1e3:.1f}"),
    ]  # fmt: skip
    for what, figure in rows:
        report.figure(what, figure)
    if name == "region":
        report.goal("region", ours / others["typst"])
        report.goal("memory_region", full.peak)
        report.goal("phone", changed.cpu / size.leaflets / 2 / others["typst"])


if __name__ == "__main__":
    done = {"typst": by_typst, "whole": whole, "catalogue": library}[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
    print((time.process_time() - _start) / done)
