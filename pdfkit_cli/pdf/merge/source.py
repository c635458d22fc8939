"""One part that is being merged: its objects, and their copies in the pack."""

from dataclasses import dataclass
from typing import Any

from pikepdf import Array, Dictionary, Object, Page, Pdf, Stream

from pdfkit_cli.pdf.objects import direct_copy


@dataclass(frozen=True, slots=True)
class SourcePart:
    """A part and the PDF that it is copied into. Each object is copied once, so references between copies stay intact.

    Copy pages first: a reference to a page is resolved when the page is copied.
    """

    pdf: Pdf
    into: Pdf
    pages: list[Page]
    tagged: bool

    @property
    def root(self) -> Any:
        """The catalog."""
        return self.pdf.Root

    def copied(self, value: Any) -> Any:
        """Return a copy of a value, with everything that it refers to."""
        if not isinstance(value, Object):
            return value
        if not value.is_indirect:
            if not isinstance(value, Dictionary | Array | Stream):
                return direct_copy(value)
            value = self.pdf.make_indirect(value)
        return self.into.copy_foreign(value)
