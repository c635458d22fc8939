"""The PDF that a build would publish, held against the one that is: rendered in a worker process, and nothing is written."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from pdfkit_cli import render, temporary
from pdfkit_cli.desk import apart
from pdfkit_cli.execute import never
from pdfkit_cli.layout import Page
from pdfkit_cli.pdf import differences
from pdfkit_cli.pdf.differences import Differences

TIME_LIMIT: Final = 60.0
"""Seconds that rendering and comparing one PDF may take."""


@dataclass(frozen=True, slots=True)
class Task:
    """A page as a build would render it, and the PDF that stands in its place."""

    page: Page
    published: Path


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would differ, and how many pages the new PDF has."""

    differences: Differences
    pages: int


def propose(task: Task) -> Proposal:
    """Render and compare, in a worker. Raises RenderError, UnreadableError, OSError."""
    rendered = render.render(task.page)
    return Proposal(differences.compare(task.published.read_bytes(), rendered.pdf), rendered.pages)


def ask(task: Task, stop: Callable[[], bool] = never) -> Proposal:
    """Do it in a process of its own. Raises PdfkitError with what went wrong."""
    with temporary.folder() as folder:
        return apart.do(propose, task, TIME_LIMIT, partial(render.prepare, folder), stop=stop)
