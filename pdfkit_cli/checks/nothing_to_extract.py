"""A format that shows a part of a leaflet, such as its exercises, in a leaflet without such a part."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content import extracts
from pdfkit_cli.errors import Severity


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each format of a leaflet, and language, for which the text has no block that it shows."""
    for leaflet in context.library.leaflets.values():
        for index, name in enumerate(leaflet.model.formats):
            form = context.layouts.formats.get(name)
            for language, translation in sorted(leaflet.translations.items()):
                if form and form.extract and not extracts.has_chosen(translation.body.blocks, form.extract):
                    yield leaflet.place("formats", index), extracts.missing_message(form.extract, name, language)


RULE = Rule(
    extracts.NOTHING_TO_EXTRACT,
    "A format that shows what the leaflet does not have",
    Severity.ERROR,
    check,
    blocks=False,
)
