"""What each format costs: how often a text is laid out until it fits its sheets, and the CPU of its PDF."""

import time
from pathlib import Path
from statistics import mean
from typing import Any

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.engine import Engine
from pdfkit_cli.rendering.page import Page, Stylesheet
from tests.bench.goals import Report
from tests.bench.pages import DAY
from tests.helpers.tiny_library import FOUNDING


class CountingEngine(Engine):
    """An engine that counts the layouts that it makes."""

    def __init__(self) -> None:
        super().__init__()
        self.layouts = 0

    def layout(self, html: str, stylesheet: Stylesheet) -> Any:
        """Lay out, and count what was not laid out before."""
        before = len(self._documents)
        document = super().layout(html, stylesheet)
        self.layouts += len(self._documents) - before
        return document


def measure(_: Path, report: Report) -> None:
    """Report each format: every text of the founding library once, whole and unproven, in one process that is warm."""
    renderer.prepare_process()
    project, engine = open_project(BuildRequest(FOUNDING, as_of=DAY)), CountingEngine()
    texts = {
        (key.format, key.edition.leaflet, key.edition.language, key.edition.variant): key
        for key in project.output_keys()
    }
    costs: dict[str, list[tuple[int, float]]] = {}
    for (form, *_others), key in sorted(texts.items()):
        page = project.draw(key).page
        if form not in costs:
            _cost(engine, page)  # fonts and the stylesheet are read with the first
        costs.setdefault(form, []).append(_cost(engine, page))
    for form, found in costs.items():
        layouts, cpu = (mean(part) for part in zip(*found, strict=True))
        report.figure(f"{form}, {len(found)} texts: layouts of each, CPU of each, s", f"{layouts:.1f}, {cpu:.2f}")
    everything = [cost for found in costs.values() for cost in found]
    layouts, cpu = (sum(part) for part in zip(*everything, strict=True))
    report.figure(f"all {len(everything)}: layouts, CPU, s", f"{layouts:.0f}, {cpu:.1f}")


def _cost(engine: CountingEngine, page: Page) -> tuple[int, float]:
    engine.forget()
    before, started = engine.layouts, time.process_time()
    with engine.session(page):
        engine.render(page)
    return engine.layouts - before, time.process_time() - started
