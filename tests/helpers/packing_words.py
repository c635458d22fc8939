"""What a report says of a row, in English."""

from pdfkit_cli.packs.batch import RowResult
from pdfkit_cli.packs.job_list import JobRow
from pdfkit_cli.packs.problems import in_one_line


def row_words(row: JobRow | RowResult) -> str:
    """Return what is wrong with a row, in one line."""
    return in_one_line(row.problems, "en")
