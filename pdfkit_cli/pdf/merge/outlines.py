"""Merges outlines, named destinations, page labels and attachments."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from pikepdf import Array, Dictionary, Name, Object, Page, Pdf, String

from pdfkit_cli.pdf.merge.source import SourcePart
from pdfkit_cli.pdf.objects import MAX_DEPTH, array_items, as_bytes, as_integer, direct_copy, entry
from pdfkit_cli.pdf.tree_walk import (
    VisitedObjects,
    catalog_destinations,
    make_name_tree,
    outline_siblings,
    tree_items,
    tree_names,
)

_KEPT = ("/Dest", "/A", "/C", "/F", "/SE")
"""Entries of an outline item that are copied; its title and its place in the tree are new."""


@dataclass(slots=True)
class OutlineEntry:
    """One item of an outline; a closed one hides the items below it."""

    title: Any
    entries: dict[str, Any]
    below: list["OutlineEntry"] = field(default_factory=list)
    closed: bool = False


@dataclass(frozen=True, slots=True)
class NamedDestinations:
    """The named destinations of one part, with their names in the pack: as strings and, as in PDF 1.1, as name objects."""

    pages: list[Page]
    strings: dict[bytes, bytes]
    names: dict[bytes, bytes]

    def target(self, destination: Any) -> Any:
        """Return the destination in the pack for one of the part; None where it leads nowhere."""
        if isinstance(destination, Array):
            return self._page_destination(destination)
        called = as_bytes(destination)
        if called is None:
            return destination if isinstance(destination, Dictionary) else None
        known = (self.names, self.strings) if isinstance(destination, Name) else (self.strings, self.names)
        new = next((kind[called] for kind in known if called in kind), None) or self._equal_as_text(called)
        return None if new is None else String(new)

    def _page_destination(self, destination: Array) -> Any:
        """Replace a page number by the page itself: the pack numbers its pages differently."""
        number = as_integer(destination[0]) if len(destination) else None
        if number is not None and 0 <= number < len(self.pages):
            destination[0] = self.pages[number].obj
        return destination

    def _equal_as_text(self, called: bytes) -> bytes | None:
        """Return the new name for one in another encoding, which viewers find as well."""
        text = str(String(called))
        return next((new for known, new in self.strings.items() if str(String(known)) == text), None)


@dataclass(slots=True)
class DocumentNavigation:
    """The navigation of the pack; it grows with each part."""

    pdf: Pdf
    outline: list[OutlineEntry] = field(default_factory=list)
    destinations: dict[bytes, Any] = field(default_factory=dict)
    attachments: dict[bytes, Any] = field(default_factory=dict)
    associated: list[Any] = field(default_factory=list)
    shown: dict[bytes, None] = field(default_factory=dict)
    _labels: dict[int, Any] = field(default_factory=dict)
    _labelled: bool = False

    def renaming(self, source: SourcePart, number: int) -> NamedDestinations:
        """Return the names that the destinations of a part get in the pack."""
        taken = set(self.destinations)
        found = NamedDestinations(source.pages, {}, {})
        for known, pairs in (
            (found.strings, tree_names(source.root, "/Dests")),
            (found.names, catalog_destinations(source.root)),
        ):
            for name, _ in pairs:
                if name not in known:
                    known[name] = _unique_ascii_name(name, taken, f"p{number + 1}-")
                    taken.add(known[name])
        return found

    def add(self, source: SourcePart, called: NamedDestinations, title: str, first: Any, page_number: int) -> None:
        """Add the navigation of a part, after its pages.

        `first` is its first page, and `page_number` its index in the pack.
        """
        for known, pairs in (
            (called.strings, tree_names(source.root, "/Dests")),
            (called.names, catalog_destinations(source.root)),
        ):
            for name, value in pairs:
                if known[name] not in self.destinations:
                    called.target(entry(value, "/D") if isinstance(value, Dictionary) else value)
                    self.destinations[known[name]] = source.copied(value)
        self._add_attachments(source)
        self.associated += [
            source.copied(value) for value in array_items(entry(source.root, "/AF")) if value is not None
        ]
        labels = {
            at: source.copied(label)
            for at, label in tree_items(entry(source.root, "/PageLabels"), "/Nums")
            if as_integer(at) is not None
        }
        self._labelled = self._labelled or bool(labels)
        self._labels |= {at + page_number: label for at, label in ({0: Dictionary(S=Name.D)} | labels).items()}
        top = Array([first, Name.XYZ, None, None, None])
        below = list(_copy_outline(entry(entry(source.root, "/Outlines"), "/First"), source, VisitedObjects(), 0))
        self.outline.append(OutlineEntry(String(title), {"/Dest": top}, below))

    def _add_attachments(self, source: SourcePart) -> None:
        """Add a part's attachments. They keep their names, unless an earlier part has one with the same name."""
        before = dict(self.shown)
        for name, value in tree_names(source.root, "/EmbeddedFiles"):
            file = source.copied(value)
            for key in ("/UF", "/F"):
                if (called := as_bytes(entry(file, key))) is None:
                    continue
                if utf8_name(called) in before:
                    file[key] = String(unique_file_name(utf8_name(called), self.shown))
                self.shown[utf8_name(called)] = None
            self.attachments[unique_file_name(name, self.attachments)] = file

    def finish(self, catalog: Any) -> None:
        """Write the navigation into the catalog."""
        outlines = self.pdf.make_indirect(Dictionary(Type=Name.Outlines))
        self._write_items(outlines, self.outline)
        catalog.Outlines = outlines
        trees = {"/Dests": self.destinations, "/EmbeddedFiles": self.attachments}
        known = {kind: make_name_tree(self.pdf, values) for kind, values in trees.items() if values}
        if known:
            catalog.Names = Dictionary(known)
        if self.associated:
            catalog.AF = Array(self.associated)
        if self._labelled:
            pairs = [part for at in sorted(self._labels) for part in (at, self._labels[at])]
            catalog.PageLabels = self.pdf.make_indirect(Dictionary(Nums=Array(pairs)))

    def _write_items(self, parent: Object, below: list[OutlineEntry]) -> int:
        """Write items below their parent, and return how many of them are visible."""
        written = [self.pdf.make_indirect(Dictionary(item.entries)) for item in below]
        seen = len(below)
        for at, (item, node) in enumerate(zip(below, written, strict=True)):
            node.Title, node.Parent = item.title, parent
            if at:
                node.Prev = written[at - 1]
            if at + 1 < len(below):
                node.Next = written[at + 1]
            if item.below:
                shown = self._write_items(node, item.below)
                node.Count = -shown if item.closed else shown
                seen += 0 if item.closed else shown
        if written:
            parent.First, parent.Last, parent.Count = written[0], written[-1], seen
        return seen


