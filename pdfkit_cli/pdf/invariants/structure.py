"""The structure tree of a PDF, read into a list: elements in reading order, with what each one holds."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pdfkit_cli.pdf.invariants.faults import Fault
from pdfkit_cli.pdf.invariants.objects import (
    Dictionary,
    Key,
    dictionary,
    entry,
    integer,
    items,
    key,
    name,
    raw,
    resolved,
    text,
)
from pdfkit_cli.pdf.invariants.painted import Mark, Painted
from pdfkit_cli.pdf.structure_types import STANDARD

ELEMENTS = 200_000
"""Elements that are looked at; a leaflet has some hundreds."""

DEEPEST = 200
"""Elements inside elements; a leaflet has about ten."""

_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufefc]")
HEADINGS = frozenset({"H1", "H2", "H3", "H4", "H5", "H6"})


@dataclass(frozen=True, slots=True)
class Reference:
    """What an element says it holds: a mark of a page or form, or an object such as a link; `page` is where it says that stands."""

    target: Key
    mcid: int | None
    page: Key | None


@dataclass(slots=True)
class Element:
    """One structure element; `kind` is its standard type, `holds` what it holds itself, in reading order with its `kids`."""

    key: Key
    kind: str
    said: Dictionary
    parent: "Element | None"
    depth: int
    content: "list[Element | Reference]" = field(default_factory=list)

    @property
    def kids(self) -> "list[Element]":
        return [item for item in self.content if isinstance(item, Element)]

    @property
    def holds(self) -> list[Reference]:
        return [item for item in self.content if isinstance(item, Reference)]

    @property
    def above(self) -> "Iterator[Element]":
        """The element itself and all that it stands in, from the inside out."""
        element: Element | None = self
        while element:
            yield element
            element = element.parent


@dataclass(slots=True)
class Structure:
    """All elements in reading order, and the tree's root."""

    root: Dictionary
    elements: list[Element] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    below: dict[Key, list[Reference]] = field(default_factory=dict)

    def references(self, element: Element) -> list[Reference]:
        """Return what an element and all elements in it hold, in reading order."""
        if element.key not in self.below:
            found: list[Reference] = []
            for item in element.content:
                found += self.references(item) if isinstance(item, Element) else [item]
            self.below[element.key] = found
        return self.below[element.key]

    def marks(self, element: Element, painted: Painted) -> list[Mark]:
        """Return the marks that an element and all elements in it hold, in reading order."""
        found = (
            painted.marks.get((item.target, item.mcid)) for item in self.references(element) if item.mcid is not None
        )
        return [mark for mark in found if mark]

    def heard(self, element: Element, painted: Painted, without: frozenset[str] = frozenset()) -> str:
        """Return the words of an element in reading order, with what it says instead of its marks where it does.

        Elements in it of the kinds `without` are left out.
        """
        if (said := text(element.said, "/ActualText")) is not None:
            return said
        found = []
        for item in element.content:
            if isinstance(item, Element):
                found.append("" if item.kind in without else self.heard(item, painted, without))
            elif mark := painted.marks.get((item.target, item.mcid or 0)) if item.mcid is not None else None:
                found.append(mark.words)
        return "".join(found)

    def page(self, element: Element, painted: Painted) -> int:
        """Return the page that an element begins on; 0 where it stands on none."""
        return next((mark.page for mark in self.marks(element, painted)), 0)


def same(words: str) -> str:
    """Return what two texts have in common that say the same: letters and digits only.

    What runs from right to left is painted in the order of the eye, and compared by its letters whatever their order.
    """
    letters = [letter for letter in unicodedata.normalize("NFKC", words) if letter.isalnum()]
    return "".join(sorted(letters) if _RIGHT_TO_LEFT.search(words) else letters)


def is_heading(element: Element) -> bool:
    """Say whether an element is a heading of a level."""
    return element.kind in HEADINGS


def read(catalog: Any) -> Structure:
    """Read the tree; loops, strange types and too many elements are faults."""
    root = dictionary(catalog, "/StructTreeRoot")
    structure = Structure(root)
    roles = dictionary(root, "/RoleMap")
    seen: set[Key] = set()
    waiting: list[tuple[Any, Element | None, Key | None]] = [
        (kid, None, None) for kid in reversed(items(raw(root, "/K")))
    ]
    while waiting:
        kid, parent, page = waiting.pop()
        found = _kid(kid, parent, page, roles, structure.faults)
        if isinstance(found, Reference):
            if parent:
                parent.content.append(found)
        elif found is not None:
            if found.key in seen:
                structure.faults.append(Fault("tree-loop", "an element stands in the tree twice", element=found.kind))
                continue
            if len(seen) >= ELEMENTS or found.depth > DEEPEST:
                structure.faults.append(
                    Fault("too-large", f"more than {ELEMENTS} elements, or more than {DEEPEST} deep")
                )
                break
            seen.add(found.key)
            structure.elements.append(found)
            if parent:
                parent.content.append(found)
            own_page = raw(found.said, "/Pg")
            below = key(own_page) if own_page is not None else None
            waiting += [(item, found, below) for item in reversed(items(raw(found.said, "/K")))]
    return structure


def _kid(
    kid: Any, parent: Element | None, page: Key | None, roles: Dictionary, faults: list[Fault]
) -> Element | Reference | None:
    """Return what stands among an element's kids (ISO 32000-1, 14.7.4)."""
    value = resolved(kid)
    inside = parent.kind if parent else ""
    if (mcid := integer(value)) is not None:
        if page is None:
            faults.append(Fault("page-unknown", f"the mark {mcid} has no page", element=inside))
            return None
        return Reference(page, mcid, page)
    if not isinstance(value, dict):
        faults.append(
            Fault("tree-broken", "an element holds something that is no element, mark or object", element=inside)
        )
        return None
    own_page = raw(value, "/Pg")
    page = key(own_page) if own_page is not None else page
    match name(value, "/Type"):
        case "MCR":
            return _mark(value, page, inside, faults)
        case "OBJR":
            return Reference(key(raw(value, "/Obj")), None, page)
    kind = _standard(name(value, "/S"), roles)
    return Element(key(kid), kind, value, parent, parent.depth + 1 if parent else 0)


def _mark(value: Any, page: Key | None, inside: str, faults: list[Fault]) -> Reference | None:
    mcid, stream = integer(entry(value, "/MCID")), raw(value, "/Stm")
    owner = key(stream) if stream is not None else page
    if mcid is None or owner is None:
        faults.append(Fault("tree-broken", "a reference to a mark lacks its number or its page", element=inside))
        return None
    return Reference(owner, mcid, page)


def _standard(kind: str, roles: Dictionary) -> str:
    """Return the standard type that a type stands for."""
    for _ in range(10):
        if kind in STANDARD or not (role := name(roles, f"/{kind}")):
            break
        kind = role
    return kind
