"""Images inside a drawing: embedded PNG and JPEG, and the addresses of external ones."""

import base64
import binascii
import re
from typing import Final
from urllib.parse import unquote_to_bytes
from xml.etree.ElementTree import Element

from pdfkit_cli.pdf.geometry import IDENTITY, multiply
from pdfkit_cli.pdf.images import rasters
from pdfkit_cli.pdf.images.svg import geometry, tree
from pdfkit_cli.pdf.images.svg.document import SvgDocument
from pdfkit_cli.pdf.images.svg.frames import DrawingContext, viewport_transform
from pdfkit_cli.pdf.images.svg.model import Clip, DrawingGroup, DrawingItem, RasterImage
from pdfkit_cli.pdf.images.svg.style import Style

_DATA: Final = re.compile(r"\s*data:image/(png|jpe?g)((?:;[^,;]*)*),(.*)", re.S | re.I)


def read_image(document: SvgDocument, element: Element, style: Style, around: DrawingContext) -> list[DrawingItem]:
    """Return an `image` in its viewport."""
    match = _DATA.match(tree.href(element) or "")
    if match is None:
        address = (tree.href(element) or "").strip()
        if address.startswith("data:"):
            document.report(element, "contains an <image> that is neither PNG nor JPEG; save it as one of them")
        return [RasterImage(b"", "", IDENTITY, address)] if address and not address.startswith("data:") else []
    kind = "PNG" if match[1].lower() == "png" else "JPEG"
    data = _decoded(match[2], match[3])
    if problem := rasters.image_problem(data, kind):
        document.report(element, f"contains an <image> that {problem}")
        return []
    if style.get("visibility", "visible") != "visible":
        return []
    across, down = rasters.displayed_size(data)
    x, y, _, _ = document.place(element, style, around)
    width, height = (document.length(element, style, key, 0.0, around.size) for key in ("width", "height"))
    width, height = _image_size(width, height, across, down)
    fit = document.fit(element)
    matrix = multiply((across, 0, 0, down, 0, 0), viewport_transform((0, 0, across, down), width, height, fit))
    clips = (Clip(geometry.rectangle(0, 0, width, height)),) if "slice" in fit else ()
    return [DrawingGroup((RasterImage(data, kind, matrix),), (1, 0, 0, 1, x, y), clips=clips)]


def _image_size(width: float, height: float, across: float, down: float) -> tuple[float, float]:
    """Return the size of an image of which width or height may be missing."""
    if width and height:
        return width, height
    if width:
        return width, width * down / across
    return (height * across / down, height) if height else (across, down)


def _decoded(parameters: str, text: str) -> bytes:
    data = unquote_to_bytes(text)
    if "base64" not in parameters.lower():
        return data
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""
