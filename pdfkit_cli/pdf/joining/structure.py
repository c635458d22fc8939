"""The structure trees of the parts, as one: a Document with a Part for each (ISO 32000-1, 14.7 and 14.8)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from pdfkit_cli.pdf.joining.copying import Copier, Objects, array, dictionary, entries, get, items, raw, resolve, text
from pdfkit_cli.pdf.joining.trees import leaves


def is_tagged(catalog: Any) -> bool:
    """Say whether a PDF has a structure tree that stands for its content."""
    return get(get(catalog, "/MarkInfo"), "/Marked") == True and bool(  # noqa: E712  # a BooleanObject
        items(raw(get(catalog, "/StructTreeRoot"), "/K")) or get(get(catalog, "/StructTreeRoot"), "/K")
    )


@dataclass(slots=True)
class Structure:
    """The structure tree of the PDF that is being made; it grows with each part."""

    objects: Objects
    root: IndirectObject
    document: IndirectObject
    next_key: int = 0
    _part: IndirectObject = field(init=False)
    parts: list[IndirectObject] = field(default_factory=list)
    _parents: list[Any] = field(default_factory=list)
    _ids: dict[str, IndirectObject] = field(default_factory=dict)
    _roles: dict[str, Any] = field(default_factory=dict)
    _classes: dict[str, Any] = field(default_factory=dict)

    def place(self, catalog: Any, copier: Copier) -> None:
        """Say where a part's tree will stand, before bookmarks and annotations that lead into it are copied: nowhere, if it is not to be trusted."""
        source = raw(catalog, "/StructTreeRoot")
        if copier.tagged:
            self._part = self.objects.reserve()
            copier.place(source, self.root)
            if (document := _document(resolve(source))) is not None:
                copier.place(document, self._part)
        elif source is not None:
            copier.place(source, self.objects.reserve())

    def add(self, catalog: Any, copier: Copier, title: str, language: str) -> None:
        """Copy a part's tree below a new Part, after `place`, and after its pages have been given their places."""
        source, part = raw(catalog, "/StructTreeRoot"), self._part
        document = _document(resolve(source))
        if document is not None:
            element = copier.copy(resolve(document))
        else:
            element = dictionary(K=copier.copy(ArrayObject(_children(raw(resolve(source), "/K")))))
        renamed = self._merge(copier, resolve(source))
        element[NameObject("/Type")], element[NameObject("/S")] = NameObject("/StructElem"), NameObject("/Part")
        element[NameObject("/P")] = self.document
        element[NameObject("/T")] = TextStringObject(title)
        if language:
            element[NameObject("/Lang")] = TextStringObject(language)
        self.objects.put(part, element)
        for reference, child in _below(self.objects, part):
            self._own(reference, child, renamed, len(self.parts))
        for child in _children(raw(element, "/K")):
            if isinstance(resolve(child), DictionaryObject) and raw(child, "/S") is not None:
                resolve(child)[NameObject("/P")] = part
        self._add_parents(resolve(source), copier)
        self.parts.append(part)

    def finish(self) -> None:
        """Write what all parts share."""
        document = dictionary(
            Type=NameObject("/StructElem"), S=NameObject("/Document"), P=self.root, K=array(*self.parts)
        )
        self.objects.put(self.document, document)
        root = dictionary(
            Type=NameObject("/StructTreeRoot"),
            K=array(self.document),
            ParentTree=self.objects.add(dictionary(Nums=array(*self._parents))),
            ParentTreeNextKey=NumberObject(self.next_key),
        )
        if self._ids:
            pairs = [part for name in sorted(self._ids) for part in (TextStringObject(name), self._ids[name])]
            limits = array(pairs[0], pairs[-2])
            kid = self.objects.add(dictionary(Names=array(*pairs), Limits=limits))
            root[NameObject("/IDTree")] = self.objects.add(dictionary(Kids=array(kid)))
        for key, merged in (("/RoleMap", self._roles), ("/ClassMap", self._classes)):
            if merged:
                root[NameObject(key)] = DictionaryObject({NameObject(name): value for name, value in merged.items()})
        self.objects.put(self.root, root)

    def _merge(self, copier: Copier, root: Any) -> dict[str, dict[str, str]]:
        """Merge role and class map; return what had to get another name, since a part before means something else by it."""
        renamed: dict[str, dict[str, str]] = {}
        for key, merged in (("/RoleMap", self._roles), ("/ClassMap", self._classes)):
            mine = {name: copier.copy(value) for name, value in entries(get(root, key))}
            new = {
                name: f"{name}-{len(self.parts) + 1}"
                for name, value in mine.items()
                if name in merged and not _same(merged[name], value)
            }
            renamed[key] = new
            for name, value in mine.items():
                target = new.get(str(value), value) if key == "/RoleMap" else value
                merged[new.get(name, name)] = NameObject(target) if key == "/RoleMap" else target
        return renamed

    def _own(self, reference: Any, element: Any, renamed: dict[str, dict[str, str]], number: int) -> None:
        """Make what an element is called unlike that of any other part."""
        kind = raw(element, "/S")
        if kind in renamed["/RoleMap"]:
            element[NameObject("/S")] = NameObject(renamed["/RoleMap"][kind])
        classes = raw(element, "/C")
        if classes is not None and renamed["/ClassMap"]:
            element[NameObject("/C")] = _renamed(classes, renamed["/ClassMap"])
        if raw(element, "/ID") is not None:
            name = _prefixed(get(element, "/ID"), number)
            element[NameObject("/ID")] = name
            if isinstance(reference, IndirectObject):
                self._ids.setdefault(text(name), reference)
        attributes = resolve(raw(element, "/A"))
        for owner in items(attributes) or [attributes]:
            headers = get(owner, "/Headers")
            if isinstance(headers, ArrayObject):
                resolve(owner)[NameObject("/Headers")] = array(*(_prefixed(resolve(name), number) for name in headers))

    def _add_parents(self, root: Any, copier: Copier) -> None:
        shift = copier.shift
        for key, value in sorted(
            ((int(key), value) for key, value in leaves(raw(root, "/ParentTree"), "/Nums") if isinstance(key, int))
        ):
            self._parents += [NumberObject(key + shift), copier.copy(value)]


