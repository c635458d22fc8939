"""What no validator sees in a tagged PDF: whether its parts agree with each other.

A validator asks whether each part of a file is well formed. A file whose marks point at the wrong element, whose bookmarks lead to the
wrong page, or whose language is another one, is; what a person hears of it is wrong. Every rule here holds for all PDFs that pdfkit makes and joins.
"""

from collections.abc import Callable, Iterator

from pdfkit_cli.pdf.audit import active, elements, navigation, page_content, parts, tags
from pdfkit_cli.pdf.audit.document import AuditedPdf, InvalidPdfError, read_pdf
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
    """Return all that is wrong with a PDF, nothing for a good one; at most some of each kind.

    Never raises for what stands in the file: what cannot be followed is a fault. Time and memory are bounded by counts only;
    a file of unknown origin belongs into a process with limits.
    """
    try:
        return (*audit_document(read_pdf(pdf)), *active.active_content_issues(pdf))
    except InvalidPdfError as error:
        return (error.issue,)


def audit_document(document: AuditedPdf) -> tuple[AuditIssue, ...]:
    """Return all that is wrong with a PDF that has been read; never raises, like `check`."""
    found = [*document.issues, *document.structure.issues, *document.painted.issues]
    for rule in RULES:
        try:
            found += rule(document)
        except PDF_ERRORS as error:
            found.append(AuditIssue("strange", f"it is made so that it cannot be checked: {type(error).__name__}"))
    return tuple(limit_repeats(found))
