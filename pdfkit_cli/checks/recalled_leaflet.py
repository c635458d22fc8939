"""A recall of a leaflet's present version, or of a leaflet that does not exist."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content.suggestions import did_you_mean
from pdfkit_cli.errors import Severity


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each recall without a leaflet, and each leaflet that cannot be handed out because of a recall."""
    recalls = context.library.recalls
    leaflets = {entry.model.id: entry for entry in context.library.leaflets.values()}
    for id, recall in recalls.model.root.items():
        leaflet = leaflets.get(id)
        if leaflet is None:
            yield recalls.place(id), f"there is no leaflet {id}{did_you_mean(id, leaflets)}; a recall may outlive it"
        elif leaflet.recall:
            message = (
                f"versions below {recall.below} are recalled, and {id} is not handed out; "
                f"correct its text and raise “version”"
            )
            yield leaflet.place("version"), message


RULE = Rule(
    "recalled-leaflet",
    "A recall of the present version, or of a leaflet that does not exist",
    Severity.WARNING,
    check,
    blocks=False,
)
