"""What people do every day: commands, one word changed, a stale PDF at the desk, a small library, and the founding one."""

import http.client
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import psutil

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.content.editions import resolve_edition
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.desk.addresses import file_address
from tests.bench import naive, typst_pages
from tests.bench.cost import PDFKIT, baseline, build, cache_beside, run, typical_cpu
from tests.bench.goals import Report
from tests.bench.pages import DAY
from tests.helpers.desk_process import served
from tests.helpers.generated_library import generate
from tests.helpers.tiny_library import FOUNDING

OFTEN, SOME, FEW = 9, 5, 3
"""How often something is measured, by what it costs."""

CLINIC, LEAFLET, LANGUAGE, FORMAT = "rygcenter-syddanmark", "facet-denervation", "da", "a4"
PDF = f"{CLINIC}/{LEAFLET}.{LANGUAGE}.{FORMAT}.pdf"
ONE_PDF = (LEAFLET, "--clinic", CLINIC, "--language", LANGUAGE, "--format", FORMAT)

NAIVE_COLD = "import sys, weasyprint; weasyprint.HTML(sys.argv[1]).write_pdf(sys.argv[2], pdf_variant='pdf/ua-1')"
TYPST_COLD = """import sys, typst
typst.compile(sys.argv[1], output=sys.argv[2], font_paths=[sys.argv[3]], ignore_system_fonts=True, pdf_standards="ua-1")"""


class Author:
    """Somebody who changes one word of a text, each time into another."""

    def __init__(self, text: Path) -> None:
        self._text, self._before, self._edits = text, text.read_text("utf-8"), 0
        assert " Gennem " in self._before

    def change_a_word(self) -> None:
        """Save the text with another word than ever before."""
        self._edits += 1
        word = f" Gennem{chr(ord('a') + self._edits)} "
        self._text.write_text(self._before.replace(" Gennem ", word, 1), "utf-8")


def measure(folder: Path, report: Report) -> None:
    """Measure and report everything of every day."""
    library, out = folder / "founding", folder / "founding-dist"
    shutil.copytree(FOUNDING, library)
    author = Author(library / "content" / LEAFLET / f"{LANGUAGE}.md")
    _commands(report)
    _founding(library, out, report)
    _questions(library, out, report)
    _cold(library, out, author, report)
    _watched(library, out, author, report)
    _desk(library, out, author, report)
    _small(folder, report)


def _commands(report: Report) -> None:
    report.figure("a bare Python: CPU, s", f"{typical_cpu(OFTEN, sys.executable, '-c', 'pass'):.3f}")
    report.goal("version", typical_cpu(OFTEN, PDFKIT, "--version"))
    report.goal("help", typical_cpu(OFTEN, PDFKIT, "--help"))
    asks = {**os.environ, "_PDFKIT_COMPLETE": "complete_bash", "COMP_WORDS": "pdfkit bu", "COMP_CWORD": "1"}
    assert run(PDFKIT, environment=asks)[1].strip() == "build"
    report.goal("completion", typical_cpu(OFTEN, PDFKIT, environment=asks))


def _founding(library: Path, out: Path, report: Report) -> None:
    cost, summary = build(library, out)
    pdfs = len(summary["rendered"])
    report.goal("founding", cost.cpu)
    report.goal("memory", cost.peak)
    report.figure(f"founding library from nothing, {pdfs} PDFs: wall clock, s", f"{cost.wall:.1f}")
    unchanged = [build(library, out) for _ in range(SOME)]
    assert all((said["rendered"], said["kept"]) == ([], pdfs) for _, said in unchanged)
    report.goal("unchanged", median(cost.cpu for cost, _ in unchanged))


def _questions(library: Path, out: Path, report: Report) -> None:
    report.goal("list", typical_cpu(SOME, PDFKIT, "list", "--library", str(library)))
    where = ("--library", str(library), "--out", str(out))
    report.goal("why", typical_cpu(SOME, PDFKIT, "why", str(out / PDF), *where))
    other = shutil.copytree(library, library.with_name("with-new"))
    costs = [run(PDFKIT, "new", "leaflet", f"new-{number}", "--library", str(other))[0] for number in range(SOME)]
    report.goal("new", median(cost.cpu for cost in costs))


def _cold(library: Path, out: Path, author: Author, report: Report) -> None:
    """One PDF in a process of its own, by all three; in turn, so that what else the machine does concerns all."""
    commands = _cold_baselines(library, out.with_name("cold"))
    costs: dict[str, list[float]] = {"pdfkit": [], **{name: [] for name in commands}}
    for _ in range(SOME):
        author.change_a_word()
        cost, summary = build(library, out, *ONE_PDF)
        assert summary["rendered"] == [PDF], summary
        costs["pdfkit"].append(cost.cpu)
        for name, command in commands.items():
            costs[name].append(run(sys.executable, "-c", *command)[0].cpu)
    typical = {name: median(some) for name, some in costs.items()}
    report.goal("word", typical["pdfkit"])
    report.goal("word_typst", typical["pdfkit"] / typical["typst"])
    figures = f"{typical['naive']:.2f}, {typical['import']:.2f}, {typical['typst']:.3f}"
    report.figure("one cold PDF the naive way, of it the import, and by Typst: CPU, s", figures)


