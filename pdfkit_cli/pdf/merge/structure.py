"""Merges the structure trees of the parts into a Document with one Part for each (ISO 32000-1, 14.7 and 14.8)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream, String

from pdfkit_cli.pdf.merge.actions import ActionRemover
from pdfkit_cli.pdf.merge.source import SourcePart
from pdfkit_cli.pdf.objects import (
    array_items,
    as_bytes,
    as_integer,
    as_list,
    as_name,
    entry,
    make_dictionary,
    make_name,
    name_entry,
    sorted_entries,
)
from pdfkit_cli.pdf.structure_types import STANDARD
from pdfkit_cli.pdf.tree_walk import VisitedObjects, make_name_tree, tree_items

_STANDARD = frozenset(f"/{kind}" for kind in STANDARD)
"""The standard types. Where a part maps one to another type, this must not affect the other parts."""

_KEYS = ("/StructParents", "/StructParent")


def is_tagged(catalog: Any) -> bool:
    """Return whether a PDF declares that it is tagged, and has a structure tree."""
    marked = entry(entry(catalog, "/MarkInfo"), "/Marked") is True
    return marked and bool(as_list(entry(entry(catalog, "/StructTreeRoot"), "/K")))


@dataclass(slots=True)
class MergedStructure:
    """The structure tree of the pack; it grows with each part."""

    pdf: Pdf
    parts: list[Object] = field(default_factory=list)
    _document: Object = field(init=False)
    _next_key: int = 0
    _parents: list[Any] = field(default_factory=list)
    _ids: dict[bytes, Any] = field(default_factory=dict)
    _kinds: dict[str, str] = field(default_factory=lambda: dict.fromkeys(_STANDARD, ""))
    _roles: dict[str, str] = field(default_factory=dict)
    _classes: dict[str, Any] = field(default_factory=dict)
    _namespaces: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._document = self.pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document))

    def number(self, source: SourcePart, first: int) -> None:
        """Give the objects of a part, those numbered from `first`, their keys in the merged parent tree.

        A key that is not in the part's own parent tree is removed: it would lead to an element of another part.
        """
        tree = entry(entry(source.root, "/StructTreeRoot"), "/ParentTree") if source.tagged else None
        known = {at for at, _ in tree_items(tree, "/Nums") if as_integer(at) is not None}
        for number in range(first, len(self.pdf.objects) + 1):
            value: Any = self.pdf.get_object(number, 0)
            if not isinstance(value, Dictionary | Stream):
                continue
            for key in _KEYS:
                if (at := value.get(key)) is None:
                    continue
                if as_integer(at) is not None and at in known:
                    value[key] = at + self._next_key
                else:
                    del value[key]

    def add(self, source: SourcePart, title: str, language: str, first: int) -> set[str]:
        """Put a part's tree into a new Part, after its pages; return the names of the active content that was removed.

        `first` is the number of the part's first object.
        """
        tree = source.copied(source.root.StructTreeRoot)
        self.number(source, first)
        part = _document(tree)
        if part is None:
            part = Dictionary(K=Array(_children(entry(tree, "/K"))))
        part = part if part.is_indirect else self.pdf.make_indirect(part)
        roles = _roles(tree)
        part.Type, part.S, part.P, part.T = Name.StructElem, Name.Part, self._document, String(title)
        if language and not as_bytes(entry(part, "/Lang")):
            part.Lang = String(language)
        for child in _children(entry(part, "/K")):
            if isinstance(child, Dictionary) and name_entry(child, "/S"):
                child.P = part
        cleaner = ActionRemover(self.pdf)
        elements = list(_part_elements(part, cleaner))
        names = self._merge_roles(roles, {name_entry(element, "/S") for element in elements})
        classes = self._merge_classes(tree)
        owned = VisitedObjects()
        for element in elements:
            self._make_unique(element, names, classes, owned)
        part.S = Name.Part  # even if the role map of the part redefines it
        self._add_parents(tree)
        self._namespaces += array_items(entry(tree, "/Namespaces"))
        self.parts.append(part)
        return cleaner.left_out

    def finish(self, catalog: Any) -> None:
        """Write the root of the tree."""
        root = self.pdf.make_indirect(
            Dictionary(
                Type=Name.StructTreeRoot,
                K=Array([self._document]),
                ParentTree=self.pdf.make_indirect(Dictionary(Nums=Array(self._parents))),
                ParentTreeNextKey=self._next_key,
            )
        )
        self._document.P, self._document.K = root, Array(self.parts)
        if self._ids:
            root.IDTree = make_name_tree(self.pdf, self._ids)
        if self._roles:
            root.RoleMap = make_dictionary({kind: make_name(role) for kind, role in self._roles.items()})
        if self._classes:
            root.ClassMap = make_dictionary(self._classes)
        if self._namespaces:
            root.Namespaces = Array(self._namespaces)
        catalog.StructTreeRoot = root

    def _merge_roles(self, roles: dict[str, str], used: set[str]) -> dict[str, str]:
        """Merge a part's role map; return new names for types that mean something else in an earlier part or in the standard."""
        meant = dict.fromkeys(used, "") | roles
        new = {
            kind: f"{kind}-{len(self.parts) + 1}" for kind, role in meant.items() if self._kinds.get(kind, role) != role
        }
        for kind, role in meant.items():
            self._kinds.setdefault(new.get(kind, kind), role)
            if role:
                self._roles[new.get(kind, kind)] = new.get(role, role)
        return new

    def _merge_classes(self, tree: Any) -> dict[str, str]:
        mine = dict(sorted_entries(entry(tree, "/ClassMap")))
        new = {
            known: f"{known}-{len(self.parts) + 1}"
            for known, value in mine.items()
            if known in self._classes and _serialized(self._classes[known]) != _serialized(value)
        }
        self._classes |= {
            new.get(name, name): value for name, value in mine.items() if name in new or name not in self._classes
        }
        return new

    def _make_unique(self, element: Any, kinds: dict[str, str], classes: dict[str, str], owned: VisitedObjects) -> None:
        """Make the type, classes and ID of an element unique among the parts."""
        if (kind := name_entry(element, "/S")) in kinds:
            element.S = make_name(kinds[kind])
        if classes and (known := entry(element, "/C")) is not None:
            element.C = _rename_classes(known, classes)
        if (called := as_bytes(entry(element, "/ID"))) is not None:
            element.ID = String(self._prefixed(called))
            if element.is_indirect:
                self._ids.setdefault(bytes(element.ID), element)
        for owner in as_list(entry(element, "/A")):
            headers = entry(owner, "/Headers")
            if isinstance(headers, Array) and owned.add(owner) and owned.add(headers):
                owner.Headers = Array([String(self._prefixed(as_bytes(known) or b"")) for known in headers])

    def _prefixed(self, name: bytes) -> bytes:
        return b"p%d-%b" % (len(self.parts) + 1, name if name.isascii() else name.hex().encode())

    def _add_parents(self, tree: Any) -> None:
        """Add a part's parent tree; of two equal keys the first counts."""
        found: dict[int, Any] = {}
        for key, value in tree_items(entry(tree, "/ParentTree"), "/Nums"):
            if as_integer(key) is not None:
                found.setdefault(key, value)
        for key in sorted(found):
            self._parents += [key + self._next_key, found[key]]
        self._next_key += max(found, default=-1) + 1


