"""Checks on content, one file a rule; each takes the catalogue and yields findings."""

from collections.abc import Iterator
from datetime import date

from pdfkit_cli.catalogue import Catalogue
from pdfkit_cli.checks import contact_literals, formats, glyphs, review
from pdfkit_cli.errors import Finding
from pdfkit_cli.layout import Layouts

CODES = frozenset({contact_literals.CODE, glyphs.CODE})
"""Rules whose errors keep the PDFs of the file from being rendered."""


def check(catalogue: Catalogue, layouts: Layouts, as_of: date) -> Iterator[Finding]:
    """Yield what every rule finds in the library as it stands on a day."""
    yield from contact_literals.check(catalogue)
    yield from glyphs.check(catalogue, layouts.fonts)
    yield from formats.check(catalogue, layouts.formats)
    yield from review.check(catalogue, as_of)