def _cold_baselines(library: Path, folder: Path) -> dict[str, tuple[str, ...]]:
    """Return how the others make the same page, from a file that is written here."""
    project = open_project(BuildRequest(library, as_of=DAY))
    (output_key,) = (key for key in project.output_keys() if key.path == PDF)
    page = project.draw(output_key).page
    folder.mkdir()
    html, typ = folder / "page.html", folder / "page.typ"
    html.write_text(naive.document(page), "utf-8")
    typ.write_text(
        typst_pages.source(resolve_edition(project.library, output_key.edition), typst_pages.paper(page)), "utf-8"
    )
    fonts = str(packaged_folder("fonts"))
    return {
        "import": ("import weasyprint",),
        "naive": (NAIVE_COLD, str(html), str(folder / "naive.pdf")),
        "typst": (TYPST_COLD, str(typ), str(folder / "typst.pdf"), fonts),
    }


def _watched(library: Path, out: Path, author: Author, report: Report) -> None:
    waits, costs = [], []
    with _watching(library, out) as is_ready:
        for _ in range(SOME):
            is_ready()
            before, spent = _stamp(out / PDF), _cpu_of_children()
            author.change_a_word()
            saved = time.perf_counter()
            _wait_until(lambda: _stamp(out / PDF) != before)  # noqa: B023  # asked at once
            waits.append(time.perf_counter() - saved)
            costs.append(_cpu_of_children() - spent)
    report.goal("watch", median(waits))
    report.figure("the same: CPU until then, s", f"{median(costs):.2f}")


@contextmanager
def _watching(library: Path, out: Path) -> Iterator[Callable[[], None]]:
    """Yield a function that waits until a `pdfkit build --watch` has built and watches again."""
    command = [PDFKIT, "build", *ONE_PDF, "--watch", "--library", str(library), "--out", str(out)]
    log, rounds = out.with_name("watch.log"), 0

    def is_ready() -> None:
        nonlocal rounds
        rounds += 1
        _wait_until(lambda: len(re.findall("^watching ", log.read_text("utf-8"), re.M)) >= rounds)
        time.sleep(1)  # a person types

    with log.open("w") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env=cache_beside(out))
    try:
        yield is_ready
    finally:
        process.terminate()
        process.wait()


def _desk(library: Path, out: Path, author: Author, report: Report) -> None:
    """Time the first request that gets the new text; the desk has noticed by itself that there is one."""
    waits, costs = [], []
    with served(library, out, log=out.with_name("desk.log"), environment=cache_beside(out)) as address:
        stale = _asked(address)[1]
        for _ in range(SOME):
            author.change_a_word()
            spent = _cpu_of_children()
            took, fresh = _asked(address)
            while fresh == stale:
                time.sleep(0.05)
                spent = _cpu_of_children()
                took, fresh = _asked(address)
            waits.append(took)
            costs.append(_cpu_of_children() - spent)
            stale = fresh
    report.goal("desk", median(waits))
    report.figure(
        "the same: the first and the slowest, CPU, s", f"{waits[0]:.2f}, {max(waits):.2f}, {median(costs):.2f}"
    )


def _asked(address: str) -> tuple[float, bytes]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    started = time.perf_counter()
    connection.request("GET", file_address("pdf", PDF), headers={"cookie": f"clinic={CLINIC}; language={LANGUAGE}"})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status == 200, answer.status
    return time.perf_counter() - started, content


def _small(folder: Path, report: Report) -> None:
    """24 PDFs of two clinics, in turn with the others."""
    library = generate(folder / "small", leaflets=3, clinics=2, languages=("da", "sv"))
    ours, naives, typsts = [], [], []
    for number in range(FEW):
        cost, summary = build(library, folder / f"small-dist-{number}")
        assert len(summary["rendered"]) == 24, summary
        ours.append(cost)
        naives.append(baseline("naive", library, 3))
        typsts.append(baseline("typst_pages", library, 3))
    cpu, wall = median(cost.cpu for cost in ours) / 24, median(cost.wall for cost in ours) / 24
    naive_cpu, typst_cpu = median(cost.cpu for cost in naives), median(cost.cpu for cost in typsts)
    report.goal("small_naive", cpu / naive_cpu)
    report.goal("small_throughput", median(cost.wall for cost in naives) / wall)
    report.goal("small_typst", cpu / typst_cpu)
    figures = f"{cpu * 1e3:.0f} / {naive_cpu * 1e3:.0f} / {typst_cpu * 1e3:.1f}"
    report.figure("24 PDFs from nothing, CPU a PDF: pdfkit / naive / Typst (warm), ms", figures)


def _cpu_of_children() -> float:
    """Return the CPU that running processes of this one, theirs, and those that have ended there, have used so far."""
    spent = 0.0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            spent += sum(process.cpu_times()[:4])
    return spent


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


def _wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < until, "it took longer than two minutes"
        time.sleep(0.002)
