"""Colours that can hardly be told from what they stand on, in print or in a greyscale copy."""

from collections.abc import Iterator, Mapping

from pdfkit_cli import colours
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.errors import Place, Severity
from pdfkit_cli.models import ColourPair

_BRAND = "--brand-"


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each colour of a brand that stands too weakly on another, or another on it, anywhere in the layouts."""
    folder = subject.layouts.folder
    pairs, own = colours.pairs(folder), colours.variables(folder)
    branded = [pair for pair in pairs if _keys(pair)]
    for brand in subject.catalogue.brands.values():
        known = {**own, **{f"{_BRAND}{name}": getattr(brand.model, name) for name in ("primary", "accent", "tint")}}
        for pair in branded:
            if problem := _problem(pair, known):
                yield Place(brand.source.name, *brand.positions[(_keys(pair)[0],)]), problem
    for pair in pairs:
        if not _keys(pair) and (problem := _problem(pair, own)):
            yield Place((folder / "colours.yaml").as_posix()), problem


def _problem(pair: ColourPair, known: Mapping[str, str]) -> str:
    front, back = known.get(pair.front, ""), known.get(pair.back, "")
    if not (front and back):
        return f"layouts/colours.yaml names “{pair.back if front else pair.front}”, which base/base.css does not have; mend it"
    colour = colours.contrast(front, back)
    grey = colours.contrast(colours.grey(front), colours.grey(back))
    if min(colour, grey) >= pair.least:
        return ""
    where = "" if colour < pair.least else " in a greyscale print"
    return (
        f"the contrast of {_name(pair.front)} {front} on {_name(pair.back)} {back} is {min(colour, grey):.1f}:1{where}; "
        f"choose colours of at least {pair.least:g}:1"
    )


def _name(variable: str) -> str:
    return variable.removeprefix(_BRAND).removeprefix("--")


def _keys(pair: ColourPair) -> list[str]:
    """Return the keys of brand.yaml that a pair is made of."""
    return [name.removeprefix(_BRAND) for name in (pair.front, pair.back) if name.startswith(_BRAND)]


RULE = Rule("low-contrast", "Colours that can hardly be told apart", Severity.ERROR, check)
