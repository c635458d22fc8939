"""Checks on content: one file a rule, each a function from the library to problems."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from pdfkit_cli.checks import (
    baked_hyphen,
    contact_literal,
    different_numbers,
    different_structure,
    double_space,
    draft_leaflet,
    foreign_script,
    hard_to_read,
    heading_at_foot,
    link_text,
    logo_shape,
    lone_line,
    long_sentence,
    lost_dash,
    low_contrast,
    low_resolution,
    missing_glyph,
    near_empty_page,
    page_budget,
    poor_alt_text,
    review_overdue,
    review_soon,
    see_through,
    short_adds,
    short_loses_warning,
    space_before_mark,
    stale_safety_text,
    stale_text,
    straight_quotes,
    superseded_leaflet,
    swapped_numbers,
    translation_unrecorded,
    translation_unreviewed,
    unexplained_word,
    unknown_format,
    unknown_successor,
    version_not_raised,
    withdrawn_leaflet,
    wrong_appointment,
)
from pdfkit_cli.checks.rule import CheckContext, Rule
from pdfkit_cli.content.loader import did_you_mean
from pdfkit_cli.errors import Finding, Severity, SourceLocation, UsageError

RULES: tuple[Rule, ...] = (
    page_budget.RULE,
    near_empty_page.RULE,
    lone_line.RULE,
    heading_at_foot.RULE,
    contact_literal.RULE,
    missing_glyph.RULE,
    unknown_format.RULE,
    review_overdue.RULE,
    review_soon.RULE,
    version_not_raised.RULE,
    unknown_successor.RULE,
    superseded_leaflet.RULE,
    withdrawn_leaflet.RULE,
    draft_leaflet.RULE,
    wrong_appointment.RULE,
    translation_unreviewed.RULE,
    translation_unrecorded.RULE,
    stale_safety_text.RULE,
    stale_text.RULE,
    different_structure.RULE,
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
    poor_alt_text.RULE,
    foreign_script.RULE,
    low_contrast.RULE,
    logo_shape.RULE,
    low_resolution.RULE,
    see_through.RULE,
)

RULES_BY_CODE = {rule.code: rule for rule in RULES}


CONTENT_RULES = tuple(rule for rule in RULES if not rule.reads_output)
OUTPUT_RULES = tuple(rule for rule in RULES if rule.reads_output)


def run_checks(context: CheckContext, allow: Collection[str] = (), rules: Iterable[Rule] = RULES) -> Iterator[Finding]:
    """Yield what every rule finds; `allow` are codes of errors that are let pass this once, and become warnings."""
    for rule in rules:
        severity = _effective_severity(rule, context)
        if severity:
            for place, message in rule.check(context):
                finding = Finding(rule.code, message, place, severity)
                yield _downgrade(finding) if rule.code in allow and severity is Severity.ERROR else finding


def blocks_rendering(finding: Finding) -> bool:
    """Say whether the PDFs that are made from the file of a finding must not be rendered."""
    rule = RULES_BY_CODE.get(finding.code)
    return bool(rule and rule.blocks and finding.severity is Severity.ERROR)


def protects_existing_pdfs(finding: Finding) -> bool:
    """Say whether what was made from the file of an error must stay, since the error may be all that hides it."""
    rule = RULES_BY_CODE.get(finding.code)
    return rule is None or rule.protects_existing_pdfs


def check_allowed(codes: Collection[str]) -> None:
    """Raise UsageError for a code that no rule has, or that nobody may allow."""
    for code in codes:
        if code not in RULES_BY_CODE:
            raise UsageError(f"no check has the code “{code}”{did_you_mean(code, RULES_BY_CODE)}")
        if RULES_BY_CODE[code].safety:
            raise UsageError(f"“{code}” cannot be allowed: patients may come to harm", hint="mend what it names")


def _downgrade(finding: Finding) -> Finding:
    return replace(finding, severity=Severity.WARNING, message=f"{finding.message} (allowed this once)")


def _effective_severity(rule: Rule, context: CheckContext) -> Severity | None:
    """Return what library.yaml makes of a rule; None is off."""
    wanted = context.limits.severity.get(rule.code)
    if wanted is None or rule.safety:
        return rule.severity
    return None if wanted == "off" else Severity(wanted)


def settings_findings(context: CheckContext) -> Iterator[Finding]:
    """Yield a finding for each setting of library.yaml that means nothing."""
    for code in context.limits.severity:
        rule, place = RULES_BY_CODE.get(code), _setting_place(context, code)
        if rule is None:
            yield Finding("unknown-check", f"no check has the code “{code}”{did_you_mean(code, RULES_BY_CODE)}", place)
        elif rule.safety:
            message = f"“{code}” stays an error: patients may come to harm; remove the line"
            yield Finding("safety-check", message, place)


def _setting_place(context: CheckContext, code: str) -> SourceLocation:
    source, positions = context.library.settings_source, context.library.settings_positions
    return SourceLocation(source.name, *positions.get(("checks", "severity", code), (0, 0)))
