"""Builds that draw, but render nothing: a PDF is its page's key."""

from collections.abc import Iterable, Iterator
from datetime import date

import pytest

from pdfkit_cli.rendering import toolchain
from pdfkit_cli.rendering.page import Page, page_key
from pdfkit_cli.rendering.rendered_pdf import RenderedPdf
from pdfkit_cli.system import worker_pool
from pdfkit_cli.system.worker_pool import TaskLimits, TaskResult

DAY = date(2026, 11, 21)


def render_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    use_tools(monkeypatch, toolchain.tool_versions())

    def run(
        work: object, tasks: Iterable[tuple[tuple[str, ...], tuple[Page, ...]]], limits: TaskLimits, prepare: object
    ) -> Iterator[TaskResult[tuple[str, ...], tuple[RenderedPdf, ...]]]:
        for names, pages in tasks:
            yield TaskResult(names, tuple(RenderedPdf(fake_pdf(page), 1) for page in pages))

    monkeypatch.setattr(worker_pool, "run_tasks", run)


def use_tools(monkeypatch: pytest.MonkeyPatch, tools: toolchain.InputGroup) -> None:
    monkeypatch.setattr(toolchain, "tool_versions", lambda: tools)


def fake_pdf(page: Page) -> bytes:
    return f"%PDF-{page_key(page, {})}\n%%EOF".encode()
