"""What a worker makes of a page. It imports nothing that renders: the process that gives out the pages reads it, too."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdfkit_cli.rendering.unverified import UnsharedReason
    from pdfkit_cli.rendering.verification.typographic_warning import TypographicWarning


@dataclass(frozen=True, slots=True)
class RenderedPdf:
    """A PDF, the number of its pages (of its sheet sides, if it is imposed), and typographic warnings.

    `filled` is the share of the last page's height down to its last line.
    `unshared` is why it was rendered without a shared body, if so, and `body` the key of the body that it shares.
    """

    pdf: bytes
    pages: int
    remarks: "tuple[TypographicWarning, ...]" = ()
    filled: float = 0.0
    unshared: "UnsharedReason | None" = None
    body: str = ""

    @property
    def sheets(self) -> int:
        """Number of sheets of paper, printed on both sides."""
        return -(-self.pages // 2)
