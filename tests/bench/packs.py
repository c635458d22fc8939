"""What packs cost: one against plain appending, a long letter against a short one, many over all cores.

Run as `python -m tests.bench.packs COUNT PAGES`; prints JSON: CPU seconds and megabytes.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psutil
import typst
from pypdf import PdfWriter

from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.packs import assembly
from pdfkit_cli.packs.assembly import Enclosure, Pack
from pdfkit_cli.packs.attaching import init_worker
from pdfkit_cli.pdf.fidelity import first_difference
from pdfkit_cli.rendering import renderer
from pdfkit_cli.system import worker_pool
from tests.helpers.channels import PAPER
from tests.helpers.letter_pdfs import FACE

ROUNDS = 21
SHARE = 10
"""The long letter has this many times the pages of the short one."""

STYLE = f"<style>@font-face {{ font-family: f; src: url({FACE}) }} @page {{ size: A4 }} html {{ font: 12pt f }}</style>"
PARAGRAPH = (
    "<p>A letter says when to come and where, and what to bring along. " + "It is written to be read. " * 8 + "</p>"
)
SECTION = (
    "<h2>Section {0}</h2>" + PARAGRAPH * 3 + '<ul><li>One</li><li><a href="https://example.org/{0}">Two</a></li></ul>'
)
"""Of such sections a page holds about two, with a bookmark each."""


def tagged(title: str, sections: int) -> bytes:
    """Return a tagged PDF on A4."""
    from weasyprint import HTML

    body = "".join(SECTION.format(number) for number in range(sections))
    html = f'<html lang="en"><head><title>{title}</title>{STYLE}</head><body><h1>{title}</h1>{body}</body></html>'
    return bytes(HTML(string=html).write_pdf(pdf_variant="pdf/ua-1"))


def main(count: int, pages: int) -> None:
    """Measure and print."""
    renderer.prepare_process()
    init_worker()
    with TemporaryDirectory(prefix="pdfkit-bench-") as name:
        folder = Path(name)
        files = {"letter": tagged("Letter", 1), "first": tagged("First", 4), "second": tagged("Second", 4)}
        for called, pdf in files.items():
            (folder / f"{called}.pdf").write_bytes(pdf)
        behind = tuple(Enclosure(folder / f"{called}.pdf", called) for called in ("first", "second"))
        pack = Pack(folder / "letter.pdf", behind, PAPER, "Letter", folder / "pack.pdf")
        made = assembly.make_pack(pack)
        assert made.staple_sets == ((1, 2), (3, 4), (5, 6)), made
        said = {"pages": made.pages, **_against_append(pack), **_long(pack, pages), **_many(pack, count)}
        print(json.dumps(said))


def _against_append(pack: Pack) -> dict[str, float]:
    assert pack.letter
    parts = [pack.letter, *(enclosure.path for enclosure in pack.enclosures)]

    def append() -> None:
        writer = PdfWriter()
        for part in parts:
            writer.append(part)
        writer.write(pack.out.with_name("appended.pdf"))

    pairs = [(_cpu(append), _cpu(lambda: assembly.make_pack(pack))) for _ in range(ROUNDS)]
    plainly, ours = (median(costs) for costs in zip(*pairs, strict=True))
    letter, made = pack.letter.read_bytes(), pack.out.read_bytes()
    held = median(_cpu(lambda: first_difference(letter, made, 2)) for _ in range(ROUNDS))
    return {"append": plainly, "pack": ours, "held": held}


def _long(pack: Pack, pages: int) -> dict[str, float]:
    """Measure tagged letters of `pages` and of ten times as many pages, with nothing behind them that would cost the same for both."""
    costs = {}
    for called, size in (("short", pages), ("long", pages * SHARE)):
        letter = pack.out.with_name(f"{called}.pdf")
        letter.write_bytes(_by_typst(size))
        pack_of_it = replace(pack, letter=letter, enclosures=())
        assert assembly.make_pack(pack_of_it).pages == size + size % 2
        costs[called] = median(_cpu(lambda it=pack_of_it: assembly.make_pack(it)) for _ in range(5))  # type: ignore[misc]
    return costs


def _by_typst(pages: int) -> bytes:
    source = (
        '#set document(title: "Letter"); #set text(lang: "en", font: "Source Sans 3"); #set heading(numbering: none)\n'
    )
    source += "\n#pagebreak()\n".join(
        f'= Page {number}\n#lorem(300)\n- One\n- #link("https://example.org")[Two]' for number in range(pages)
    )
    compiler = typst.Compiler(font_paths=[str(packaged_folder("fonts"))], ignore_system_fonts=True)
    made = compiler.compile(input=source.encode(), format="pdf", pdf_standards="ua-1")
    assert isinstance(made, bytes)
    return made


def _many(pack: Pack, count: int) -> dict[str, float]:
    """Make many packs over all cores; the megabytes are those of the largest worker after a tenth of them, and at the end."""
    cores = os.cpu_count() or 1

    def tasks() -> Iterator[tuple[int, Pack]]:
        for number in range(count):
            yield number, replace(pack, out=pack.out.with_name(f"pack-{number}.pdf"))

    early = late = 0.0
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    for done, outcome in enumerate(
        worker_pool.run_tasks(assembly.make_pack, tasks(), worker_pool.TaskLimits(cores, 60), init_worker), start=1
    ):
        assert outcome.result, outcome.problem
        if done == max(1, count // 10):
            early = _largest_worker()
        elif done == count - cores:
            late = _largest_worker()
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"count": count, "cores": cores, "wall": wall, "cpu": cpu, "early": early, "late": late}


def _largest_worker() -> float:
    return max((child.memory_info().rss / 1e6 for child in psutil.Process().children()), default=0.0)


def _cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
