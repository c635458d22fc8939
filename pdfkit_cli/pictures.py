"""Pictures of the library: found inside their folder, and looked into before anything draws them."""

import re
import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from PIL import Image, ImageFile

from pdfkit_cli.errors import Finding, Place, SourceError

LIMIT_BYTES = 5_000_000
LIMIT_PIXELS = 50_000_000
"""An A4 page at 600 dpi has 35 million pixels; what is larger is a mistake or a bomb."""

RASTER = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:|^//", re.I)
_OUTSIDE = re.compile(r"url\(\s*+['\"]?+\s*+[^#)\s]|@import|image-set|\\", re.I)
"""CSS that reads another file, or that hides with a backslash what it reads."""


def inside(folder: Path, relative: str, place: Place) -> Path:
    """Return the file that `relative` names in `folder`. Raises SourceError where it is not in there."""
    if _SCHEME.match(relative):
        raise _error("remote-picture", f"picture “{relative}” is not in the leaflet's folder; save it there", place)
    path = folder / relative
    try:
        outside = not path.resolve().is_relative_to(folder.resolve())
        missing = not path.is_file()
    except (OSError, ValueError, RuntimeError):
        outside, missing = False, True
    if outside or Path(relative).is_absolute() or ".." in Path(relative).parts:
        raise _error(
            "picture-outside", f"picture “{relative}” leads out of {folder.as_posix()}; copy it into there", place
        )
    if missing:
        raise _error(
            "missing-picture",
            f"there is no picture “{relative}” in {folder.as_posix()}; add it or mend the name",
            place,
        )
    return path


def read(path: Path, place: Place) -> bytes:
    """Return the bytes of a PNG, JPEG or SVG that is safe to draw. Raises SourceError."""
    name = path.as_posix()
    try:
        if (size := path.stat().st_size) > LIMIT_BYTES:
            raise _error(
                "large-picture",
                f"{name} is {size / 1e6:.1f} MB; the limit is {LIMIT_BYTES / 1e6:.0f} MB, so save it smaller",
                place,
            )
        data = path.read_bytes()
    except OSError as error:
        raise _error("unreadable", f"{name} cannot be read: {error.strerror}", place) from None
    if path.suffix.lower() == ".svg":
        _check_svg(data, name, place)
    elif path.suffix.lower() in RASTER:
        _check_raster(data, RASTER[path.suffix.lower()], name, place)
    else:
        raise _error("picture-kind", f"{name} is not a PNG, JPEG or SVG picture; save it as one", place)
    return data


def pixels(path: Path, data: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG or JPEG that has been looked into; None of a drawing."""
    if path.suffix.lower() not in RASTER:
        return None
    with Image.open(BytesIO(data)) as image:
        return image.size


def _error(code: str, message: str, place: Place) -> SourceError:
    return SourceError([Finding(code, message, place)])


def _check_raster(data: bytes, kind: str, name: str, place: Place) -> None:
    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = (
        ImageFile.LOAD_TRUNCATED_IMAGES,
        False,
    )  # WeasyPrint sets it where it is loaded
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=[kind]) as image:
                width, height = image.size
                if width * height <= LIMIT_PIXELS:
                    image.load()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        width, height = LIMIT_PIXELS, LIMIT_PIXELS
    except (OSError, SyntaxError, ValueError):
        raise _error("broken-picture", f"{name} is not a whole {kind} picture; save it again", place) from None
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient
    if width * height > LIMIT_PIXELS:
        message = f"{name} has more than {LIMIT_PIXELS // 1_000_000} million pixels; save it with fewer"
        raise _error("large-picture", message, place)


def _check_svg(data: bytes, name: str, place: Place) -> None:
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, ValueError, LookupError, DefusedXmlException) as error:
        what = (
            "has a DOCTYPE or entities; remove them"
            if isinstance(error, DefusedXmlException)
            else f"is broken: {error}; save it again"
        )
        raise _error("broken-picture", f"{name} {what}", place) from None
    if root.tag not in ("svg", "{http://www.w3.org/2000/svg}svg"):
        raise _error("broken-picture", f"{name} is not an SVG picture (its root is “{root.tag}”)", place)
    if problems := sorted(set(_svg_problems(root))):
        raise SourceError([Finding("unsafe-picture", f"{name} {problem}; remove it", place) for problem in problems])


def _svg_problems(root: Element) -> Iterator[str]:
    for element in root.iter():
        tag = str(element.tag).rpartition("}")[2].lower()
        if tag in ("script", "foreignobject", "iframe"):
            yield f"contains <{tag}>"
        if tag == "text" or tag == "tspan":
            yield "contains text, which stays in one language; write it in the caption, or draw it as paths"
        for key, value in element.attrib.items():
            attribute = key.rpartition("}")[2].lower()
            if attribute.startswith("on"):
                yield f"contains a script ({attribute})"
            elif (attribute in ("href", "src") and not value.strip().startswith("#")) or _OUTSIDE.search(value):
                yield f"refers to something outside itself ({value[:40]})"
        if tag == "style" and _OUTSIDE.search(element.text or ""):
            yield "refers to something outside itself (in <style>)"
