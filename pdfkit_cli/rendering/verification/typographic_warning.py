"""A typographic flaw as a value: the manifest keeps it, and does not need what finds it."""

from dataclasses import dataclass

from pdfkit_cli.system.codec import storable


@storable
@dataclass(frozen=True, slots=True)
class TypographicWarning:
    """A flaw that a typesetter would avoid: the code of its rule, the page (from 1), the text concerned, and its line in the source."""

    code: str
    page: int
    words: str
    line: int = 0
