"""A last page that is nearly empty."""

from collections.abc import Iterator

from pdfkit_cli.checks.published import published_remarks
from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.errors import Severity

CODE = "near-empty-page"


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each last page that is nearly empty."""
    for place, remark, paths in published_remarks(context, CODE):
        yield place, f"{paths}: page {remark.page} is nearly empty; shorten the text a little, or add to it"


RULE = Rule(CODE, "A last page that is nearly empty", Severity.WARNING, check, reads_output=True)
