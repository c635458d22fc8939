"""Checks on the content of a library: one module for each rule, with a function that yields the problems."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from pdfkit_cli.checks import (
    baked_hyphen,
    contact_literal,
    different_callouts,
    different_numbers,
    different_structure,
    different_term,
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
    no_out_of_hours,
    nothing_to_extract,
    over_page_budget,
    plugins,
    poor_alt_text,
    recalled_leaflet,
    review_overdue,
    review_soon,
    see_through,
    several_warnings,
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
    wrong_printer,
)
from pdfkit_cli.checks.rule import OWN_PACKAGE, CheckContext, Rule, Violation
from pdfkit_cli.content.library import Library
from pdfkit_cli.content.models import Checks
from pdfkit_cli.content.suggestions import did_you_mean
from pdfkit_cli.errors import Finding, Severity, SourceLocation, UsageError

RULES: tuple[Rule, ...] = (
    over_page_budget.RULE,
    near_empty_page.RULE,
    lone_line.RULE,
    heading_at_foot.RULE,
    contact_literal.RULE,
    missing_glyph.RULE,
    unknown_format.RULE,
    nothing_to_extract.RULE,
    review_overdue.RULE,
    review_soon.RULE,
    version_not_raised.RULE,
    unknown_successor.RULE,
    superseded_leaflet.RULE,
    withdrawn_leaflet.RULE,
    recalled_leaflet.RULE,
    draft_leaflet.RULE,
    wrong_appointment.RULE,
    wrong_printer.RULE,
    translation_unreviewed.RULE,
    translation_unrecorded.RULE,
    stale_safety_text.RULE,
    stale_text.RULE,
    different_structure.RULE,
    different_numbers.RULE,
    swapped_numbers.RULE,
    different_term.RULE,
    no_out_of_hours.RULE,
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
    different_callouts.RULE,
    several_warnings.RULE,
)


@lru_cache(maxsize=1)
def all_rules() -> Mapping[str, Rule]:
    """Return every rule by its code: pdfkit's own and those of installed packages. Raises PluginError."""
    own = {rule.code: rule for rule in RULES}
    return own | {rule.code: rule for rule in plugins.load_plugin_rules(own)}


def content_rules() -> Iterator[Rule]:
    """Yield the rules that read only the library."""
    return (rule for rule in all_rules().values() if not rule.reads_output)


def error_rules(library: Library) -> Iterator[Rule]:
    """Yield the rules that read only the library and whose problems can be errors in it, by its settings."""
    settings = library.settings.checks.severity
    for rule in content_rules():
        setting = settings.get(rule.code)
        if rule.severity is Severity.ERROR or (setting and setting.severity == "error"):
            yield rule


def output_rules() -> Iterator[Rule]:
    """Yield the rules that read the PDFs of the last build."""
    return (rule for rule in all_rules().values() if rule.reads_output)


def run_checks(
    context: CheckContext, allow: Collection[str] = (), rules: Iterable[Rule] | None = None
) -> Iterator[Finding]:
    """Yield the findings of `rules`, by default of all rules. Errors whose codes are in `allow` become warnings.

    Raises PluginError if a rule of an installed package fails.
    """
    for rule in all_rules().values() if rules is None else rules:
        if _is_off(rule, context.limits):
            continue
        for place, message in _violations(rule, context):
            if severity := severity_at(context.library, rule, place):
                finding = Finding(rule.code, message, place, severity)
                yield _downgrade(finding) if rule.code in allow and severity is Severity.ERROR else finding


def _violations(rule: Rule, context: CheckContext) -> Iterator[Violation]:
    if rule.package == OWN_PACKAGE:
        yield from rule.check(context)
        return
    try:
        for place, message in rule.check(context):
            if not isinstance(place, SourceLocation) or not isinstance(message, str):
                raise TypeError("a check must yield pairs of SourceLocation and str")
            yield place, message
    except Exception as error:
        raise plugins.run_error(rule, error) from error


def severity_at(library: Library, rule: Rule, place: SourceLocation) -> Severity | None:
    """Return the severity of a rule at a place, with the library's settings applied; None if the rule is off there."""
    setting = library.settings.checks.severity.get(rule.code)
    if setting is None or rule.safety or not setting.applies_to(_leaflet_at(library, place)):
        return rule.severity
    return None if setting.severity == "off" else Severity(setting.severity)


def _leaflet_at(library: Library, place: SourceLocation) -> str:
    """Return the leaflet that a file belongs to (as its own file or as a clinic's wording for it), or an empty string."""
    match place.file.removeprefix(f"{library.root.as_posix()}/").split("/"):
        case ["content", leaflet, *_] | ["clinics", _, leaflet, _]:
            return leaflet
        case _:
            return ""


def _is_off(rule: Rule, limits: Checks) -> bool:
    setting = limits.severity.get(rule.code)
    return setting is not None and setting.everywhere and setting.severity == "off" and not rule.safety


def blocks_rendering(finding: Finding) -> bool:
    """Return whether a finding blocks the PDFs that are made from its file."""
    rule = all_rules().get(finding.code)
    return bool(rule and rule.blocks and finding.severity is Severity.ERROR)


def protects_existing_pdfs(finding: Finding) -> bool:
    """Return whether published PDFs must be kept while there is this error, since the error may hide who needs them."""
    rule = all_rules().get(finding.code)
    return rule is None or rule.protects_existing_pdfs


def check_allowed(codes: Collection[str]) -> None:
    """Raise UsageError for a code that no rule has, or that belongs to a safety rule."""
    rules = all_rules()
    for code in codes:
        if code not in rules:
            raise UsageError(f"no check has the code “{code}”{did_you_mean(code, rules)}")
        if rules[code].safety:
            raise UsageError(
                f"“{code}” cannot be allowed, because it protects patients from harm",
                hint="correct the problem that it reports",
            )


def _downgrade(finding: Finding) -> Finding:
    return replace(finding, severity=Severity.WARNING, message=f"{finding.message} (allowed for this run)")


def settings_findings(context: CheckContext) -> Iterator[Finding]:
    """Yield a finding for each setting of library.yaml that has no effect or is not allowed."""
    rules = all_rules()
    for code, setting in context.limits.severity.items():
        place = _setting_place(context, code)
        if code not in rules:
            yield Finding("unknown-check", f"no check has the code “{code}”{did_you_mean(code, rules)}", place)
        elif rules[code].safety:
            message = f"“{code}” is always an error, because it protects patients from harm; remove this line"
            yield Finding("safety-check", message, place)
        known = context.library.names("content")
        for key, names in (("only", setting.only), ("except", setting.exempt)):
            for index, name in enumerate(names):
                if name not in known:
                    message = f"there is no leaflet “{name}”{did_you_mean(name, known)}"
                    yield Finding("unknown-leaflet", message, _setting_place(context, code, key, index))


def _setting_place(context: CheckContext, *path: str | int) -> SourceLocation:
    source, positions = context.library.settings_source, context.library.settings_positions
    return SourceLocation(source.name, *positions.get(("checks", "severity", *path), (0, 0)))
