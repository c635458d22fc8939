"""The structure tree of a PDF, read into a list: elements in reading order, with what each one holds."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pikepdf import Dictionary

from pdfkit_cli.pdf.audit.marked_content import MarkedContent, PaintedContent
from pdfkit_cli.pdf.audit.report import AuditIssue
from pdfkit_cli.pdf.objects import (
    ObjectKey,
    as_integer,
    as_list,
    entry,
    name_entry,
    object_key,
    readable_name,
    text_entry,
)
from pdfkit_cli.pdf.structure_types import STANDARD

MAX_ELEMENTS = 200_000
"""Elements that are looked at; a leaflet has some hundreds."""

MAX_DEPTH = 200
"""Elements inside elements; a leaflet has about ten."""

_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufefc]")
HEADING_TYPES = frozenset({"H1", "H2", "H3", "H4", "H5", "H6"})


@dataclass(frozen=True, slots=True)
class ContentReference:
    """What an element says it holds: a mark of a page or form, or an object such as a link; `page` is where it says that stands."""

    target: ObjectKey
    mcid: int | None
    page: ObjectKey | None


@dataclass(slots=True)
class StructureElement:
    """One structure element; `kind` is its standard type, `holds` what it holds itself, in reading order with its `kids`."""

    key: ObjectKey
    kind: str
    dictionary: Any
    parent: "StructureElement | None"
    depth: int
    content: "list[StructureElement | ContentReference]" = field(default_factory=list)

    @property
    def kids(self) -> "list[StructureElement]":
        return [item for item in self.content if isinstance(item, StructureElement)]

    @property
    def holds(self) -> list[ContentReference]:
        return [item for item in self.content if isinstance(item, ContentReference)]

    @property
    def above(self) -> "Iterator[StructureElement]":
        """The element itself and all that it stands in, from the inside out."""
        element: StructureElement | None = self
        while element:
            yield element
            element = element.parent


@dataclass(slots=True)
class StructureTree:
    """All elements in reading order, and the tree's root."""

    root: Any
    elements: list[StructureElement] = field(default_factory=list)
    issues: list[AuditIssue] = field(default_factory=list)
    below: dict[ObjectKey, list[ContentReference]] = field(default_factory=dict)

    def references(self, element: StructureElement) -> list[ContentReference]:
        """Return what an element and all elements in it hold, in reading order."""
        if element.key not in self.below:
            found: list[ContentReference] = []
            for item in element.content:
                found += self.references(item) if isinstance(item, StructureElement) else [item]
            self.below[element.key] = found
        return self.below[element.key]

    def marks(self, element: StructureElement, painted: PaintedContent) -> list[MarkedContent]:
        """Return the marks that an element and all elements in it hold, in reading order."""
        found = (
            painted.marks.get((item.target, item.mcid)) for item in self.references(element) if item.mcid is not None
        )
        return [mark for mark in found if mark]

    def heard(self, element: StructureElement, painted: PaintedContent, without: frozenset[str] = frozenset()) -> str:
        """Return the words of an element in reading order, with what it says instead of its marks where it does.

        Elements in it of the kinds `without` are left out.
        """
        if (said := text_entry(element.dictionary, "/ActualText")) is not None:
            return said
        found = []
        for item in element.content:
            if isinstance(item, StructureElement):
                found.append("" if item.kind in without else self.heard(item, painted, without))
            elif mark := painted.marks.get((item.target, item.mcid or 0)) if item.mcid is not None else None:
                found.append(mark.words)
        return "".join(found)

    def page(self, element: StructureElement, painted: PaintedContent) -> int:
        """Return the page that an element begins on; 0 where it stands on none."""
        return next((mark.page for mark in self.marks(element, painted)), 0)


def comparable_text(words: str) -> str:
    """Return what two texts have in common that say the same: letters and digits only.

    What runs from right to left is painted in the order of the eye, and compared by its letters whatever their order.
    """
    letters = [letter for letter in unicodedata.normalize("NFKC", words) if letter.isalnum()]
    return "".join(sorted(letters) if _RIGHT_TO_LEFT.search(words) else letters)


def is_heading(element: StructureElement) -> bool:
    """Say whether an element is a heading of a level."""
    return element.kind in HEADING_TYPES


def read_structure(catalog: Any) -> StructureTree:
    """Read the tree; loops, strange types and too many elements are issues."""
    root = entry(catalog, "/StructTreeRoot")
    structure = StructureTree(root)
    roles = entry(root, "/RoleMap")
    seen: set[ObjectKey] = set()
    waiting: list[tuple[Any, StructureElement | None, ObjectKey | None]] = [
        (kid, None, None) for kid in reversed(as_list(entry(root, "/K")))
    ]
    while waiting:
        kid, parent, page = waiting.pop()
        found = _kid(kid, parent, page, roles, structure.issues)
        if isinstance(found, ContentReference):
            if parent:
                parent.content.append(found)
        elif found is not None:
            if found.key in seen:
                structure.issues.append(
                    AuditIssue("tree-loop", "an element stands in the tree twice", element=found.kind)
                )
                continue
            if len(seen) >= MAX_ELEMENTS or found.depth > MAX_DEPTH:
                structure.issues.append(
                    AuditIssue("too-large", f"more than {MAX_ELEMENTS} elements, or more than {MAX_DEPTH} deep")
                )
                break
            seen.add(found.key)
            structure.elements.append(found)
            if parent:
                parent.content.append(found)
            own_page = entry(found.dictionary, "/Pg")
            below = object_key(own_page) if own_page is not None else None
            waiting += [(item, found, below) for item in reversed(as_list(entry(found.dictionary, "/K")))]
    return structure


def _kid(
    kid: Any, parent: StructureElement | None, page: ObjectKey | None, roles: Any, issues: list[AuditIssue]
) -> StructureElement | ContentReference | None:
    """Return what stands among an element's kids (ISO 32000-1, 14.7.4)."""
    value = kid
    inside = parent.kind if parent else ""
    if (mcid := as_integer(value)) is not None:
        if page is None:
            issues.append(AuditIssue("page-unknown", f"the mark {mcid} has no page", element=inside))
            return None
        return ContentReference(page, mcid, page)
    if not isinstance(value, Dictionary):
        issues.append(
            AuditIssue("tree-broken", "an element holds something that is no element, mark or object", element=inside)
        )
        return None
    own_page = entry(value, "/Pg")
    page = object_key(own_page) if own_page is not None else page
    match name_entry(value, "/Type"):
        case "/MCR":
            return _mark(value, page, inside, issues)
        case "/OBJR":
            return ContentReference(object_key(entry(value, "/Obj")), None, page)
    kind = _standard_type(readable_name(value, "/S"), roles)
    return StructureElement(object_key(kid), kind, value, parent, parent.depth + 1 if parent else 0)


def _mark(value: Any, page: ObjectKey | None, inside: str, issues: list[AuditIssue]) -> ContentReference | None:
    mcid, stream = as_integer(entry(value, "/MCID")), entry(value, "/Stm")
    owner = object_key(stream) if stream is not None else page
    if mcid is None or owner is None:
        issues.append(AuditIssue("tree-broken", "a reference to a mark lacks its number or its page", element=inside))
        return None
    return ContentReference(owner, mcid, page)


def _standard_type(kind: str, roles: Any) -> str:
    """Return the standard type that a type stands for."""
    for _ in range(10):
        if kind in STANDARD or not (role := readable_name(roles, f"/{kind}")):
            break
        kind = role
    return kind
