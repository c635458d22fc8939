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

from pdfkit_cli import render
from pdfkit_cli.build import Request, open_workshop
from pdfkit_cli.layout import Page
from tests.bench.pages import DAY


def cost(pages: Iterable[Page]) -> dict[str, float]:
    """Return the CPU seconds that a render takes without its proof, and the proof, a PDF."""
    rendered = proven = 0.0
    count = 0
    for page in pages:
        started = time.process_time()
        drawn = render.drawn(page)
        middle = time.process_time()
        render.proven(page, drawn)
        rendered, proven, count = rendered + middle - started, proven + time.process_time() - middle, count + 1
    return {"render": rendered / count, "proof": proven / count, "pdfs": count}


def main(library: Path, every: int) -> None:
    """Measure and print."""
    render.prepare()
    workshop = open_workshop(Request(library, as_of=DAY))
    wanted = sorted(workshop.printings(), key=lambda item: (item.edition.leaflet, item.edition.language, item.path))
    bodies = [list(group) for _, group in groupby(wanted, lambda item: (item.edition.leaflet, item.edition.language))]
    pages = [workshop.draw(printing).page for body in bodies[::every] for printing in body]
    render.render(pages[0])  # fonts and stylesheets are read once
    whole = [replace(page, shares_body=False) for page in pages[:: max(1, len(pages) // 20)]]
    print(json.dumps({"imprinted": cost(pages), "whole": cost(whole)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
