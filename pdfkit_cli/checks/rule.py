"""The types of a rule, its input and its output."""

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
    """The input of a rule: the library and its layouts, the date to check for, and the PDFs of the last build.

    Contexts are compared by identity, so that rules can cache what they derive from one.
    """

    library: Library
    layouts: Layouts
    as_of: date
    published: Manifest

    @property
    def limits(self) -> Checks:
        """The settings under `checks:` in library.yaml."""
        return self.library.settings.checks


Violation = tuple[SourceLocation, str]
"""The place of a problem, and a message that states it and what to do."""

OWN_PACKAGE = "pdfkit"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. The meaning of a code never changes, because codes are used in library.yaml and in scripts.

    An error blocks every PDF that is made from the file it is found in, unless `blocks` is false. A `safety` rule finds
    problems that can harm patients; it can neither be lowered in library.yaml nor allowed for one run.
    """

    code: str
    title: str
    severity: Severity
    check: Callable[[CheckContext], Iterator[Violation]]
    blocks: bool = True
    safety: bool = False
    reads_output: bool = False
    """Whether the rule reads finished PDFs; a build runs it after rendering."""
    protects_existing_pdfs: bool = True
    """Whether PDFs that no clinic hands out any more are kept while there is such an error, since it may be the cause."""
    package: str = OWN_PACKAGE
    """The installed package that the rule comes from."""
