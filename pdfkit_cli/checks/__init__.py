"""Checks on content: one file a rule, each a function from the library to problems."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from pdfkit_cli.catalogue import near
from pdfkit_cli.checks import (
    alternative_text,
    appointment,
    baked_hyphen,
    contact_literals,
    different_numbers,
    double_space,
    draft,
    foreign_script,
    formats,
    glyphs,
    hard_to_read,
    heading_at_foot,
    link_text,
    logo_shape,
    lone_line,
    long_sentence,
    lost_dash,
    low_contrast,
    low_resolution,
    near_empty_page,
    page_budget,
    review,
    review_soon,
    see_through,
    short_adds,
    short_loses_warning,
    space_before_mark,
    stale_safety_text,
    stale_text,
    straight_quotes,
    structure,
    successor,
    superseded,
    swapped_numbers,
    unexplained_word,
    unrecorded,
    unreviewed,
    version_not_raised,
    withdrawn,
)
from pdfkit_cli.checks.rule import Rule, Subject
from pdfkit_cli.errors import Finding, Place, Severity, UsageError

RULES: tuple[Rule, ...] = (
    page_budget.RULE,
    near_empty_page.RULE,
    lone_line.RULE,
    heading_at_foot.RULE,
    contact_literals.RULE,
    glyphs.RULE,
    formats.RULE,
    review.RULE,
    review_soon.RULE,
    version_not_raised.RULE,
    successor.RULE,
    superseded.RULE,
    withdrawn.RULE,
    draft.RULE,
    appointment.RULE,
    unreviewed.RULE,
    unrecorded.RULE,
    stale_safety_text.RULE,
    stale_text.RULE,
    structure.RULE,
    different_numbers.RULE,
    swapped_numbers.RULE,
    short_loses_warning.RULE,
    short_adds.RULE,
    hard_to_read.RULE,
    long_sentence.RULE,
    unexplained_word.RULE,
    baked_hyphen.RULE,
    lost_dash.RULE,
    link_text.RULE,
    double_space.RULE,
    straight_quotes.RULE,
    space_before_mark.RULE,
    alternative_text.RULE,
    foreign_script.RULE,
    low_contrast.RULE,
    logo_shape.RULE,
    low_resolution.RULE,
    see_through.RULE,
)

BY_CODE = {rule.code: rule for rule in RULES}


TEXT_RULES = tuple(rule for rule in RULES if not rule.prints)
PRINT_RULES = tuple(rule for rule in RULES if rule.prints)


def check(subject: Subject, allow: Collection[str] = (), rules: Iterable[Rule] = RULES) -> Iterator[Finding]:
    """Yield what every rule finds; `allow` are codes of errors that are let pass this once, and become warnings."""
    for rule in rules:
        severity = _severity(rule, subject)
        if severity:
            for place, message in rule.check(subject):
                finding = Finding(rule.code, message, place, severity)
                yield _allowed(finding) if rule.code in allow and severity is Severity.ERROR else finding


def blocks(finding: Finding) -> bool:
    """Say whether the PDFs that are made from the file of a finding must not be rendered."""
    rule = BY_CODE.get(finding.code)
    return bool(rule and rule.blocks and finding.severity is Severity.ERROR)


def hides(finding: Finding) -> bool:
    """Say whether what was made from the file of an error must stay, since the error may be all that hides it."""
    rule = BY_CODE.get(finding.code)
    return rule is None or rule.hides


def check_allowed(codes: Collection[str]) -> None:
    """Raise UsageError for a code that no rule has, or that nobody may allow."""
    for code in codes:
        if code not in BY_CODE:
            raise UsageError(f"no check has the code “{code}”{near(code, BY_CODE)}")
        if BY_CODE[code].safety:
            raise UsageError(f"“{code}” cannot be allowed: patients may come to harm", hint="mend what it names")


def _allowed(finding: Finding) -> Finding:
    return replace(finding, severity=Severity.WARNING, message=f"{finding.message} (allowed this once)")


def _severity(rule: Rule, subject: Subject) -> Severity | None:
    """Return what library.yaml makes of a rule; None is off."""
    wanted = subject.limits.severity.get(rule.code)
    if wanted is None or rule.safety:
        return rule.severity
    return None if wanted == "off" else Severity(wanted)


def settings(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each setting of library.yaml that means nothing."""
    for code in subject.limits.severity:
        rule, place = BY_CODE.get(code), _place(subject, code)
        if rule is None:
            yield Finding("unknown-check", f"no check has the code “{code}”{near(code, BY_CODE)}", place)
        elif rule.safety:
            message = f"“{code}” stays an error: patients may come to harm; remove the line"
            yield Finding("safety-check", message, place)


def _place(subject: Subject, code: str) -> Place:
    source, positions = subject.catalogue.library_source, subject.catalogue.library_positions
    return Place(source.name, *positions.get(("checks", "severity", code), (0, 0)))
