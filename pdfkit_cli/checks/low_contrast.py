"""Colours that can hardly be distinguished from their background, in colour or in a greyscale copy."""

from collections.abc import Iterator, Mapping

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content import colours, contrast
from pdfkit_cli.content.models import ColourPair
from pdfkit_cli.errors import Severity, SourceLocation

_BRAND = "--brand-"


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each pair of colours with too little contrast: of a brand, of its brand.css, or of the layouts themselves."""
    listed = context.layouts.text("colours.yaml")
    pairs = colours.colour_pairs(listed)
    own = {**colours.NAMED_COLOURS, **colours.colour_variables(context.layouts.text("base/base.css"))}
    for brand in context.library.brands.values():
        branded = {f"{_BRAND}{name}": getattr(brand.model, name) for name in ("primary", "accent", "tint")}
        changed = colours.colour_variables(brand.css)
        for pair in pairs:
            place = SourceLocation(brand.css.name) if brand.css and {pair.front, pair.back} & changed.keys() else None
            if keys := _settings_keys(pair):
                place = place or SourceLocation(brand.source.name, *brand.positions[(keys[0],)])
            if place and (problem := _problem(pair, {**own, **branded, **changed})):
                yield place, problem
    for pair in pairs:
        if listed and not _settings_keys(pair) and (problem := _problem(pair, own)):
            yield SourceLocation(listed.name), problem


def _problem(pair: ColourPair, known: Mapping[str, str]) -> str:
    front, back = known.get(pair.front, ""), known.get(pair.back, "")
    if not (front and back):
        return f"layouts/colours.yaml names “{pair.back if front else pair.front}”, which base/base.css does not set; correct it"
    colour = contrast.contrast_ratio(front, back)
    grey = contrast.contrast_ratio(contrast.to_grey(front), contrast.to_grey(back))
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
    """Return the keys of brand.yaml that set the colours of a pair."""
    return [name.removeprefix(_BRAND) for name in (pair.front, pair.back) if name.startswith(_BRAND)]


RULE = Rule("low-contrast", "Colours that can hardly be distinguished", Severity.ERROR, check)
