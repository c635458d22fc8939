"""What the proof of a PDF costs beside its render, in one process: imprinted and whole, the generated library.

Run as `python -m tests.bench.proof LIBRARY EVERY`: every n-th edition is rendered; prints JSON, CPU seconds a PDF.
"""

import json
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.page import Page
from tests.bench.pages import DAY


def cost(pages: Iterable[Page]) -> dict[str, float]:
    """Return the CPU seconds that a render takes without its proof, and the proof, a PDF."""
    rendered = proven = 0.0
    count = 0
    for page in pages:
        started = time.process_time()
        drawn = renderer.render_unverified(page)
        middle = time.process_time()
        renderer.verify_rendered(page, drawn)
        rendered, proven, count = rendered + middle - started, proven + time.process_time() - middle, count + 1
    return {"render": rendered / count, "proof": proven / count, "pdfs": count}


def main(library: Path, every: int) -> None:
    """Measure and print."""
    renderer.prepare_process()
    project = open_project(BuildRequest(library, as_of=DAY))
    wanted = sorted(project.output_keys(), key=lambda item: (item.edition.leaflet, item.edition.language, item.path))
    bodies = [list(group) for _, group in groupby(wanted, lambda item: (item.edition.leaflet, item.edition.language))]
    pages = [project.draw(output_key).page for body in bodies[::every] for output_key in body]
    renderer.render(pages[0])  # fonts and stylesheets are read once
    whole = [replace(page, shares_body=False) for page in pages[:: max(1, len(pages) // 20)]]
    print(json.dumps({"imprinted": cost(pages), "whole": cost(whole)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
