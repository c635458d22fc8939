"""What the pages are made of: stylesheets, scripts, fonts, and the colours and logo of each clinic."""

from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from pdfkit_cli.brands import stylesheet
from pdfkit_cli.desk.page import ProblemError, catalogue_of
from pdfkit_cli.layout import packaged

STATIC = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".ttf": "font/ttf"}

_SAFE_SVG = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""For an SVG that somebody opens by itself: it draws, and runs nothing."""


def _known() -> dict[str, Path]:
    """Return every file that may be asked for, by its address: no path from a browser reaches the disk."""
    own = {f"/static/{path.name}": path for path in sorted(STATIC.iterdir()) if path.suffix in TYPES}
    return own | {f"/fonts/{path.name}": path for path in sorted(packaged("fonts").glob("*/*.ttf"))}


KNOWN = _known()


async def static(request: Request) -> Response:
    """Send a file of the desk itself."""
    path = KNOWN.get(request.url.path)
    if path is None:
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    kept = "public, max-age=31536000, immutable" if path.suffix == ".ttf" else "private, no-cache"
    return FileResponse(path, media_type=TYPES[path.suffix], headers={"cache-control": kept})


async def brand(request: Request) -> Response:
    """Send the colours of a clinic."""
    catalogue = catalogue_of(request)
    clinic = catalogue.clinics.get(request.path_params["clinic"])
    entry = catalogue.brands.get(clinic.model.brand) if clinic else None
    if entry is None:
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    return Response(stylesheet(entry.model), media_type="text/css", headers={"cache-control": "private, no-cache"})


async def logo(request: Request) -> Response:
    """Send the logo of a clinic, which has been looked into when the library was loaded."""
    catalogue = catalogue_of(request)
    clinic = catalogue.clinics.get(request.path_params["clinic"])
    entry = catalogue.brands.get(clinic.model.brand) if clinic else None
    if entry is None:
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    headers = {"cache-control": "private, no-cache", "content-security-policy": _SAFE_SVG}
    return FileResponse(entry.logo.path, media_type=TYPES[".svg"], headers=headers)


ROUTES = [
    Route("/static/{name}", static),
    Route("/fonts/{name}", static),
    Route("/brand/{clinic}.css", brand),
    Route("/brand/{clinic}/logo.svg", logo),
]
