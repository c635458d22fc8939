"""A PDF that needs more pages than its leaflet allows."""

from collections.abc import Iterator

from pdfkit_cli.catalogue import LeafletEntry
from pdfkit_cli.checks.prints import published
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.errors import Place, Severity

CODE = "over-page-budget"


def over(leaflet: LeafletEntry, format_name: str, pages: int) -> Problem | None:
    """Return the problem where a PDF of the leaflet in this format has too many pages (sheet sides, of a booklet)."""
    budget = leaflet.model.pages.get(format_name)
    if budget is None or pages <= budget:
        return None
    place = Place(leaflet.source.name, *leaflet.positions["pages", format_name])
    return place, f"it has {pages} pages in {format_name}, and {budget} are allowed; shorten the text, or allow more"


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each PDF of the last build that has too many pages."""
    for path, entry, leaflet in published(subject):
        if problem := over(leaflet, entry.format, entry.pages):
            yield problem[0], f"{path}: {problem[1]}"


RULE = Rule(CODE, "More pages than the leaflet allows", Severity.ERROR, check, blocks=False, prints=True)