def _children(value: Any) -> list[Any]:
    """Return the children in a /K: one, or an array of them."""
    return [child for child in as_list(value) if child is not None]


def _roles(tree: Any) -> dict[str, str]:
    return {kind: as_name(role) for kind, role in sorted_entries(entry(tree, "/RoleMap")) if isinstance(role, Name)}


def _document(tree: Any) -> Any:
    """Return the Document that is the only root element; None where there is none."""
    top = _children(entry(tree, "/K"))
    if len(top) != 1 or not isinstance(top[0], Dictionary):
        return None
    kind, roles, seen = name_entry(top[0], "/S"), _roles(tree), set[str]()
    while kind in roles and kind not in seen:  # ISO 32000-1, 14.7.3
        seen.add(kind)
        kind = roles[kind]
    return top[0] if kind == "/Document" else None


def _part_elements(part: Object, cleaner: ActionRemover) -> Iterator[Any]:
    """Yield each element of a part, and clean the annotations in these, which may be on no page."""
    waiting: list[Any] = [part]
    seen = VisitedObjects()
    while waiting:
        element = waiting.pop()
        if not isinstance(element, Dictionary):
            continue
        if name_entry(element, "/Type") == "/OBJR":
            cleaner.annotation(entry(element, "/Obj"))
        elif name_entry(element, "/S") and seen.add(element):
            yield element
            waiting += reversed(_children(entry(element, "/K")))


def _serialized(value: Any) -> bytes:
    return value.unparse(resolved=True) if isinstance(value, Object) else repr(value).encode()


def _rename_classes(classes: Any, new: dict[str, str]) -> Any:
    if isinstance(classes, Array):
        return Array([_rename_classes(known, new) for known in classes])
    return make_name(new.get(name, name)) if (name := as_name(classes)) else classes
