"""How strict the rules are, who may let them pass, and that each is explained."""

import re
from pathlib import Path

import pytest

from pdfkit_cli import checks
from pdfkit_cli.errors import Severity, UsageError
from tests.helpers.check_runner import found, said
from tests.helpers.tiny_library import TinyLibrary

DOCS = Path(__file__).parents[2] / "docs/checks.md"


def test_each_rule_is_explained_with_its_severity() -> None:
    sections = dict(re.findall(r"^## (\S+)\n(.+)$", DOCS.read_text("utf-8"), re.M))
    assert set(sections) == set(checks.all_rules())
    for code, text in sections.items():
        rule = checks.all_rules()[code]
        assert text.startswith(f"{str(rule.severity).capitalize()}{', safety' if rule.safety else ''}"), code


def test_codes_are_unlike_each_other() -> None:
    assert len(checks.all_rules()) == len(checks.RULES)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)+", code) for code in checks.all_rules())


def strict(library: TinyLibrary, setting: str) -> None:
    library.replace("library.yaml", "languages:", f"checks: {{severity: {{{setting}}}}}\nlanguages:")


@pytest.mark.parametrize(("setting", "severities"), [("warning", ["warning"]), ("off", []), ("error", ["error"])])
def test_the_library_says_how_strict_a_rule_is(library: TinyLibrary, setting: str, severities: list[str]) -> None:
    library.body("\nRing 76 36 14 00\n")
    strict(library, f"contact-literal: {setting}")
    assert [str(finding.severity) for finding in found(library, "contact-literal")] == severities


def test_a_setting_for_no_rule_is_an_error_with_its_place(library: TinyLibrary) -> None:
    strict(library, "contact-litteral: off")
    (line,) = said(library, "unknown-check")
    assert re.match(r"library.yaml:\d+:\d+: error: no check has the code .*did you mean “contact-literal”", line)


def test_what_may_harm_patients_stays_an_error(library: TinyLibrary) -> None:
    library.body("\n☎\n")
    strict(library, "missing-glyph: off")
    assert [finding.severity for finding in found(library, "missing-glyph")] == [Severity.ERROR]
    (line,) = said(library, "safety-check")
    assert "“missing-glyph” stays an error" in line
    with pytest.raises(UsageError, match="cannot be allowed"):
        checks.check_allowed(["missing-glyph"])


def test_an_allowed_error_is_a_warning_that_says_so(library: TinyLibrary) -> None:
    library.body("\nRing 76 36 14 00\n")
    (finding,) = found(library, "contact-literal")
    assert checks.blocks_rendering(finding)
    (finding,) = found(library, "contact-literal", allow=["contact-literal"])
    assert finding.severity is Severity.WARNING
    assert finding.message.endswith("(allowed this once)")
    assert not checks.blocks_rendering(finding)


def test_only_a_known_code_can_be_allowed() -> None:
    with pytest.raises(UsageError, match="did you mean “contact-literal”"):
        checks.check_allowed(["contact-literl"])
