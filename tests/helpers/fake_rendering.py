"""Builds that draw, but render nothing: a PDF is its page's key."""

from collections.abc import Iterable, Iterator
from datetime import date

import pytest

from pdfkit_cli.output import fingerprints
from pdfkit_cli.rendering import layout
from pdfkit_cli.rendering.layout import Page
from pdfkit_cli.rendering.renderer import RenderedPdf
from pdfkit_cli.system import worker_pool
from pdfkit_cli.system.worker_pool import TaskLimits, TaskResult

DAY = date(2026, 11, 21)


def render_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    use_tools(monkeypatch, fingerprints.tool_versions())

    def run(
        work: object, tasks: Iterable[tuple[tuple[str, ...], tuple[Page, ...]]], limits: TaskLimits, prepare: object
    ) -> Iterator[TaskResult[tuple[str, ...], tuple[RenderedPdf, ...]]]:
        for names, pages in tasks:
            yield TaskResult(names, tuple(RenderedPdf(fake_pdf(page), 1) for page in pages), "")

    monkeypatch.setattr(worker_pool, "run_tasks", run)


def use_tools(monkeypatch: pytest.MonkeyPatch, tools: fingerprints.InputGroup) -> None:
    monkeypatch.setattr("pdfkit_cli.build.pipeline.tool_versions", lambda: tools)
    monkeypatch.setattr("pdfkit_cli.output.fingerprints.tool_versions", lambda: tools)


def fake_pdf(page: Page) -> bytes:
    return f"%PDF-{layout.page_key(page, {})}\n%%EOF".encode()
