"""The structure tree of a PDF as a list: elements in reading order, each with its content."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

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

MAX_ELEMENTS: Final = 200_000
"""Largest number of elements checked; a leaflet has a few hundred."""

MAX_ELEMENT_DEPTH: Final = 200
"""Greatest depth of elements; a leaflet has about ten levels."""

MAX_ROLES: Final = 10
"""Greatest length of a chain of mapped roles: a longer one is a loop."""

_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufefc]")
_HEADING_TYPES: Final = frozenset({"H1", "H2", "H3", "H4", "H5", "H6"})


@dataclass(frozen=True, slots=True)
class ContentReference:
    """A reference of an element to a mark of a page or form, or to an object such as a link, on the page that it names."""

    target: ObjectKey
    mcid: int | None
    page: ObjectKey | None


@dataclass(slots=True)
class StructureElement:
    """One structure element; `kind` is its standard type, `content` its elements and references in reading order."""

    key: ObjectKey
    kind: str
    dictionary: Any
    parent: "StructureElement | None"
    depth: int
    content: "list[StructureElement | ContentReference]" = field(default_factory=list)

    @property
    def children(self) -> "list[StructureElement]":
        return [item for item in self.content if isinstance(item, StructureElement)]

    @property
    def references(self) -> list[ContentReference]:
        return [item for item in self.content if isinstance(item, ContentReference)]

    @property
    def ancestors(self) -> "Iterator[StructureElement]":
        """The elements that contain this one, from the inside out."""
        element = self.parent
        while element:
            yield element
            element = element.parent

    @property
    def is_heading(self) -> bool:
        """Whether it is a heading of a level."""
        return self.kind in _HEADING_TYPES


@dataclass(slots=True)
class StructureTree:
    """The root of the tree, None where there is no tree, and all elements in reading order."""

    root: Any
    elements: list[StructureElement] = field(default_factory=list)
    issues: list[AuditIssue] = field(default_factory=list)
    _references: dict[ObjectKey, list[ContentReference]] = field(default_factory=dict)

    def references(self, element: StructureElement) -> list[ContentReference]:
        """Return the references of an element and of all elements in it, in reading order."""
        if element.key not in self._references:
            found: list[ContentReference] = []
            for item in element.content:
                found += self.references(item) if isinstance(item, StructureElement) else [item]
            self._references[element.key] = found
        return self._references[element.key]

    def marks(self, element: StructureElement, painted: PaintedContent) -> list[MarkedContent]:
        """Return the marks of an element and of all elements in it, in reading order."""
        found = (_mark(reference, painted) for reference in self.references(element))
        return [mark for mark in found if mark]

    def spoken_text(
        self, element: StructureElement, painted: PaintedContent, without: frozenset[str] = frozenset()
    ) -> str:
        """Return the text of an element in reading order, without elements of the kinds `without`.

        An actual text replaces the text of its element.
        """
        if (replacement := text_entry(element.dictionary, "/ActualText")) is not None:
            return replacement
        found = []
        for item in element.content:
            if isinstance(item, StructureElement):
                found.append("" if item.kind in without else self.spoken_text(item, painted, without))
            elif mark := _mark(item, painted):
                found.append(mark.words)
        return "".join(found)

    def page(self, element: StructureElement, painted: PaintedContent) -> int:
        """Return the page that an element begins on; 0 where it has no content on any."""
        return next((mark.page for mark in self.marks(element, painted)), 0)


def _mark(reference: ContentReference, painted: PaintedContent) -> MarkedContent | None:
    return None if reference.mcid is None else painted.marks.get((reference.target, reference.mcid))


def comparable_text(words: str) -> str:
    """Return the letters and digits of a text; those of right-to-left text, which is painted from left to right, are sorted."""
    letters = [letter for letter in unicodedata.normalize("NFKC", words) if letter.isalnum()]
    return "".join(sorted(letters) if _RIGHT_TO_LEFT.search(words) else letters)


def read_structure(catalog: Any) -> StructureTree:
    """Read the tree; loops, strange types and too many elements become issues."""
    root = entry(catalog, "/StructTreeRoot")
    structure = StructureTree(root if isinstance(root, Dictionary) else None)
    roles = entry(root, "/RoleMap")
    seen: set[ObjectKey] = set()
    waiting: list[tuple[Any, StructureElement | None, ObjectKey | None]] = [
        (child, None, None) for child in reversed(as_list(entry(root, "/K")))
    ]
    while waiting:
        child, parent, page = waiting.pop()
        found = _read_child(child, parent, page, roles)
        if isinstance(found, AuditIssue):
            structure.issues.append(found)
        elif isinstance(found, ContentReference):
            if parent:
                parent.content.append(found)
        elif found.key in seen:
            structure.issues.append(AuditIssue("tree-loop", "an element is in the tree twice", element=found.kind))
        elif len(seen) >= MAX_ELEMENTS or found.depth > MAX_ELEMENT_DEPTH:
            message = f"it has more than {MAX_ELEMENTS} elements, or elements nested more than {MAX_ELEMENT_DEPTH} deep"
            structure.issues.append(AuditIssue("too-large", message))
            break
        else:
            seen.add(found.key)
            structure.elements.append(found)
            if parent:
                parent.content.append(found)
            own_page = _key(entry(found.dictionary, "/Pg"))
            waiting += [(item, found, own_page) for item in reversed(as_list(entry(found.dictionary, "/K")))]
    return structure


def _key(value: Any) -> ObjectKey | None:
    return None if value is None else object_key(value)


def _read_child(
    child: Any, parent: StructureElement | None, page: ObjectKey | None, roles: Any
) -> StructureElement | ContentReference | AuditIssue:
    """Return an item of an element's K (ISO 32000-1, 14.7.4), or what is wrong with it."""
    inside = parent.kind if parent else ""
    if (mcid := as_integer(child)) is not None:
        if page is None:
            return AuditIssue("page-unknown", f"mark {mcid} has no page", element=inside)
        return ContentReference(page, mcid, page)
    if not isinstance(child, Dictionary):
        message = "an element contains something that is not an element, a mark or an object"
        return AuditIssue("tree-broken", message, element=inside)
    page = _key(entry(child, "/Pg")) or page
    match name_entry(child, "/Type"):
        case "/MCR":
            mcid, owner = as_integer(entry(child, "/MCID")), _key(entry(child, "/Stm")) or page
            if mcid is None or owner is None:
                return AuditIssue("tree-broken", "a reference to a mark lacks its number or its page", element=inside)
            return ContentReference(owner, mcid, page)
        case "/OBJR":
            return ContentReference(object_key(entry(child, "/Obj")), None, page)
    kind = _standard_type(readable_name(child, "/S"), roles)
    return StructureElement(object_key(child), kind, child, parent, parent.depth + 1 if parent else 0)


def _standard_type(kind: str, roles: Any) -> str:
    """Return the standard type that the role map maps a type to."""
    for _ in range(MAX_ROLES):
        if kind in STANDARD or not (role := readable_name(roles, f"/{kind}")):
            break
        kind = role
    return kind
