"""What a rule is, and what it looks at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from pdfkit_cli.catalogue import Catalogue
from pdfkit_cli.errors import Place, Severity
from pdfkit_cli.layout import Layouts
from pdfkit_cli.manifest import Manifest
from pdfkit_cli.models import Checks


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """What rules look at: the library with its layouts, on a day, and what was published last.

    Two are never equal, so that what was read from one can be kept for the next rule.
    """

    catalogue: Catalogue
    layouts: Layouts
    as_of: date
    published: Manifest

    @property
    def limits(self) -> Checks:
        """The figures that `checks:` in library.yaml may set."""
        return self.catalogue.library.checks


Problem = tuple[Place, str]
"""Where something is wrong, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule on the content. Its code never changes its meaning: people write it into library.yaml and scripts.

    An error keeps every PDF that is made from the file of its place from being rendered, unless `blocks` is false. Where the safety of
    patients is at stake the severity cannot be lowered, and nobody can allow it for one run.
    """

    code: str
    title: str
    severity: Severity
    check: Callable[[Subject], Iterator[Problem]]
    blocks: bool = True
    safety: bool = False
    prints: bool = False
    """Whether it looks at PDFs: a build asks it at its end."""
    hides: bool = True
    """Whether an error may be what keeps a PDF from being printed; then it is not removed either."""
