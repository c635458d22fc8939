"""What a browser asks for by its path, looked up among what may be handed out today."""

from http import HTTPStatus

from starlette.requests import Request

from pdfkit_cli.desk.cards import state_of
from pdfkit_cli.desk.page import ProblemError, catalogue_of, desk_of
from pdfkit_cli.editions import Printing


def printable(request: Request, path: str) -> Printing:
    """Return a PDF that may be handed out. Raises ProblemError: no path from a browser reaches the disk, and no leaflet that is overdue."""
    catalogue, library = catalogue_of(request), desk_of(request).library
    printing = library.now.offers.get(path)
    if printing is None:
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    leaflet = catalogue.leaflets.get(printing.edition.leaflet)
    if leaflet is None or not state_of(leaflet, library.today, 0).printable:
        raise ProblemError("not_printable", HTTPStatus.GONE)
    return printing
