"""A PDF that needs more pages than its leaflet allows."""

from collections.abc import Iterator

from pdfkit_cli.checks.published import published_outputs
from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content.library import LeafletEntry
from pdfkit_cli.errors import Severity

CODE = "over-page-budget"


def budget_problem(leaflet: LeafletEntry, format_name: str, pages: int) -> Violation | None:
    """Return the problem if a PDF in this format has more pages (in a booklet, sheet sides) than the leaflet allows, or None."""
    budget = leaflet.model.pages.get(format_name)
    if budget is None or pages <= budget:
        return None
    place = leaflet.place("pages", format_name)
    return (
        place,
        f"it has {pages} pages in {format_name}, but {budget} are allowed; shorten the text, or raise the limit",
    )


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each PDF of the last build that has too many pages."""
    for path, entry, leaflet in published_outputs(context):
        if problem := budget_problem(leaflet, entry.format, entry.pages):
            yield problem[0], f"{path}: {problem[1]}"


RULE = Rule(CODE, "More pages than the leaflet allows", Severity.ERROR, check, blocks=False, reads_output=True)
