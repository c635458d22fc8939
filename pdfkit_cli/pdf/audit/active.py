"""Checks that a PDF contains no active content: no script, no program, no submitted form, no address that opens without a click."""

from collections.abc import Iterator

from pdfkit_cli.pdf import objects
from pdfkit_cli.pdf.audit.report import AuditIssue
from pdfkit_cli.pdf.merge import actions


def active_content_issues(pdf: bytes) -> Iterator[AuditIssue]:
    """Report active content by its name in the standard; a file that cannot be read is reported elsewhere."""
    try:
        found = actions.find_actions(objects.open_pdf(pdf))
    except objects.PDF_ERRORS:
        return
    for kind in sorted(found):
        yield AuditIssue("active", f"it contains something that acts on the reader's machine: {kind[1:]}")
