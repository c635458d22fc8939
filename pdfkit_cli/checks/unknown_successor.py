"""A leaflet that is superseded by one that does not exist, or in a circle."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content.library import Library
from pdfkit_cli.content.suggestions import did_you_mean
from pdfkit_cli.errors import Severity


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each `superseded_by` that names no leaflet, or that leads back to the same leaflet."""
    library = context.library
    content = library.names("content")
    for name, leaflet in library.leaflets.items():
        if (after := leaflet.model.superseded_by) is None:
            continue
        place = leaflet.place("superseded_by")
        if library.lacks("content", after):
            yield place, f"there is no leaflet “{after}”{did_you_mean(after, content - {name})}"
        elif name in (chain := find_successors(library, name)):
            yield (
                place,
                f"superseded in a circle: {' → '.join((name, *chain))}; remove “superseded_by” from the one that stays in use",
            )


def find_successors(library: Library, name: str) -> tuple[str, ...]:
    """Return the chain of successors of a leaflet, the nearest first; in a circle, each leaflet once."""
    chain: list[str] = []
    while (leaflet := library.leaflets.get(name)) and (after := leaflet.model.superseded_by) and after not in chain:
        chain.append(after)
        name = after
    return tuple(chain)


RULE = Rule("unknown-successor", "A leaflet whose successor does not exist", Severity.ERROR, check)
