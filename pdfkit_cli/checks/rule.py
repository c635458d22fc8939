"""What a rule is, and what it looks at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from pdfkit_cli.content.library import Library
from pdfkit_cli.content.models import Checks
from pdfkit_cli.errors import Severity, SourceLocation
from pdfkit_cli.output.manifest import Manifest
from pdfkit_cli.rendering.layouts import Layouts


@dataclass(frozen=True, slots=True, eq=False)
class CheckContext:
    """What rules look at: the library with its layouts, on a day, and the PDFs of the last build.

    Two contexts are never equal, so that what one rule has read can be cached for the next.
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

OWN_PACKAGE = "pdfkit"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule on the content. The meaning of a code never changes: people write codes into library.yaml and scripts.

    An error blocks every PDF that is made from the file it is found in, unless `blocks` is false. A `safety` rule, whose
    findings may harm patients, can neither be lowered in library.yaml nor allowed for one run.
    """

    code: str
    title: str
    severity: Severity
    check: Callable[[CheckContext], Iterator[Violation]]
    blocks: bool = True
    safety: bool = False
    reads_output: bool = False
    """Whether it looks at finished PDFs; a build runs it at its end."""
    protects_existing_pdfs: bool = True
    """Whether PDFs stay that no clinic asks for any more while there is such an error, since it may be the reason."""
    package: str = OWN_PACKAGE
    """The installed package that the rule comes from."""
