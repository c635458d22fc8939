"""Findings as SARIF 2.1.0 (OASIS), which code hosts and editors show next to the lines."""

from collections.abc import Iterable, Mapping
from typing import Any

from pdfkit_cli import __version__
from pdfkit_cli.checks import all_rules
from pdfkit_cli.errors import Finding

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif_log(findings: Iterable[Finding]) -> Mapping[str, Any]:
    """Return a SARIF log with one run. A finding that comes from no rule (an unreadable file) has its own code as its rule."""
    results = [_result(finding) for finding in findings]
    codes = sorted({*all_rules(), *(result["ruleId"] for result in results)})
    driver = {"name": "pdfkit", "version": __version__, "rules": [_rule(code) for code in codes]}
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _rule(code: str) -> Mapping[str, Any]:
    rule = all_rules().get(code)
    title = rule.title if rule else "A file of the library that is not valid"
    return {"id": code, "shortDescription": {"text": title}}


def _result(finding: Finding) -> Mapping[str, Any]:
    place = finding.place
    location: dict[str, Any] = {"artifactLocation": {"uri": place.file}}
    if place.line:
        location["region"] = {"startLine": place.line, "startColumn": place.column or 1}
    return {
        "ruleId": finding.code,
        "level": str(finding.severity),
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": location}],
    }
