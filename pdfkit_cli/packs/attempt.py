"""One pack, tried in a worker: what was made, or what is wrong as values, since not every exception survives the way between processes."""

from dataclasses import dataclass

from pdfkit_cli.errors import PdfkitError, Problem, problem_from_error
from pdfkit_cli.output.published_file import AlteredPdfError
from pdfkit_cli.packs import assembly
from pdfkit_cli.packs.assembly import Pack, PackResult
from pdfkit_cli.packs.letters import LetterError
from pdfkit_cli.system.worker_pool import MEMORY_LIMIT


@dataclass(frozen=True, slots=True)
class PackAttempt:
    """A pack that was made, or why not; `changed` where the letter or a leaflet is another than was planned: plan it again."""

    packed: PackResult | None = None
    problem: Problem | None = None
    changed: bool = False


def try_make_pack(pack: Pack) -> PackAttempt:
    """Make a pack; raises nothing that a letter or a leaflet can cause."""
    try:
        return PackAttempt(assembly.make_pack(pack))
    except MemoryError:
        return PackAttempt(
            problem=Problem(f"it needed more than {MEMORY_LIMIT >> 20} MB of memory", "print it to a new PDF")
        )
    except PdfkitError as error:
        return PackAttempt(problem=problem_from_error(error), changed=inputs_changed(error))


def inputs_changed(error: Exception) -> bool:
    """Say whether a letter or a leaflet was exchanged between planning and joining."""
    return isinstance(error, AlteredPdfError) or (isinstance(error, LetterError) and error.kind == "changed")