def keys_used(root: Any, pages: list[Any]) -> int:
    """Return how many keys of the parent tree a part takes: one more than its highest."""
    used = [int(key) for key, _ in leaves(raw(root, "/ParentTree"), "/Nums") if isinstance(key, int)]
    used += [int(key) for key in (get(page, "/StructParents") for page in pages) if isinstance(key, int)]
    return max(used, default=-1) + 1


def _children(value: Any) -> list[Any]:
    """Return the children that a /K holds: one, or an array of them."""
    resolved = resolve(value)
    if isinstance(resolved, ArrayObject):
        return items(resolved)
    return [] if resolved is None else [value]


def _document(root: Any) -> Any:
    """Return the one Document that a tree begins with, as it stands there; None where it begins otherwise."""
    top = _children(raw(root, "/K"))
    return top[0] if len(top) == 1 and _role(root, get(top[0], "/S")) == "/Document" else None


def _role(root: Any, kind: Any) -> Any:
    """Return the standard type of an element (ISO 32000-1, 14.7.3)."""
    seen = set()
    while kind not in seen and (mapped := get(get(root, "/RoleMap"), str(kind))) is not None:
        seen.add(kind)
        kind = mapped
    return kind


def _below(objects: Objects, part: IndirectObject) -> Iterator[tuple[Any, Any]]:
    """Yield each element of a part, with the reference to it."""
    waiting: list[Any] = [part]
    seen: set[int] = set()
    while waiting:
        reference = waiting.pop()
        element = resolve(reference)
        if not isinstance(element, DictionaryObject) or raw(element, "/S") is None:
            continue
        if isinstance(reference, IndirectObject):
            if reference.idnum in seen:
                continue
            seen.add(reference.idnum)
        yield reference, element
        waiting += reversed(_children(raw(element, "/K")))


def _same(one: Any, other: Any) -> bool:
    return bool(resolve(one) == resolve(other))


def _renamed(classes: Any, new: dict[str, str]) -> Any:
    if isinstance(classes, ArrayObject):
        return array(*(_renamed(item, new) for item in list.__iter__(classes)))
    return NameObject(new.get(classes, classes)) if isinstance(classes, str) else classes


def _prefixed(name: Any, number: int) -> TextStringObject:
    plain = text(name)
    return TextStringObject(f"p{number + 1}-{plain if plain.isascii() else plain.encode('utf-8').hex()}")
