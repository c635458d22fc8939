"""A single line of a paragraph on a page (a widow or an orphan)."""

from collections.abc import Iterator

from pdfkit_cli.checks.published import published_remarks
from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.errors import Severity

CODE = "lone-line"


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each line of a paragraph that is alone at the top or the foot of a page."""
    for place, remark, paths in published_remarks(context, CODE):
        yield (
            place,
            f"{paths}: page {remark.page} has a single line of a paragraph, “{remark.words}”; shorten or lengthen the paragraph",
        )


RULE = Rule(CODE, "A single line of a paragraph on a page", Severity.WARNING, check, reads_output=True)
