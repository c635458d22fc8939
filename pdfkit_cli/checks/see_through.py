"""A picture with transparency, in a format for presses that do not accept it."""

from collections.abc import Iterator

from pdfkit_cli.checks.low_resolution import find_figures
from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.errors import Severity, SourceLocation

TRANSPARENCY_ADVICE = "draw it in opaque colours, and save photographs without an alpha channel"


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each picture with transparency in a leaflet that has a format without it, and each such logo."""
    opaque = {name for name, form in context.layouts.formats.items() if not form.transparency}
    needed = {name for leaflet in context.library.leaflets.values() for name in opaque & {*leaflet.model.formats}}
    for leaflet in context.library.leaflets.values():
        for name in sorted(opaque & {*leaflet.model.formats}):
            for translation in leaflet.translations.values():
                for figure, _ in find_figures(translation.body.blocks):
                    if translation.pictures[figure.source].see_through:
                        place = SourceLocation(translation.source.name, figure.line, 1)
                        yield (
                            place,
                            f"picture “{figure.source}” has transparency, which {name} does not allow; {TRANSPARENCY_ADVICE}",
                        )
    for brand in context.library.brands.values() if needed else ():
        if brand.logo.see_through:
            name = ", ".join(sorted(needed))
            yield (
                SourceLocation(brand.source.name),
                f"{brand.logo.name} has transparency, which {name} does not allow; {TRANSPARENCY_ADVICE}",
            )


RULE = Rule(
    "see-through",
    "A picture with transparency, in a format that does not allow it",
    Severity.ERROR,
    check,
    blocks=False,
)
