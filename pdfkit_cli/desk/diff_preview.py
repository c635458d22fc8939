"""Compare the PDF that a build would publish with the published one: in a worker process, without writing anything."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from pdfkit_cli.desk import isolated_task
from pdfkit_cli.pdf import compare
from pdfkit_cli.pdf.compare import PdfComparison
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.page import Page
from pdfkit_cli.system import temporary
from pdfkit_cli.system.worker_pool import never_stop

TIME_LIMIT: Final = 60.0
"""Seconds that rendering and comparing one PDF may take."""


@dataclass(frozen=True, slots=True)
class DiffTask:
    """A page as a build would render it, and the published PDF."""

    page: Page
    published: Path


@dataclass(frozen=True, slots=True)
class DiffPreview:
    """What would change, and the number of pages of the new PDF."""

    differences: PdfComparison
    pages: int


def preview_diff(task: DiffTask) -> DiffPreview:
    """Render and compare, in a worker. Raises RenderError, UnreadableError, OSError."""
    rendered = renderer.render(task.page)
    return DiffPreview(compare.compare(task.published.read_bytes(), rendered.pdf), rendered.pages)


def preview_in_worker(task: DiffTask, stop: Callable[[], bool] = never_stop) -> DiffPreview:
    """Call `preview_diff` in a worker process. Raises PdfkitError."""
    with temporary.temporary_folder() as folder:
        return isolated_task.run_isolated(
            preview_diff, task, TIME_LIMIT, partial(renderer.prepare_process, folder), stop=stop
        )
