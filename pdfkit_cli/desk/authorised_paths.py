"""What a browser asks for by its path, looked up among what may be handed out today."""

from http import HTTPStatus

from starlette.requests import Request

from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.desk.templating import ProblemError, current_catalogue, desk_state
from pdfkit_cli.output.catalogue.cards import leaflet_state


def authorised_output(request: Request, path: str) -> OutputKey:
    """Return a PDF that may be handed out. Raises ProblemError: no path from a browser reaches the disk, and no leaflet that is overdue."""
    library, state = current_catalogue(request), desk_state(request).library
    output_key = state.now.output_keys.get(path)
    if output_key is None:
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    leaflet = library.leaflets.get(output_key.edition.leaflet)
    if leaflet is None or not leaflet_state(leaflet, state.today, 0).printable:
        raise ProblemError("not_printable", HTTPStatus.GONE)
    return output_key
