"""What a rule is, and what it looks at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from pdfkit_cli.content.loader import Library
from pdfkit_cli.content.models import Checks
from pdfkit_cli.errors import Severity, SourceLocation
from pdfkit_cli.output.manifest import Manifest
from pdfkit_cli.rendering.layouts import Layouts


@dataclass(frozen=True, slots=True, eq=False)
class CheckContext:
    """What rules look at: the library with its layouts, on a day, and what was published last.

    Two are never equal, so that what was read from one can be kept for the next rule.
    """

    library: Library
    layouts: Layouts
    as_of: date
    published: Manifest

    @property
    def limits(self) -> Checks:
        """The figures that `checks:` in library.yaml may set."""
        return self.library.settings.checks


Violation = tuple[SourceLocation, str]
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
    check: Callable[[CheckContext], Iterator[Violation]]
    blocks: bool = True
    safety: bool = False
    reads_output: bool = False
    """Whether it looks at PDFs: a build asks it at its end."""
    protects_existing_pdfs: bool = True
    """Whether an error may be what keeps a PDF from being printed; then it is not removed either."""
