"""A heading at the foot of a page, without its text."""

from collections.abc import Iterator

from pdfkit_cli.checks.published import published_remarks
from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.errors import Severity

CODE = "heading-at-foot"


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each heading that is parted from its text."""
    for place, remark, paths in published_remarks(context, CODE):
        yield (
            place,
            f"{paths}: page {remark.page} ends with the heading “{remark.words}”, and its text is on the next; shorten the text before it",
        )


RULE = Rule(CODE, "A heading at the foot of a page, without its text", Severity.WARNING, check, reads_output=True)
