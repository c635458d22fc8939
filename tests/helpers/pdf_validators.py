"""The test oracle: everything that can be known to be wrong with a PDF, from two checkers that others wrote and one of ours."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import outloud
import page
from pypdf import PdfReader

from pdfkit_cli.pdf import audit

PROFILES = {"ua1": "PDF/UA-1", "2a": "PDF/A-2a"}
LIMITS = page.SafetyLimits(max_reference_depth=4096)
"""The default depth of 256 references ends inside a long leaflet's tree; then everything below counts as untagged."""

NOT_ASKED = {
    "ORD-001": "content need not be painted in reading order: imprints and booklets are not; test_reading.py hears the order",
    "TAG-032": "it compares what is heard with the glyphs in the order of the eye; the invariant actual-text knows Arabic",
    "LNK-010": "an address is printed behind the words that are its link, for those who read on paper",
}
"""Rules of outloud that ask for something else than we do."""

EDGE = 0.1
"""Share of a page above and below where its furniture stands, which outloud does not tell from prose."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong: who says so, under which code, and in which words."""

    checker: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.checker}: {self.message} [{self.code}]"


def wrongs(pdf: bytes, *, archival: bool = True) -> list[Wrong]:
    """Return all that the three checkers find wrong with a PDF; nothing for one that a hospital can trust.

    One in the inks of a press is not `archival`: it claims no PDF/A.
    """
    profiles = PROFILES if archival else {"ua1": PROFILES["ua1"]}
    return [*_validated(pdf, profiles), *_heard(pdf), *(Wrong("pdfkit", f.code, str(f)) for f in audit.audit(pdf))]


def _validated(pdf: bytes, profiles: Mapping[str, str]) -> Iterator[Wrong]:
    for profile, called in profiles.items():
        try:
            report = page.validate_pdf_bytes(pdf, profile=profile, limits=LIMITS)
        except page.PageError as error:
            yield Wrong(called, "unreadable", str(error))
            continue
        for failure in report.failures:
            yield Wrong(called, failure.rule_id, failure.message)


def _heard(pdf: bytes) -> Iterator[Wrong]:
    with NamedTemporaryFile(suffix=".pdf") as file:
        Path(file.name).write_bytes(pdf)
        result = outloud.check(file.name)
    if result.error:
        yield Wrong("outloud", "unreadable", result.error)
    for run in result.runs:
        if run.status == "crashed":
            yield Wrong("outloud", run.rule, f"its rule crashed: {run.reason}")
    for finding in result.findings:
        if finding.rule not in NOT_ASKED and finding.severity != "info" and not _is_furniture(finding, pdf):
            yield Wrong("outloud", finding.rule, f"{finding.message} {finding.evidence or ''}".strip())


def _is_furniture(finding: Any, pdf: bytes) -> bool:
    """Say whether outloud takes a running title of many words for prose (TAG-002): it stands at the edge of its page."""
    if finding.rule != "TAG-002" or not finding.boxes:
        return False
    pages = PdfReader(BytesIO(pdf)).pages
    for box in finding.boxes:
        height = float(pages[box["page"] - 1].mediabox.height)
        if EDGE * height < box["y1"] and box["y0"] < height - EDGE * height:
            return False
    return True
