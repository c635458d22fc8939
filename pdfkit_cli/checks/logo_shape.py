"""A logo so narrow or so wide that it would be illegible in the masthead."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.errors import Severity, SourceLocation

NARROWEST, WIDEST = 0.35, 12.0
"""Width divided by height. A narrower logo is less than 5 mm wide on A5; a wider one less than 10 mm high."""


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each logo whose shape does not fit the masthead."""
    for brand in context.library.brands.values():
        if problem := _problem(brand.logo_ratio):
            yield SourceLocation(brand.logo.name), problem


def _problem(ratio: float) -> str:
    if not ratio:
        return "the logo has no size; give its <svg> a viewBox, such as viewBox=“0 0 48 48”"
    if ratio < NARROWEST:
        return f"the logo is only {ratio:.2g} times as wide as high, so it prints too small; save a wider version"
    if ratio > WIDEST:
        return f"the logo is {ratio:.2g} times as wide as high, so it prints too small; save a version on two lines"
    return ""


RULE = Rule("logo-shape", "A logo that does not fit the masthead", Severity.WARNING, check)
