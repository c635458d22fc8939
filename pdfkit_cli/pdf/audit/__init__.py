"""Checks that the parts of a tagged PDF agree with each other, which validators of PDF/UA and PDF/A do not check.

In a well-formed file a mark may point to the wrong element, a bookmark may lead to the wrong page, or the language may
be another one: a validator accepts it, and a screen reader reads nonsense.
Every rule applies to all PDFs that pdfkit makes and merges.
"""

from collections.abc import Callable, Iterator

from pdfkit_cli.pdf.audit import active, elements, navigation, page_content, parts, tags
from pdfkit_cli.pdf.audit.audited_pdf import AuditedPdf, InvalidPdfError, read_pdf
from pdfkit_cli.pdf.audit.report import AuditIssue, limit_repeats
from pdfkit_cli.pdf.objects import PDF_ERRORS

__all__ = ["AuditIssue", "AuditedPdf", "InvalidPdfError", "audit", "audit_document", "limit_repeats", "read_pdf"]

RULES: tuple[Callable[[AuditedPdf], Iterator[AuditIssue]], ...] = (
    tags.tag_issues,
    lambda document: parts.part_issues(document.parts),
    elements.element_issues,
    navigation.navigation_issues,
    page_content.page_content_issues,
)


def audit(pdf: bytes) -> tuple[AuditIssue, ...]:
    """Return the issues of a PDF, at most MAX_REPEATS of each kind.

    Never raises because of the content of the file: what cannot be read is an issue.
    Only counts limit time and memory; open a file of unknown origin in a process with limits.
    """
    try:
        return (*audit_document(read_pdf(pdf)), *active.active_content_issues(pdf))
    except InvalidPdfError as error:
        return (error.issue,)


def audit_document(document: AuditedPdf) -> tuple[AuditIssue, ...]:
    """Return the issues of a PDF that has been read; never raises, like `audit`."""
    found = [*document.issues, *document.structure.issues, *document.painted.issues]
    for rule in RULES:
        try:
            found += rule(document)
        except PDF_ERRORS as error:
            message = f"its structure is so unusual that it cannot be checked ({type(error).__name__})"
            found.append(AuditIssue("strange", message))
    return tuple(limit_repeats(found))
