"""A last page that is nearly empty."""

from collections.abc import Iterator

from pdfkit_cli.checks.prints import remarks
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.errors import Severity

CODE = "near-empty-page"


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each last page that is nearly empty."""
    for place, remark, paths in remarks(subject, CODE):
        yield place, f"{paths}: page {remark.page} is nearly empty; shorten the text a little, or give it more to say"


RULE = Rule(CODE, "A last page that is nearly empty", Severity.WARNING, check, prints=True)
