"""What a render worker does. The process that gives it tasks imports this, and nothing that renders: 0.15 s of CPU."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdfkit_cli.errors import Problem
    from pdfkit_cli.rendering.page import Page
    from pdfkit_cli.rendering.rendered_pdf import RenderedPdf


def prepare_process(folder: Path | None = None, kept: Path | None = None) -> None:
    """Call `renderer.prepare_process`."""
    from pdfkit_cli.rendering import renderer

    renderer.prepare_process(folder, kept)


def render_all(pages: "tuple[Page, ...]") -> "tuple[RenderedPdf | Problem, ...]":
    """Call `renderer.render_all`."""
    from pdfkit_cli.rendering import renderer

    return renderer.render_all(pages)
