"""Alternative text that does not describe the picture."""

import re
from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content.blocks import Figure
from pdfkit_cli.errors import Severity, SourceLocation

MAX_ALT_LENGTH = 400
"""Characters. A screen reader reads the text without a pause; an exercise shown in three pictures needs 300."""

_FILE_NAME = re.compile(
    r".*\.(?:jpe?g|png|svg|gif|webp|tiff?)|(?:img|dsc|image|picture|photo|figure|billede|foto|figur|bild|skærmbillede|screenshot|صورة)[ _-]*\d*",
    re.I,
)
_REDUNDANT_INTRO = re.compile(
    r"(?:(?:et|ett|en|an?|the) )?(?:billede|foto|fotografi|bild|image|picture|photo|photograph) (?:af|som viser|der viser|av|på|som visar|of|showing)\b|صورة (?!\d)",
    re.I,
)


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each alternative text that is a file name, begins with “picture of”, repeats the caption, or is too long."""
    for leaflet in context.library.leaflets.values():
        for translation in leaflet.translations.values():
            if translation.pictures:
                for figure in (node for node in translation.body.nodes if isinstance(node, Figure)):
                    for problem in _problems(figure):
                        yield SourceLocation(translation.source.name, figure.line, 1), problem


def _problems(figure: Figure) -> Iterator[str]:
    alt, caption = figure.alt.strip(), figure.caption.strip()
    if _FILE_NAME.fullmatch(alt) or alt == figure.source.rpartition("/")[2].rpartition(".")[0]:
        yield f"the alternative text “{alt}” is only a name; describe what the picture shows"
    elif begins := _REDUNDANT_INTRO.match(alt):
        yield f"the alternative text begins with “{begins[0].strip()}”, which screen readers announce themselves; begin with what the picture shows"
    if alt.rstrip(".") == caption.rstrip("."):
        yield "the alternative text repeats the caption; describe what the caption does not mention"
    if len(alt) > MAX_ALT_LENGTH:
        yield f"the alternative text has {len(alt)} characters; the limit is {MAX_ALT_LENGTH}, so move the rest into the text"


RULE = Rule("poor-alt-text", "Alternative text that does not describe the picture", Severity.WARNING, check)
