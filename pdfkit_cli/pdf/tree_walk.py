"""Walks the trees of a PDF (names, numbers, outlines) safely, even if they contain loops, and makes name trees."""

from collections.abc import Iterator, Mapping
from typing import Any

from pikepdf import Array, Dictionary, Object, Pdf, String

from pdfkit_cli.pdf.objects import array_items, entry, sorted_entries


class VisitedObjects:
    """The indirect objects that have been visited; a direct object is new each time."""

    def __init__(self) -> None:
        self._known: set[tuple[int, int]] = set()

    def add(self, value: Any) -> bool:
        """Remember an object; return whether it is new."""
        key = value.objgen if isinstance(value, Object) else (0, 0)
        if key != (0, 0) and key in self._known:
            return False
        self._known.add(key)
        return True


def tree_items(root: Any, key: str) -> Iterator[tuple[Any, Any]]:
    """Yield the pairs of a name tree (`key` is /Names) or a number tree (/Nums)."""
    waiting, seen = [root], VisitedObjects()
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Dictionary) or not seen.add(node):
            continue
        pairs = array_items(entry(node, key))
        yield from zip(pairs[::2], pairs[1::2], strict=False)
        waiting += reversed(array_items(entry(node, "/Kids")))


def tree_names(catalog: Any, kind: str) -> Iterator[tuple[bytes, Any]]:
    """Yield the names of one kind, such as /Dests or /EmbeddedFiles, as bytes, with their values."""
    for name, value in tree_items(entry(entry(catalog, "/Names"), kind), "/Names"):
        if isinstance(name, String) and value is not None:
            yield bytes(name), value


def catalog_destinations(catalog: Any) -> Iterator[tuple[bytes, Any]]:
    """Yield the destinations in the catalog (ISO 32000-1, 12.3.2.3), which links refer to by name objects, not strings."""
    for name, value in sorted_entries(entry(catalog, "/Dests")):
        yield name[1:].encode("utf-8", "surrogateescape"), value


def make_name_tree(pdf: Pdf, values: Mapping[bytes, Any]) -> Dictionary:
    """Return a name tree, sorted by bytes.

    PDFium searches a leaf in the order of the names as text, so a new leaf begins wherever the two orders differ.
    """
    leaves: list[list[bytes]] = []
    text = ""
    for name in sorted(values):
        before, text = text, str(String(name))
        if not leaves or text < before:
            leaves.append([])
        leaves[-1].append(name)
    return pdf.make_indirect(Dictionary(Kids=Array([_leaf(pdf, values, names) for names in leaves])))


def _leaf(pdf: Pdf, values: Mapping[bytes, Any], names: list[bytes]) -> Object:
    pairs = [part for name in names for part in (String(name), values[name])]
    return pdf.make_indirect(Dictionary(Names=Array(pairs), Limits=Array([String(names[0]), String(names[-1])])))


def outline_siblings(first: Any, seen: VisitedObjects) -> Iterator[Any]:
    """Yield an item of an outline and its siblings; items in `seen`, those already visited at any level, end the list."""
    node = first
    while isinstance(node, Dictionary) and seen.add(node):
        yield node
        node = entry(node, "/Next")
