"""The structure trees of the parts, as one: a Document with a Part for each (ISO 32000-1, 14.7 and 14.8)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream, String

from pdfkit_cli.pdf.joining.actions import Cleaner
from pdfkit_cli.pdf.joining.reading import either, entries, get, items, name, named, raw, whole
from pdfkit_cli.pdf.joining.source import Source
from pdfkit_cli.pdf.joining.trees import Seen, leaves, name_tree
from pdfkit_cli.pdf.structure_types import STANDARD

_STANDARD = frozenset(f"/{kind}" for kind in STANDARD)
"""The standard types. One that a part maps to another must not do so for the other parts."""

_KEYS = ("/StructParents", "/StructParent")


def is_tagged(catalog: Any) -> bool:
    """Say whether a PDF has a structure tree that stands for its content."""
    marked = get(get(catalog, "/MarkInfo"), "/Marked") is True
    return marked and bool(either(get(get(catalog, "/StructTreeRoot"), "/K")))


@dataclass(slots=True)
class Structure:
    """The structure tree of the PDF that is being made; it grows with each part."""

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

    def number(self, source: Source, first: int) -> None:
        """Give what a part holds, the objects from `first` on, its keys in the new parent tree.

        A key that the part's own tree does not have would lead into that of another part: it goes.
        """
        tree = get(get(source.root, "/StructTreeRoot"), "/ParentTree") if source.tagged else None
        known = {at for at, _ in leaves(tree, "/Nums") if whole(at) is not None}
        for number in range(first, len(self.pdf.objects) + 1):
            value: Any = self.pdf.get_object(number, 0)
            if not isinstance(value, Dictionary | Stream):
                continue
            for key in _KEYS:
                if (at := value.get(key)) is None:
                    continue
                if whole(at) is not None and at in known:
                    value[key] = at + self._next_key
                else:
                    del value[key]

    def add(self, source: Source, title: str, language: str, first: int) -> set[str]:
        """Put a part's tree below a new Part, after its pages; return what acts, and was left out of it.

        `first` is the number of the part's first object.
        """
        tree = source.copied(source.root.StructTreeRoot)
        self.number(source, first)
        part = _document(tree)
        if part is None:
            part = Dictionary(K=Array(_children(get(tree, "/K"))))
        part = part if part.is_indirect else self.pdf.make_indirect(part)
        roles = _roles(tree)
        part.Type, part.S, part.P, part.T = Name.StructElem, Name.Part, self._document, String(title)
        if language and not raw(get(part, "/Lang")):
            part.Lang = String(language)
        for child in _children(get(part, "/K")):
            if isinstance(child, Dictionary) and named(child, "/S"):
                child.P = part
        cleaner = Cleaner(self.pdf)
        elements = list(_below(part, cleaner))
        names = self._merged(roles, {named(element, "/S") for element in elements})
        classes = self._merged_classes(tree)
        owned = Seen()
        for element in elements:
            self._own(element, names, classes, owned)
        part.S = Name.Part  # which is ours, whatever the part takes that for
        self._add_parents(tree)
        self._namespaces += items(get(tree, "/Namespaces"))
        self.parts.append(part)
        return cleaner.left_out

    def finish(self, catalog: Any) -> None:
        """Write what all parts share."""
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
            root.IDTree = name_tree(self.pdf, self._ids)
        if self._roles:
            root.RoleMap = Dictionary({kind: name(role) for kind, role in self._roles.items()})
        if self._classes:
            root.ClassMap = Dictionary(self._classes)
        if self._namespaces:
            root.Namespaces = Array(self._namespaces)
        catalog.StructTreeRoot = root

    def _merged(self, roles: dict[str, str], used: set[str]) -> dict[str, str]:
        """Merge what the types of a part mean; return new names for those that mean something else in a part before, or by the standard."""
        meant = dict.fromkeys(used, "") | roles
        new = {
            kind: f"{kind}-{len(self.parts) + 1}" for kind, role in meant.items() if self._kinds.get(kind, role) != role
        }
        for kind, role in meant.items():
            self._kinds.setdefault(new.get(kind, kind), role)
            if role:
                self._roles[new.get(kind, kind)] = new.get(role, role)
        return new

    def _merged_classes(self, tree: Any) -> dict[str, str]:
        mine = dict(entries(get(tree, "/ClassMap")))
        new = {
            known: f"{known}-{len(self.parts) + 1}"
            for known, value in mine.items()
            if known in self._classes and _said(self._classes[known]) != _said(value)
        }
        self._classes |= {
            new.get(name, name): value for name, value in mine.items() if name in new or name not in self._classes
        }
        return new

    def _own(self, element: Any, kinds: dict[str, str], classes: dict[str, str], owned: Seen) -> None:
        """Make what an element is called unlike that of any other part."""
        if (kind := named(element, "/S")) in kinds:
            element.S = name(kinds[kind])
        if classes and (known := get(element, "/C")) is not None:
            element.C = _renamed(known, classes)
        if (called := raw(get(element, "/ID"))) is not None:
            element.ID = String(self._prefixed(called))
            if element.is_indirect:
                self._ids.setdefault(bytes(element.ID), element)
        for owner in either(get(element, "/A")):
            headers = get(owner, "/Headers")
            if isinstance(headers, Array) and owned.add(owner) and owned.add(headers):
                owner.Headers = Array([String(self._prefixed(raw(known) or b"")) for known in headers])

    def _prefixed(self, name: bytes) -> bytes:
        return b"p%d-%b" % (len(self.parts) + 1, name if name.isascii() else name.hex().encode())

    def _add_parents(self, tree: Any) -> None:
        """Take a part's parent tree; of two equal keys the first counts."""
        found: dict[int, Any] = {}
        for key, value in leaves(get(tree, "/ParentTree"), "/Nums"):
            if whole(key) is not None:
                found.setdefault(key, value)
        for key in sorted(found):
            self._parents += [key + self._next_key, found[key]]
        self._next_key += max(found, default=-1) + 1


