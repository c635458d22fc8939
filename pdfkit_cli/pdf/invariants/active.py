"""A finished PDF does nothing by itself: no script, no program, no form that is sent, no address that opens without a click."""

from collections.abc import Iterator

from pdfkit_cli.pdf.invariants.faults import Fault
from pdfkit_cli.pdf.joining import actions, reading


def faults(pdf: bytes) -> Iterator[Fault]:
    """Name what acts in a PDF, by the name that the standard has for it; what cannot be read is said elsewhere."""
    try:
        found = actions.found(reading.opened(pdf))
    except reading.BROKEN:
        return
    for kind in sorted(found):
        yield Fault("active", f"it holds something that acts on the reader's machine: {kind[1:]}")
