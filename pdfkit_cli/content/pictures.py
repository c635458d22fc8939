"""Finds the pictures of a library and checks that they are safe to draw."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from pdfkit_cli.content import yaml_source
from pdfkit_cli.content.inspections import ResultCache
from pdfkit_cli.errors import Finding, SourceError, SourceLocation
from pdfkit_cli.system.codec import storable

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_PICTURE_BYTES = 5_000_000

_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:|^//", re.I)
_EXTERNAL_REFERENCE = re.compile(r"url\(\s*+['\"]?+\s*+[^#)\s]|@import|image-set|\\", re.I)
"""CSS that reads another file, or that might hide this with a backslash."""

MAX_SMALL_WIDTH: Final = 246
"""The greatest width of a small drawing in CSS pixels, 65 mm, by the width that the drawing itself gives."""

_CALLOUT = re.compile(r"callout-([1-9]\d{0,2})")


def resolve_inside(folder: Path, relative: str, place: SourceLocation) -> Path:
    """Return the path of the file that `relative` names in `folder`. Raises SourceError if it is missing or outside `folder`."""
    if _SCHEME.match(relative):
        raise _picture_error(
            "remote-picture", f"picture “{relative}” is not in the leaflet's folder; save it there", place
        )
    path = folder / relative
    try:
        outside = not path.resolve().is_relative_to(folder.resolve())
        missing = not path.is_file()
    except (OSError, ValueError, RuntimeError):
        outside, missing = False, True
    if outside or Path(relative).is_absolute() or ".." in Path(relative).parts:
        raise _picture_error(
            "picture-outside",
            f"picture “{relative}” leads out of {folder.as_posix()}; copy the picture into that folder",
            place,
        )
    if missing:
        raise _picture_error(
            "missing-picture",
            f"there is no picture “{relative}” in {folder.as_posix()}; add it or correct the name",
            place,
        )
    return path


@storable
@dataclass(frozen=True, slots=True)
class PictureInspection:
    """What a picture is: its problems (code, line, column, message), its size in pixels, and whether it has transparency."""

    problems: tuple[tuple[str, int, int, str], ...] = ()
    pixels: tuple[int, int] | None = None
    """The displayed width and height of a PNG or JPEG; None for an SVG."""

    see_through: bool = False
    ratio: float = 0.0
    """The width of an SVG divided by its height, from its viewBox; 0 if it has no valid one."""

    callouts: tuple[int, ...] = ()
    """The numbers of the callouts of an SVG: of its elements with the ids `callout-1`, `callout-2` …"""

    small: bool = False
    """Whether it is a drawing that gives its width, of at most MAX_SMALL_WIDTH."""


class CheckedPicture(NamedTuple):
    """The bytes of a picture that is safe to draw, their SHA-256, and what they show."""

    data: bytes
    digest: str
    found: PictureInspection


def read_picture(path: Path, place: SourceLocation) -> CheckedPicture:
    """Return a PNG, JPEG or SVG picture. Raises SourceError if it cannot be read or is not safe to draw."""
    name = path.as_posix()
    try:
        if (size := path.stat().st_size) > MAX_PICTURE_BYTES:
            raise _picture_error(
                "large-picture",
                f"{name} is {size / 1e6:.1f} MB; the limit is {MAX_PICTURE_BYTES / 1e6:.0f} MB, so save it smaller",
                place,
            )
        data = path.read_bytes()
    except OSError as error:
        raise _picture_error(
            "unreadable", f"{name} cannot be read: {error.strerror}; repair or remove it", place
        ) from None
    kind, inspect = _INSPECTORS.get(path.suffix.lower(), ("", None))
    if inspect is None:
        raise _picture_error("picture-kind", f"{name} is not a PNG, JPEG or SVG picture; save it as one", place)
    digest = yaml_source.sha256_hex(data)
    found = _pictures.get(f"{kind}-{digest}", partial(inspect, data))
    if found.problems:
        raise SourceError(
            Finding(code, f"{name}:{line}:{column} {message}" if line else f"{name} {message}", place)
            for code, line, column, message in found.problems
        )
    return CheckedPicture(data, digest, found)


def _picture_error(code: str, message: str, place: SourceLocation) -> SourceError:
    return SourceError([Finding(code, message, place)])


def _inspect_raster(data: bytes, kind: str) -> PictureInspection:
    from pdfkit_cli.pdf.images import rasters  # and Pillow, which many libraries never need

    if problem := rasters.image_problem(data, kind):
        code = "large-picture" if "pixels" in problem else "broken-picture"
        return PictureInspection(((code, 0, 0, problem),))
    return PictureInspection((), rasters.displayed_size(data), rasters.has_transparency(data, kind))


def _inspect_svg(data: bytes) -> PictureInspection:
    from pdfkit_cli.pdf.images.svg import reader, tree  # and a CSS parser and fontTools: only for new drawings

    try:
        root = tree.parse(data)
        tree.remove_non_graphics(root)
        unsafe = [
            ("unsafe-picture", *tree.position(element), f"{what}; remove it")
            for element, what in _unsafe_elements(root)
        ]
        drawing, undrawable = reader.read_drawing(root)
    except tree.InvalidSvgError as error:
        return PictureInspection((("broken-picture", 0, 0, str(error)),))
    except Exception as error:  # reject the drawing rather than crash during a build
        message = f"cannot be drawn ({type(error).__name__}); export the drawing as a PNG, and please report this"
        return PictureInspection((("undrawable-picture", 0, 0, message),))
    found = {*unsafe, *(("undrawable-picture", *problem) for problem in undrawable)}
    ratio = drawing.view[2] / drawing.view[3] if root.get("viewBox", "").strip() else 0.0
    problems = tuple(sorted(found, key=lambda item: item[1:]))
    small = drawing.width is not None and drawing.width <= MAX_SMALL_WIDTH
    return PictureInspection(problems, None, drawing.see_through, ratio, _callouts(root), small)


def _callouts(root: "Element") -> tuple[int, ...]:
    numbers = (_CALLOUT.fullmatch(element.get("id", "")) for element in root.iter())
    return tuple(sorted({int(number[1]) for number in numbers if number}))


_INSPECTORS: Final[Mapping[str, tuple[str, Callable[[bytes], PictureInspection]]]] = {
    ".svg": ("svg", _inspect_svg),
    ".png": ("png", partial(_inspect_raster, kind="PNG")),
    ".jpg": ("jpeg", partial(_inspect_raster, kind="JPEG")),
    ".jpeg": ("jpeg", partial(_inspect_raster, kind="JPEG")),
}
"""The name and the inspection of each kind of picture, by the ending of its name."""

_pictures = ResultCache[PictureInspection]("picture", lambda picture: not picture.problems)


def _unsafe_elements(root: "Element") -> Iterator[tuple["Element", str]]:
    from pdfkit_cli.pdf.images.svg import allowed, tree

    for element in root.iter():
        tag = tree.local_name(element).lower()
        if tag in allowed.UNSAFE:
            yield element, f"contains <{tag}>"
        if tag in allowed.TEXT_TAGS:
            yield element, allowed.TEXT
        for key, value in element.attrib.items():
            attribute = key.rpartition("}")[2].lower()
            if attribute.startswith("on"):
                yield element, f"contains a script ({attribute})"
            elif (
                attribute in ("href", "src") and not _is_internal_reference(tag, value)
            ) or _EXTERNAL_REFERENCE.search(value):
                yield element, f"refers to something outside itself ({value[:40]})"
        if tag == "style" and _EXTERNAL_REFERENCE.search("".join(element.itertext())):
            yield element, "refers to something outside itself (in <style>)"


def _is_internal_reference(tag: str, address: str) -> bool:
    address = address.strip()
    return address.startswith("#") or (tag == "image" and address.lower().startswith("data:image/"))
