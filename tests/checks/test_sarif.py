"""Findings as SARIF."""

from pdfkit_cli.checks import all_rules
from pdfkit_cli.checks.sarif import sarif_log
from pdfkit_cli.errors import Finding, Severity, SourceLocation


def test_a_log_names_each_finding_with_rule_level_and_place() -> None:
    found = [
        Finding("contact-literal", "a phone", SourceLocation("leaflets/a.md", 3, 4)),
        Finding("bad-name", "a name", SourceLocation("leaflets/b"), Severity.WARNING),
    ]
    log = sarif_log(found)
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert set(rules) == {*all_rules(), "bad-name"}
    first, second = run["results"]
    assert (first["ruleId"], first["level"], first["message"]["text"]) == ("contact-literal", "error", "a phone")
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "leaflets/a.md"},
        "region": {"startLine": 3, "startColumn": 4},
    }
    assert second["level"] == "warning"
    assert "region" not in second["locations"][0]["physicalLocation"]
