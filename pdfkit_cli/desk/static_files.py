"""Stylesheets, scripts and fonts, and the colours and logo of each clinic."""

from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from pdfkit_cli.content.library import BrandEntry
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.desk.templating import ProblemError, current_library
from pdfkit_cli.output.catalogue import page
from pdfkit_cli.output.catalogue.brand_css import brand_css

STATIC = Path(__file__).parent / "static"
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".ttf": "font/ttf"}

_SAFE_SVG = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""For an SVG that is opened by itself: no script in it runs."""


def _find_static_files() -> dict[str, Path]:
    """Return all static files by their address: no path from a browser reaches the disk."""
    own = (path for path in sorted(STATIC.iterdir()) if path.suffix in MEDIA_TYPES)
    shared = (page.STATIC / name for name in ("icon.svg", "shared.css"))
    fonts = sorted(packaged_folder("fonts").glob("*/*.ttf"))
    return {f"/static/{path.name}": path for path in (*own, *shared)} | {f"/fonts/{path.name}": path for path in fonts}


STATIC_FILES = _find_static_files()


async def static_file(request: Request) -> Response:
    """Send a static file."""
    path = STATIC_FILES.get(request.url.path)
    if path is None:
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    kept = "public, max-age=31536000, immutable" if path.suffix == ".ttf" else "private, no-cache"
    return FileResponse(path, media_type=MEDIA_TYPES[path.suffix], headers={"cache-control": kept})


def _requested_brand(request: Request) -> BrandEntry:
    """Return the brand of the clinic in the address. Raises ProblemError if there is none."""
    library = current_library(request)
    clinic = library.clinics.get(request.path_params["clinic"])
    entry = library.brands.get(clinic.model.brand) if clinic else None
    if entry is None:
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    return entry


async def clinic_css(request: Request) -> Response:
    """Send the colours of a clinic."""
    entry = _requested_brand(request)
    return Response(brand_css(entry.model), media_type="text/css", headers={"cache-control": "private, no-cache"})


async def clinic_logo(request: Request) -> Response:
    """Send the logo of a clinic, which was checked when the library was loaded."""
    entry = _requested_brand(request)
    headers = {"cache-control": "private, no-cache", "content-security-policy": _SAFE_SVG}
    return FileResponse(entry.logo.path, media_type=MEDIA_TYPES[".svg"], headers=headers)


ROUTES = [
    Route("/static/{name}", static_file),
    Route("/fonts/{name}", static_file),
    Route("/brand/{clinic}.css", clinic_css),
    Route("/brand/{clinic}/logo.svg", clinic_logo),
]
