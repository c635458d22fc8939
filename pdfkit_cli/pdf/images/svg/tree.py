"""The elements of an SVG file with their positions in it, without the data of drawing programs."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException, EntitiesForbidden

from pdfkit_cli.system.xml_positions import PositionParser

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"
MAX_ENTITY_LENGTH = 200
MAX_ENTITIES = 5_000
MAX_ELEMENT_DEPTH = 200
"""Greatest depth of elements; drawing programs write about ten levels."""

_PRUNED = frozenset(("title", "desc", "metadata", "filter", "view", "cursor"))
"""Elements that draw nothing by themselves; an element that uses a filter is refused."""


class InvalidSvgError(ValueError):
    """A file is not an SVG that may be opened."""


class _SvgParser(PositionParser):
    """Accepts only entities such as those that Illustrator writes for its namespaces."""

    def defused_entity_decl(
        self, name: str, is_parameter_entity: bool, value: str | None, base: Any, sysid: Any, pubid: Any, notation: Any
    ) -> None:
        plain = value is not None and len(value) <= MAX_ENTITY_LENGTH and not set(value) & set("&%<")
        if is_parameter_entity or sysid or pubid or not plain:
            raise EntitiesForbidden(name, value, base, sysid, pubid, notation)


def parse(data: bytes) -> Element:
    """Return the root of an SVG file. Raises InvalidSvgError."""
    try:
        if b"<!ENTITY" in data and data.count(b"&") > MAX_ENTITIES:
            raise InvalidSvgError("has a DOCTYPE or entities; remove them")
        parser = _SvgParser(forbid_dtd=False)
        parser.feed(data)
        root: Element = parser.close()
    except DefusedXmlException:
        raise InvalidSvgError("has a DOCTYPE or entities; remove them") from None
    except (ParseError, LookupError, RecursionError) as error:
        raise InvalidSvgError(f"is broken: {error}; save it again") from None
    if root.tag not in ("svg", f"{SVG}svg"):
        raise InvalidSvgError(f"is not an SVG picture (its root is “{root.tag}”)")
    if _depth(root) > MAX_ELEMENT_DEPTH:
        raise InvalidSvgError(f"has more than {MAX_ELEMENT_DEPTH} elements inside each other; save it simpler")
    return root


def remove_non_graphics(root: Element) -> None:
    """Remove, in place, what draws nothing: data of drawing programs, metadata, filters, extensions."""
    for element in list(root.iter()):
        for key in [key for key in element.attrib if key.startswith("{") and not key.startswith(XLINK)]:
            del element.attrib[key]
        for child in list(element):
            if (
                not isinstance(child.tag, str)
                or not _is_svg(child)
                or local_name(child) in _PRUNED
                or is_extension(child)
            ):
                element.remove(child)


def is_extension(element: Element) -> bool:
    """Return whether an element requires an extension, which no browser has."""
    return bool(element.get("requiredExtensions", "").strip())


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def position(element: Element) -> tuple[int, int]:
    """Return line and column of an element; 0 for one that was not parsed from a file."""
    found: tuple[int, int] = getattr(element, "place", (0, 0))
    return found


def href(element: Element) -> str | None:
    """Return the address that an element refers to; href takes precedence over xlink:href."""
    return element.get("href", element.get(f"{XLINK}href"))


def _is_svg(element: Element) -> bool:
    return not element.tag.startswith("{") or element.tag.startswith(SVG)


def _depth(root: Element) -> int:
    deepest, waiting = 0, [(root, 1)]
    while waiting:
        element, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(child, depth + 1) for child in element]
    return deepest


def parent_map(root: Element) -> dict[Element, Element]:
    """Return the parent of each element."""
    return {child: parent for parent in root.iter() for child in parent}


def ancestors(element: Element, above: dict[Element, Element]) -> Iterator[Element]:
    """Yield the elements above one, the root first."""
    if element in above:
        yield from ancestors(above[element], above)
        yield above[element]
