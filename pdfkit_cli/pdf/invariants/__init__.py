"""What no validator sees in a tagged PDF: whether its parts agree with each other.

A validator asks whether each part of a file is well formed. A file whose marks point at the wrong element, whose bookmarks lead to the
wrong page, or whose language is another one, is; what a person hears of it is wrong. Every rule here holds for all PDFs that pdfkit makes and joins.
"""

from collections.abc import Callable, Iterator

from pdfkit_cli.pdf.invariants import active, elements, navigation, pieces, surface, tags
from pdfkit_cli.pdf.invariants.document import Document, UnreadableError, read
from pdfkit_cli.pdf.invariants.faults import Fault, told

__all__ = ["Document", "Fault", "UnreadableError", "check", "faults", "read", "told"]

RULES: tuple[Callable[[Document], Iterator[Fault]], ...] = (
    tags.faults,
    lambda document: pieces.faults(document.pieces),
    elements.faults,
    navigation.faults,
    surface.faults,
)


def check(pdf: bytes) -> tuple[Fault, ...]:
    """Return all that is wrong with a PDF, nothing for a good one; at most some of each kind.

    Never raises for what stands in the file: what cannot be followed is a fault. Time and memory are bounded by counts only;
    a file of unknown origin belongs into a process with limits.
    """
    try:
        return (*faults(read(pdf)), *active.faults(pdf))
    except UnreadableError as error:
        return (error.fault,)


def faults(document: Document) -> tuple[Fault, ...]:
    """Return all that is wrong with a PDF that has been read; never raises, like `check`."""
    found = [*document.faults, *document.structure.faults, *document.painted.faults]
    for rule in RULES:
        try:
            found += rule(document)
        except (ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            found.append(Fault("strange", f"it is made so that it cannot be checked: {type(error).__name__}"))
    return tuple(told(found))
