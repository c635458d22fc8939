"""Runs one rule, or all, on a tiny library."""

from collections.abc import Collection, Iterable
from datetime import date

from pdfkit_cli import checks
from pdfkit_cli.checks.rule import CheckContext
from pdfkit_cli.content import loader
from pdfkit_cli.errors import Finding
from pdfkit_cli.output.manifest import Manifest
from tests.helpers.packaged_layouts import packaged_layouts
from tests.helpers.tiny_library import TinyLibrary

DAY = date(2026, 11, 21)
UNFINISHED = {"draft-leaflet", "translation-unreviewed", "translation-unrecorded"}


def wrong(findings: Iterable[Finding]) -> list[Finding]:
    """Return what is wrong with a library of drafts and fresh translations, besides that they are."""
    return [finding for finding in findings if finding.code not in UNFINISHED]


def subject(library: TinyLibrary, as_of: date = DAY, published: Manifest | None = None) -> CheckContext:
    loaded = loader.load_library(library.root)
    assert not loaded.findings, loaded.findings
    return CheckContext(loaded, packaged_layouts(), as_of, published or Manifest())


def found(
    library: TinyLibrary,
    code: str = "",
    as_of: date = DAY,
    published: Manifest | None = None,
    allow: Collection[str] = (),
) -> list[Finding]:
    """Return what the rule with this code finds, or what all rules find."""
    asked = subject(library, as_of, published)
    return [
        finding
        for finding in (*checks.settings_findings(asked), *checks.run_checks(asked, allow))
        if code in ("", finding.code)
    ]


def said(library: TinyLibrary, code: str = "", as_of: date = DAY, published: Manifest | None = None) -> list[str]:
    """Return the same as a user reads it, with places below the library's folder."""
    root = f"{library.root.as_posix()}/"
    return [str(finding).replace(root, "") for finding in found(library, code, as_of, published)]
