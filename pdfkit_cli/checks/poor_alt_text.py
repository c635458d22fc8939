"""Alternative text that does not describe the picture."""

import re
from collections.abc import Iterator
from functools import lru_cache

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content.blocks import MAX_ALT_LENGTH, Figure
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.errors import Severity, SourceLocation

_FILE_NAME = r".*\.(?:jpe?g|png|svg|gif|webp|tiff?)|(?:{names})[ _-]*\d*"
_CAMERA_NAMES = ("img", "dsc", "image", "picture", "photo")
_BEFORE = r"(?:[^\W\d_]{1,3} )?"
"""The article of the word for a picture."""


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each alternative text that is a file name, begins with “picture of”, repeats the caption, or is too long."""
    for leaflet in context.library.leaflets.values():
        for translation in leaflet.translations.values():
            if translation.pictures:
                for figure in (node for node in translation.body.nodes if isinstance(node, Figure)):
                    for problem in _problems(figure, translation.rules):
                        yield SourceLocation(translation.source.name, figure.line, 1), problem


def _problems(figure: Figure, language: Language) -> Iterator[str]:
    alt, caption = figure.alt.strip(), figure.caption.strip()
    if _file_name(language).fullmatch(alt) or alt == figure.source.rpartition("/")[2].rpartition(".")[0]:
        yield f"the alternative text “{alt}” is only a name; describe what the picture shows"
    elif begins := _redundant_intro(language).match(alt):
        yield f"the alternative text begins with “{begins[0].strip()}”, which screen readers announce themselves; begin with what the picture shows"
    if alt.rstrip(".") == caption.rstrip("."):
        yield "the alternative text repeats the caption; describe what the caption does not mention"
    if len(alt) > MAX_ALT_LENGTH:
        yield f"the alternative text has {len(alt)} characters; the limit is {MAX_ALT_LENGTH}, so move the rest into the text"


@lru_cache(256)
def _file_name(language: Language) -> re.Pattern[str]:
    names = map(re.escape, (*_CAMERA_NAMES, *language.file.picture_names))
    return re.compile(_FILE_NAME.format(names="|".join(names)), re.I)


@lru_cache(256)
def _redundant_intro(language: Language) -> re.Pattern[str]:
    phrases = "|".join(map(re.escape, language.file.pictures_of)) or "(?!)"
    return re.compile(rf"{_BEFORE}(?:{phrases})\b(?! ?\d)", re.I)


RULE = Rule("poor-alt-text", "Alternative text that does not describe the picture", Severity.WARNING, check)
