"""The PDF for the print window: it says itself how many copies, on which sides, and that nothing is scaled.

Browsers take that over (ISO 32000-1, table 150), so that nobody has to type it again. The published PDF stays as it is.
"""

from http import HTTPStatus
from io import BytesIO
from typing import Final

from pikepdf import Dictionary, Name, Pdf
from starlette.requests import Request

from pdfkit_cli.content.models import Format
from pdfkit_cli.desk.templating import ProblemError, parse_page_number

MAX_COPIES: Final = 500
"""Copies in one print job: enough for a waiting room, and a slip of the finger is refused."""


def requested_copies(request: Request) -> int | None:
    """Return how many copies an address asks for, None if it does not say. Raises ProblemError."""
    text = request.query_params.get("copies")
    if text is None:
        return None
    copies = parse_page_number(text)
    if copies is None or not 1 <= copies <= MAX_COPIES:
        raise ProblemError("copies_wrong", HTTPStatus.BAD_REQUEST, most=MAX_COPIES)
    return copies


def print_job(pdf: bytes, form: Format, copies: int) -> bytes:
    """Return a PDF of this format with the preferences of a print job."""
    with Pdf.open(BytesIO(pdf)) as job:
        preferences = job.Root.get("/ViewerPreferences", Dictionary())
        preferences["/NumCopies"] = copies
        preferences["/PrintScaling"] = Name("/None")
        preferences["/Duplex"] = Name(_duplex(form))
        job.Root["/ViewerPreferences"] = preferences
        out = BytesIO()
        job.save(out)
    return out.getvalue()


def _duplex(form: Format) -> str:
    """One page is printed on one side, or its second copy would be on the back of the first."""
    if form.one_page:
        return "/Simplex"
    return "/DuplexFlipLongEdge" if form.duplex == "long-edge" else "/DuplexFlipShortEdge"
