"""One part of what a page must contain. It imports nothing that loads a library: every render worker needs it."""

from dataclasses import dataclass
from enum import StrEnum

from pdfkit_cli.errors import SourceLocation


class ContentKind(StrEnum):
    """The way in which content is looked for.

    Texts and headings in order, footnotes and facts anywhere, pictures and scannable codes by their alternative texts,
    furniture in the margins of every page (with `{page}` and `{pages}` in it for the numbers).
    """

    TEXT = "text"
    HEADING = "heading"
    FOOTNOTE = "footnote"
    FACT = "fact"
    PICTURE = "picture"
    SMALL_PICTURE = "small-picture"
    CODE = "code"
    FURNITURE = "furniture"


PICTURES = ContentKind.PICTURE, ContentKind.SMALL_PICTURE, ContentKind.CODE
"""What is looked for by its alternative text."""


@dataclass(frozen=True, slots=True)
class ExpectedItem:
    """Words that must be read on the page, or the alternative text of a picture that must be seen on it."""

    file: str
    line: int
    kind: ContentKind
    text: str
    table: int = 0
    """The line of the table that it is in; 0 outside tables."""

    @property
    def place(self) -> SourceLocation:
        """Its place in the library."""
        return SourceLocation(self.file, self.line)
