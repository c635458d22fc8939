"""A heading at the foot of a page, separated from its text."""

from collections.abc import Iterator

from pdfkit_cli.checks.published import published_remarks
from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.errors import Severity

CODE = "heading-at-foot"


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each heading at the foot of a page whose text is on the next page."""
    for place, remark, paths in published_remarks(context, CODE):
        yield (
            place,
            f"{paths}: page {remark.page} ends with the heading “{remark.words}”, but its text is on the next page; shorten the text before the heading",
        )


RULE = Rule(
    CODE, "A heading at the foot of a page, separated from its text", Severity.WARNING, check, reads_output=True
)
