"""An alternative text that does not say what the picture shows."""

import re
from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content.blocks import Figure
from pdfkit_cli.errors import Severity, SourceLocation

MAX_ALT_LENGTH = 400
"""Letters. A screen reader reads it in one breath; an exercise in three pictures needs 300."""

_FILE_NAME = re.compile(
    r".*\.(?:jpe?g|png|svg|gif|webp|tiff?)|(?:img|dsc|image|picture|photo|figure|billede|foto|figur|bild|skærmbillede|screenshot|صورة)[ _-]*\d*",
    re.I,
)
_REDUNDANT_INTRO = re.compile(
    r"(?:(?:et|ett|en|an?|the) )?(?:billede|foto|fotografi|bild|image|picture|photo|photograph) (?:af|som viser|der viser|av|på|som visar|of|showing)\b|صورة (?!\d)",
    re.I,
)


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each alternative text that is a file name, says that it is a picture, repeats the caption, or goes on too long."""
    for leaflet in context.library.leaflets.values():
        for translation in leaflet.translations.values():
            if translation.pictures:
                for figure in (node for node in translation.body.nodes if isinstance(node, Figure)):
                    for problem in _problems(figure):
                        yield SourceLocation(translation.source.name, figure.line, 1), problem


def _problems(figure: Figure) -> Iterator[str]:
    alt, caption = figure.alt.strip(), figure.caption.strip()
    if _FILE_NAME.fullmatch(alt) or alt == figure.source.rpartition("/")[2].rpartition(".")[0]:
        yield f"the alternative text “{alt}” is a name; say what the picture shows"
    elif begins := _REDUNDANT_INTRO.match(alt):
        yield f"the alternative text begins with “{begins[0].strip()}”, which a screen reader says itself; begin with what it shows"
    if alt.rstrip(".") == caption.rstrip("."):
        yield "the alternative text repeats the caption; say what the caption does not"
    if len(alt) > MAX_ALT_LENGTH:
        yield f"the alternative text has {len(alt)} letters; at most {MAX_ALT_LENGTH} can be listened to, so put the rest into the text"


RULE = Rule("poor-alt-text", "An alternative text that says nothing", Severity.WARNING, check)
