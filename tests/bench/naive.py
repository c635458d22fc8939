"""The baseline: what one writes first. `weasyprint.HTML(...).write_pdf()` in a loop, with the same HTML, CSS and fonts."""

import json
import sys
import time
from pathlib import Path

import weasyprint

from pdfkit_cli.rendering.page import BASE_URL, Page
from tests.bench.pages import pages


def document(page: Page) -> str:
    """Return the page as one HTML text whose addresses are files."""
    html, css = page.html, page.stylesheet.css
    for file in page.files:
        html = html.replace(file.url, file.path.resolve().as_uri())
        css = css.replace(f"url({file.url.removeprefix(BASE_URL)})", f"url({file.path.resolve().as_uri()})")
    return html.replace("</head>", f"<style>{css}</style></head>")


def main(library: Path, every: int) -> None:
    """Print seconds of wall clock and CPU for each PDF."""
    texts = [document(page) for _, page in pages(library, every)]
    weasyprint.HTML(string=texts[0]).write_pdf()
    wall, cpu = time.perf_counter(), time.process_time()
    for text in texts:
        weasyprint.HTML(string=text).write_pdf(pdf_variant="pdf/ua-1")
    count = len(texts)
    print(
        json.dumps(
            {"pdfs": count, "wall": (time.perf_counter() - wall) / count, "cpu": (time.process_time() - cpu) / count}
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
