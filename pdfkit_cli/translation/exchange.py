"""A file that travels: what is read from it, whatever its format."""

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from pdfkit_cli.errors import Finding, SourceError, SourceLocation
from pdfkit_cli.translation.inline_codes import Content

MAX_FILE_BYTES = 20_000_000
"""The largest file that is read, in bytes."""

MAX_DEPTH = 100
"""Elements of XML inside each other."""


@dataclass(frozen=True, slots=True)
class ReturnedUnit:
    """A unit as it came back. `target` is None if it was not translated, and `problem` says why it cannot be read."""

    id: str
    target: Content | None
    place: SourceLocation
    problem: str = ""
    source: Content | None = None
    """The source as it came back: it shows whether a tool has rearranged the white space."""


@dataclass(frozen=True, slots=True)
class ReturnedLeaflet:
    """The units of one leaflet in one language."""

    leaflet: str
    language: str
    units: tuple[ReturnedUnit, ...]
    place: SourceLocation


def file_error(message: str, place: SourceLocation) -> SourceError:
    """Return the error for a file of which nothing can be imported."""
    return SourceError([Finding("translation-file", message, place)])


def has_content(content: Content) -> bool:
    """Return whether there are words or codes."""
    return any(part.strip() if isinstance(part, str) else True for part in content)


def check_ids(found: Iterable[ReturnedLeaflet]) -> None:
    """Raise SourceError if a unit is in a file twice: nobody can tell which of the two is meant."""
    seen: dict[tuple[str, str, str], SourceLocation] = {}
    for leaflet in found:
        for unit in leaflet.units:
            first = seen.setdefault((leaflet.leaflet, leaflet.language, unit.id), unit.place)
            if first is not unit.place:
                raise file_error(
                    f"unit “{unit.id}” is here for the second time (first at line {first.line}); keep one", unit.place
                )


def too_deep(root: Element) -> Element | None:
    """Return an element that is nested more deeply than any tool does."""
    waiting = [(root, 1)]
    while waiting:
        element, depth = waiting.pop()
        if depth > MAX_DEPTH:
            return element
        waiting += [(child, depth + 1) for child in element]
    return None
