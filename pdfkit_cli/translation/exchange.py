"""A file that travels: what is read from it, whatever its format."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException

from pdfkit_cli.errors import Finding, SourceError, SourceLocation
from pdfkit_cli.system.xml_positions import PositionParser
from pdfkit_cli.translation.inline_codes import Content

HELP = (
    "Translate each source into its target. Move the numbered codes to where they belong, each once; they print links, bold words "
    "and what differs between clinics. Write numbers as in the source. An empty target stays untranslated."
)
"""What a translator is told at the top of an XLIFF file."""

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


def parse_xml(data: bytes, name: str) -> Element:
    """Return the root of an XML file, each element with its `place`. Raises SourceError for what is damaged or has a DOCTYPE."""
    parser = PositionParser(forbid_dtd=True)  # and with it every entity
    try:
        parser.feed(data)
        root: Element = parser.close()
    except DefusedXmlException:
        place = SourceLocation(name, parser.parser.CurrentLineNumber, parser.parser.CurrentColumnNumber + 1)
        raise file_error("has a DOCTYPE or entities, which are not read; remove them", place) from None
    except ParseError as error:
        line, column = error.position
        message = (
            f"is not well-formed XML ({str(error).partition(':')[0]}); save it again as UTF-8 in the translation tool"
        )
        raise file_error(message, SourceLocation(name, line, column + 1)) from None
    except (LookupError, ValueError, RecursionError) as error:
        raise file_error(f"cannot be read: {error}; save it again as UTF-8", SourceLocation(name, 1)) from None
    if (deep := too_deep(root)) is not None:
        raise file_error(f"has more than {MAX_DEPTH} elements inside each other; export it again", place_of(deep, name))
    return root


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def place_of(element: Element, name: str) -> SourceLocation:
    """Return the place of an element in a file that `parse_xml` has read."""
    line, column = getattr(element, "place", (0, 0))
    return SourceLocation(name, line, column)


def word_difference(before: str, now: str) -> str:
    """Return, for a translator, which words are gone and which are new; empty if none are."""
    old, new = before.split(), now.split()
    changes = []
    for tag, a, a_end, b, b_end in SequenceMatcher(None, old, new, False).get_opcodes():
        gone, added = " ".join(old[a:a_end]), " ".join(new[b:b_end])
        if tag != "equal":
            changes.append(
                f"“{gone}” is now “{added}”" if gone and added else f"new: “{added}”" if added else f"gone: “{gone}”"
            )
    return "; ".join(changes)
