"""The pages of a library, for the baselines."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pdfkit_cli.build import Request, open_workshop
from pdfkit_cli.editions import Edition, resolve
from pdfkit_cli.layout import Page

DAY = date(2026, 11, 21)


def pages(library: Path, every: int) -> Iterator[tuple[Edition, Page]]:
    """Yield every n-th page that the library's clinics hand out, with its edition."""
    workshop = open_workshop(Request(library, as_of=DAY))
    for printing in list(workshop.printings())[::every]:
        yield resolve(workshop.library, printing.edition), workshop.draw(printing).page
