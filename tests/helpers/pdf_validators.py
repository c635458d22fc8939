"""The test oracle: everything that can be known to be wrong with a PDF, from two checkers that others wrote and one of ours."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import outloud
import page
from pikepdf import Array, Dictionary, Pdf
from pypdf import PdfReader

from pdfkit_cli.pdf import audit
from tests.helpers.conforming_pdf import elements

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
        if finding.rule in NOT_ASKED or finding.severity == "info":
            continue
        if not (_is_furniture(finding, pdf) or _is_joined_letter(finding) or _is_of_a_form(finding, pdf)):
            yield Wrong("outloud", finding.rule, f"{finding.message} {finding.evidence or ''}".strip())


def _is_furniture(finding: Any, pdf: bytes) -> bool:
    """Say whether outloud takes a running title of many words for prose (TAG-002): it stands at the edge of its page."""
    if finding.rule != "TAG-002" or not finding.boxes:
        return False
    pages = PdfReader(BytesIO(pdf)).pages
    for box in finding.boxes:
        trim = pages[box["page"] - 1].trimbox  # around a leporello are marks for folding
        edge = EDGE * float(trim.height)
        if float(trim.bottom) + edge < box["y1"] and box["y0"] < float(trim.top) - edge:
            return False
    return True


def _is_joined_letter(finding: Any) -> bool:
    """Say whether outloud takes the shapes of one Arabic letter, by what stands beside it, for a font that maps all alike (TXT-004)."""
    found = re.fullmatch(r"font [^:]+: \d different codes all map to U\+06[2-4][0-9A-F] '.'", finding.message)
    return finding.rule == "TXT-004" and found is not None


def _is_of_a_form(finding: Any, pdf: bytes) -> bool:
    """Say whether outloud takes text of the page for that of a form with the same number, as it does not know /Stm (TAG-031)."""
    if finding.rule != "TAG-031":
        return False
    kind, words = finding.location["element"].rpartition("/")[2], finding.location["replacement"]
    with Pdf.open(BytesIO(pdf)) as opened:
        here = opened.pages[finding.page - 1].objgen
        spoken = [
            each for each in elements(opened, kind) if str(each.get("/ActualText", each.get("/Alt", ""))) == words
        ]
        kids = [
            kid
            for each in spoken
            for kid in (each.K if isinstance(each.K, Array) else [each.K])
            if (kid if isinstance(kid, Dictionary) and "/Pg" in kid else each).Pg.objgen == here
        ]
        return bool(kids) and all(isinstance(kid, Dictionary) and "/Stm" in kid for kid in kids)
