"""An alternative text that does not say what the picture shows."""

import re
from collections.abc import Iterator

from pdfkit_cli.blocks import Figure
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.errors import Place, Severity

LONGEST = 400
"""Letters. A screen reader reads it in one breath; an exercise in three pictures needs 300."""

_FILE = re.compile(
    r".*\.(?:jpe?g|png|svg|gif|webp|tiff?)|(?:img|dsc|image|picture|photo|figure|billede|foto|figur|bild|skærmbillede|screenshot|صورة)[ _-]*\d*",
    re.I,
)
_SHOWS = re.compile(
    r"(?:(?:et|ett|en|an?|the) )?(?:billede|foto|fotografi|bild|image|picture|photo|photograph) (?:af|som viser|der viser|av|på|som visar|of|showing)\b|صورة (?!\d)",
    re.I,
)


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each alternative text that is a file name, says that it is a picture, repeats the caption, or goes on too long."""
    for leaflet in subject.catalogue.leaflets.values():
        for translation in leaflet.translations.values():
            if translation.pictures:
                for figure in (node for node in translation.body.nodes if isinstance(node, Figure)):
                    for problem in _problems(figure):
                        yield Place(translation.source.name, figure.line, 1), problem


def _problems(figure: Figure) -> Iterator[str]:
    alt, caption = figure.alt.strip(), figure.caption.strip()
    if _FILE.fullmatch(alt) or alt == figure.source.rpartition("/")[2].rpartition(".")[0]:
        yield f"the alternative text “{alt}” is a name; say what the picture shows"
    elif begins := _SHOWS.match(alt):
        yield f"the alternative text begins with “{begins[0].strip()}”, which a screen reader says itself; begin with what it shows"
    if alt.rstrip(".") == caption.rstrip("."):
        yield "the alternative text repeats the caption; say what the caption does not"
    if len(alt) > LONGEST:
        yield f"the alternative text has {len(alt)} letters; at most {LONGEST} can be listened to, so put the rest into the text"


RULE = Rule("poor-alt-text", "An alternative text that says nothing", Severity.WARNING, check)
