"""How a reader finds the way: outlines, named destinations, page labels, attachments."""

from dataclasses import dataclass, field
from typing import Any

from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NullObject,
    NumberObject,
    TextStringObject,
)

from pdfkit_cli.pdf.joining.copying import Copier, Objects, array, dictionary, get, items, raw, resolve, text
from pdfkit_cli.pdf.joining.trees import leaves, names, siblings

_KEPT = ("/Dest", "/A", "/C", "/F", "/SE")
"""What an outline item says besides its words and its place in the tree."""

_DEEPEST = 50
"""Levels of an outline; no viewer shows so many."""


@dataclass(slots=True)
class Item:
    """One item of an outline."""

    title: str
    entries: dict[str, Any]
    below: list["Item"] = field(default_factory=list)


@dataclass(slots=True)
class Navigation:
    """What the parts have of it, together."""

    objects: Objects
    outline: list[Item] = field(default_factory=list)
    destinations: dict[str, Any] = field(default_factory=dict)
    attachments: dict[str, Any] = field(default_factory=dict)
    associated: list[Any] = field(default_factory=list)
    _labels: dict[int, Any] = field(default_factory=dict)
    _labelled: bool = False

    def renaming(self, catalog: Any, number: int) -> dict[str, str]:
        """Return new names for the destinations of a part that a part before has too."""
        return {name: f"p{number + 1}-{name}" for name in names(catalog, "/Dests") if name in self.destinations}

    def add(self, catalog: Any, copier: Copier, title: str, first_page: IndirectObject, page_number: int) -> None:
        """Take what a part has, after its pages have been given their places. `page_number` counts from 0."""
        for name, value in names(catalog, "/Dests").items():
            self.destinations[copier.renamed.get(name, name)] = copier.copy(value)
        for name, value in names(catalog, "/EmbeddedFiles").items():
            self._attach(_free(name, self.attachments), copier.copy(value))
        self.associated += [copier.copy(value) for value in items(raw(catalog, "/AF"))]
        labels = {
            int(at): copier.copy(label)
            for at, label in leaves(raw(catalog, "/PageLabels"), "/Nums")
            if isinstance(at, int)
        }
        self._labelled = self._labelled or bool(labels)
        self._labels |= {at + page_number: label for at, label in ({0: _counting()} | labels).items()}
        top = array(first_page, NameObject("/XYZ"), NullObject(), NullObject(), NullObject())
        self.outline.append(Item(title, {"/Dest": top}, _copied(raw(get(catalog, "/Outlines"), "/First"), copier)))

    def _attach(self, name: str, attachment: Any) -> None:
        """Attach a file under its name in the pack, which is also what viewers show and save."""
        specification = resolve(attachment)
        for key in ("/F", "/UF"):
            if isinstance(raw(specification, key), str):
                specification[NameObject(key)] = TextStringObject(name)
        self.attachments[name] = attachment

    def finish(self, catalog: DictionaryObject) -> None:
        """Write it all into the catalog."""
        root = self.objects.reserve()
        outlines = dictionary(Type=NameObject("/Outlines"))
        self._write(outlines, root, self.outline)
        self.objects.put(root, outlines)
        catalog[NameObject("/Outlines")] = root
        trees = {"/Dests": self.destinations, "/EmbeddedFiles": self.attachments}
        known = {kind: self._name_tree(values) for kind, values in trees.items() if values}
        if known:
            catalog[NameObject("/Names")] = DictionaryObject({NameObject(kind): tree for kind, tree in known.items()})
        if self.associated:
            catalog[NameObject("/AF")] = array(*self.associated)
        if self._labelled:
            pairs = [part for at in sorted(self._labels) for part in (NumberObject(at), self._labels[at])]
            catalog[NameObject("/PageLabels")] = self.objects.add(dictionary(Nums=array(*pairs)))

    def _name_tree(self, values: dict[str, Any]) -> IndirectObject:
        pairs = [part for name in sorted(values) for part in (TextStringObject(name), values[name])]
        kid = self.objects.add(dictionary(Names=array(*pairs), Limits=array(pairs[0], pairs[-2])))
        return self.objects.add(dictionary(Kids=array(kid)))

    def _write(self, parent: DictionaryObject, reference: IndirectObject, below: list[Item]) -> int:
        """Write items below their parent, and return how many there are, all levels together."""
        if not below:
            return 0
        references = [self.objects.reserve() for _ in below]
        count = 0
        for at, item in enumerate(below):
            written = dictionary(Title=TextStringObject(item.title), Parent=reference)
            written.update({NameObject(key): value for key, value in item.entries.items()})
            if at:
                written[NameObject("/Prev")] = references[at - 1]
            if at + 1 < len(below):
                written[NameObject("/Next")] = references[at + 1]
            count += 1 + self._write(written, references[at], item.below)
            self.objects.put(references[at], written)
        parent[NameObject("/First")], parent[NameObject("/Last")] = references[0], references[-1]
        parent[NameObject("/Count")] = NumberObject(count)
        return count


def _copied(first: Any, copier: Copier, seen: set[int] | None = None, depth: int = 0) -> list[Item]:
    seen = set() if seen is None else seen
    found: list[Item] = []
    if depth < _DEEPEST:
        for node in siblings(first, seen):
            if isinstance(resolve(node), DictionaryObject):
                kept = {
                    key: copier.copy(ArrayObject([raw(node, key)]))[0] for key in _KEPT if raw(node, key) is not None
                }
                if (new := copier.renamed.get(text(resolve(kept.get("/Dest"))))) is not None:
                    kept["/Dest"] = TextStringObject(new)
                below = _copied(raw(node, "/First"), copier, seen, depth + 1)
                found.append(Item(text(get(node, "/Title")), kept, below))
    return found


def _counting() -> DictionaryObject:
    return dictionary(S=NameObject("/D"))


def _free(name: str, taken: dict[str, Any]) -> str:
    """Return the name, or one like it that nobody has."""
    stem, dot, suffix = name.rpartition(".") if "." in name else (name, "", "")
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{stem} ({number}){dot}{suffix}"
    return free
