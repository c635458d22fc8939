"""Finds the pictures of a library and checks that they are safe to draw."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from pdfkit_cli.content import yaml_source
from pdfkit_cli.errors import Finding, SourceError, SourceLocation
from pdfkit_cli.pdf.images import rasters
from pdfkit_cli.pdf.images.svg import allowed, reader, tree
from pdfkit_cli.system.caching import BoundedCache

MAX_PICTURE_BYTES = 5_000_000
MAX_CACHED_INSPECTIONS = 2_000
"""Drawings whose inspection is cached: the desk reloads its library often."""

_NUMBER = re.compile(r"-?[\d.]+(?:e-?\d+)?")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:|^//", re.I)
_EXTERNAL_REFERENCE = re.compile(r"url\(\s*+['\"]?+\s*+[^#)\s]|@import|image-set|\\", re.I)
"""CSS that reads another file, or that might hide this with a backslash."""


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


def read_picture(path: Path, place: SourceLocation) -> bytes:
    """Return the bytes of a PNG, JPEG or SVG picture. Raises SourceError if it cannot be read or is not safe to draw."""
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
    if path.suffix.lower() == ".svg":
        _check_svg(data, name, place)
    elif path.suffix.lower() in rasters.FORMATS_BY_TYPE:
        _check_raster(data, rasters.FORMATS_BY_TYPE[path.suffix.lower()], name, place)
    else:
        raise _picture_error("picture-kind", f"{name} is not a PNG, JPEG or SVG picture; save it as one", place)
    return data


def pixel_size(path: Path, data: bytes) -> tuple[int, int] | None:
    """Return the displayed width and height, in pixels, of a PNG or JPEG that has been checked; None for an SVG."""
    return rasters.displayed_size(data) if path.suffix.lower() in rasters.FORMATS_BY_TYPE else None


def svg_ratio(data: bytes) -> float:
    """Return the width of an SVG divided by its height, from its viewBox; 0 if it has no valid one."""
    numbers = [float(number) for number in _NUMBER.findall(tree.parse(data).get("viewBox", ""))]
    width, height = numbers[2:] if len(numbers) == 4 else (0.0, 0.0)
    return width / height if width > 0 and height > 0 else 0.0


def is_transparent(path: Path, data: bytes) -> bool:
    """Return whether a picture that has been checked has transparency."""
    kind = rasters.FORMATS_BY_TYPE.get(path.suffix.lower())
    return rasters.has_transparency(data, kind) if kind else _inspect_cached(data).see_through


def _picture_error(code: str, message: str, place: SourceLocation) -> SourceError:
    return SourceError([Finding(code, message, place)])


def _check_raster(data: bytes, kind: str, name: str, place: SourceLocation) -> None:
    if problem := rasters.image_problem(data, kind):
        code = "large-picture" if "pixels" in problem else "broken-picture"
        raise _picture_error(code, f"{name} {problem}", place)


def _check_svg(data: bytes, name: str, place: SourceLocation) -> None:
    if problems := _inspect_cached(data).problems:
        raise SourceError(
            Finding(code, f"{name}:{line}:{column} {message}" if line else f"{name} {message}", place)
            for code, line, column, message in problems
        )


@dataclass(frozen=True, slots=True)
class _SvgInspection:
    """The result of checking an SVG: its problems (code, line, column, message), and whether it has transparency."""

    problems: tuple[tuple[str, int, int, str], ...]
    see_through: bool = False


_inspections = BoundedCache[str, _SvgInspection](MAX_CACHED_INSPECTIONS)


def _inspect_cached(data: bytes) -> _SvgInspection:
    key = yaml_source.sha256_hex(data)
    if key not in _inspections:
        _inspections[key] = _inspect_svg(data)
    return _inspections[key]


def _inspect_svg(data: bytes) -> _SvgInspection:
    try:
        root = tree.parse(data)
        tree.remove_non_graphics(root)
        unsafe = [
            ("unsafe-picture", *tree.position(element), f"{what}; remove it")
            for element, what in _unsafe_elements(root)
        ]
        drawing, problems = reader.read_drawing(root)
    except tree.InvalidSvgError as error:
        return _SvgInspection((("broken-picture", 0, 0, str(error)),))
    except Exception as error:  # reject the drawing rather than crash during a build
        message = f"cannot be drawn ({type(error).__name__}); export the drawing as a PNG, and please report this"
        return _SvgInspection((("undrawable-picture", 0, 0, message),))
    found = {*unsafe, *(("undrawable-picture", *problem) for problem in problems)}
    return _SvgInspection(tuple(sorted(found, key=lambda item: item[1:])), drawing.see_through)


def _unsafe_elements(root: Element) -> Iterator[tuple[Element, str]]:
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