def _children(value: Any) -> list[Any]:
    """Return the children that a /K holds: one, or an array of them."""
    return [child for child in either(value) if child is not None]


def _roles(tree: Any) -> dict[str, str]:
    return {kind: str(role) for kind, role in entries(get(tree, "/RoleMap")) if isinstance(role, Name)}


def _document(tree: Any) -> Any:
    """Return the one Document that a tree begins with; None where it begins otherwise."""
    top = _children(get(tree, "/K"))
    if len(top) != 1 or not isinstance(top[0], Dictionary):
        return None
    kind, roles, seen = named(top[0], "/S"), _roles(tree), set[str]()
    while kind in roles and kind not in seen:  # ISO 32000-1, 14.7.3
        seen.add(kind)
        kind = roles[kind]
    return top[0] if kind == "/Document" else None


def _below(part: Object, cleaner: Cleaner) -> Iterator[Any]:
    """Yield each element of a part; an annotation that is held by one, and by no page, is cleaned."""
    waiting: list[Any] = [part]
    seen = Seen()
    while waiting:
        element = waiting.pop()
        if not isinstance(element, Dictionary):
            continue
        if named(element, "/Type") == "/OBJR":
            cleaner.annotation(get(element, "/Obj"))
        elif named(element, "/S") and seen.add(element):
            yield element
            waiting += reversed(_children(get(element, "/K")))


def _said(value: Any) -> bytes:
    return value.unparse(resolved=True) if isinstance(value, Object) else repr(value).encode()


def _renamed(classes: Any, new: dict[str, str]) -> Any:
    if isinstance(classes, Array):
        return Array([_renamed(known, new) for known in classes])
    return name(new.get(str(classes), str(classes))) if isinstance(classes, Name) else classes
