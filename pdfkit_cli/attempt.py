"""One pack, tried in a worker: what was made, or what is wrong as values, since not every exception survives the way between processes."""

from dataclasses import dataclass

from pdfkit_cli import packs
from pdfkit_cli.errors import PdfkitError, Problem, problem_of
from pdfkit_cli.execute import MEMORY_LIMIT
from pdfkit_cli.intact import DamagedError
from pdfkit_cli.letters import LetterError
from pdfkit_cli.packs import Pack, Packed


@dataclass(frozen=True, slots=True)
class Attempt:
    """A pack that was made, or why not; `changed` where the letter or a leaflet is another than was planned: plan it again."""

    packed: Packed | None = None
    problem: Problem | None = None
    changed: bool = False


def make(pack: Pack) -> Attempt:
    """Make a pack; raises nothing that a letter or a leaflet can cause."""
    try:
        return Attempt(packs.make(pack))
    except MemoryError:
        return Attempt(
            problem=Problem(f"it needed more than {MEMORY_LIMIT >> 20} MB of memory", "print it to a new PDF")
        )
    except PdfkitError as error:
        return Attempt(problem=problem_of(error), changed=has_changed(error))


def has_changed(error: Exception) -> bool:
    """Say whether a letter or a leaflet was exchanged between planning and joining."""
    return isinstance(error, DamagedError) or (isinstance(error, LetterError) and error.kind == "changed")
