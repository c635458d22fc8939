"""Colours that can hardly be told from what they stand on, in print or in a greyscale copy."""

from collections.abc import Iterator, Mapping

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content import colours
from pdfkit_cli.content.models import ColourPair
from pdfkit_cli.errors import Severity, SourceLocation

_BRAND = "--brand-"


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each colour of a brand that stands too weakly on another, or another on it, anywhere in the layouts."""
    folder = context.layouts.folder
    pairs, own = colours.load_colour_pairs(folder), colours.load_colour_variables(folder)
    branded = [pair for pair in pairs if _settings_keys(pair)]
    for brand in context.library.brands.values():
        known = {**own, **{f"{_BRAND}{name}": getattr(brand.model, name) for name in ("primary", "accent", "tint")}}
        for pair in branded:
            if problem := _problem(pair, known):
                yield SourceLocation(brand.source.name, *brand.positions[(_settings_keys(pair)[0],)]), problem
    for pair in pairs:
        if not _settings_keys(pair) and (problem := _problem(pair, own)):
            yield SourceLocation((folder / "colours.yaml").as_posix()), problem


def _problem(pair: ColourPair, known: Mapping[str, str]) -> str:
    front, back = known.get(pair.front, ""), known.get(pair.back, "")
    if not (front and back):
        return f"layouts/colours.yaml names “{pair.back if front else pair.front}”, which base/base.css does not have; mend it"
    colour = colours.contrast_ratio(front, back)
    grey = colours.contrast_ratio(colours.to_grey(front), colours.to_grey(back))
    if min(colour, grey) >= pair.least:
        return ""
    where = "" if colour < pair.least else " in a greyscale print"
    return (
        f"the contrast of {_css_to_yaml_name(pair.front)} {front} on {_css_to_yaml_name(pair.back)} {back} is {min(colour, grey):.1f}:1{where}; "
        f"choose colours of at least {pair.least:g}:1"
    )


def _css_to_yaml_name(variable: str) -> str:
    return variable.removeprefix(_BRAND).removeprefix("--")


def _settings_keys(pair: ColourPair) -> list[str]:
    """Return the keys of brand.yaml that a pair is made of."""
    return [name.removeprefix(_BRAND) for name in (pair.front, pair.back) if name.startswith(_BRAND)]


RULE = Rule("low-contrast", "Colours that can hardly be told apart", Severity.ERROR, check)
