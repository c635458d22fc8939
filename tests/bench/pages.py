"""The pages of a library, for the baselines."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.content.editions import Edition, resolve_edition
from pdfkit_cli.rendering.page import Page

DAY = date(2026, 11, 21)


def pages(library: Path, every: int) -> Iterator[tuple[Edition, Page]]:
    """Yield every n-th page that the library's clinics hand out, with its edition."""
    project = open_project(BuildRequest(library, as_of=DAY))
    for output_key in list(project.output_keys())[::every]:
        yield resolve_edition(project.library, output_key.edition), project.draw(output_key).page