def _copy_outline(first: Any, source: SourcePart, seen: VisitedObjects, depth: int) -> Iterator[OutlineEntry]:
    for node in outline_siblings(first, seen) if depth < MAX_DEPTH else ():
        kept = {key: source.copied(value) for key in _KEPT if (value := entry(node, key)) is not None}
        if not source.tagged:
            kept.pop("/SE", None)  # the tags it refers to are not copied
        title, count = entry(node, "/Title"), as_integer(entry(node, "/Count"))
        below = list(_copy_outline(entry(node, "/First"), source, seen, depth + 1))
        yield OutlineEntry(
            direct_copy(title) if isinstance(title, String) else String(""),
            kept,
            below,
            count is not None and count < 0,
        )


def _unique_ascii_name(name: bytes, taken: set[bytes], prefix: str) -> bytes:
    """Return a similar unused name in ASCII: viewers differ in how they decode and sort other characters."""
    name = name if name.isascii() else quote(str(String(name))).encode()
    while name in taken:
        name = prefix.encode() + name
    return name


def utf8_name(name: bytes) -> bytes:
    """Return a name in the encoding that pikepdf writes."""
    return bytes(String(str(String(name))))


def unique_file_name(name: bytes, taken: Mapping[bytes, Any]) -> bytes:
    """Return the name of a file, numbered if it is taken."""
    if name not in taken:
        return name
    text = str(String(name))
    stem, dot, suffix = text.rpartition(".") if "." in text else (text, "", "")
    number = 2
    while (free := bytes(String(f"{stem} ({number}){dot}{suffix}"))) in taken:
        number += 1
    return free
