"""A PDF before it is verified, and why it was rendered in full."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdfkit_cli.rendering.verification.legibility import Margins
    from pdfkit_cli.rendering.verification.proof_cache import ImprintParts


class UnsharedReason(StrEnum):
    """Why a PDF was rendered in full and not imprinted on a shared body; the value is stored in the manifest."""

    FACT_IN_SENTENCE = "fact-in-sentence"
    OVERFLOW = "overflow"
    NO_SLOT = "no-slot"
    SWITCHED_OFF = "switched-off"

    @property
    def description(self) -> str:
        """The reason as text."""
        return _DESCRIPTIONS[self]


_DESCRIPTIONS = {
    UnsharedReason.FACT_IN_SENTENCE: "a fact of the clinic is inside a sentence, or the page has two languages",
    UnsharedReason.OVERFLOW: "the clinic's own content does not fit the room for it",
    UnsharedReason.NO_SLOT: "the layout has no room for the clinic's own content",
    UnsharedReason.SWITCHED_OFF: "imprinting is switched off",
}


@dataclass(frozen=True, slots=True)
class UnverifiedPdf:
    """A PDF that has not been read back yet: its pages or sheet sides, the margins of its pages, and why it shares no body, if so.

    It is `words_only` if its small pictures were left out. An imprint `is_sound` if it contains its body byte for byte, and each object where the cross-reference states it.
    """

    pdf: bytes
    pages: int
    margins: "Margins"
    unshared: UnsharedReason | None = None
    imprint: "ImprintParts | None" = None
    is_sound: bool = True
    words_only: bool = False
