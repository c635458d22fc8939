"""A line of a paragraph alone on its page."""

from collections.abc import Iterator

from pdfkit_cli.checks.prints import remarks
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.errors import Severity

CODE = "lone-line"


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each line that stands alone at the top or the foot of a page."""
    for place, remark, paths in remarks(subject, CODE):
        yield (
            place,
            f"{paths}: page {remark.page} has a line alone, “{remark.words}”; shorten or lengthen the paragraph",
        )


RULE = Rule(CODE, "A line of a paragraph alone on its page", Severity.WARNING, check, prints=True)
