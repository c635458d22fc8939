"""The trees of a PDF (pages, names, numbers, outlines), walked safely: strange files have loops in them."""

from collections.abc import Iterator
from typing import Any

from pypdf.generic import DictionaryObject, IndirectObject, StreamObject

from pdfkit_cli.pdf.joining.copying import entries, get, items, raw, resolve, text

INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
"""What a page may take from the nodes above it (ISO 32000-1, table 30)."""


def pages(catalog: Any) -> Iterator[tuple[Any, dict[str, Any], bool]]:
    """Yield each node of the page tree: the node as it stands in its parent, what it inherits, and whether it is a page.

    Raises ValueError where something else stands in a page's place: nobody can say what would be missing.
    """
    waiting: list[tuple[Any, dict[str, Any]]] = [(raw(catalog, "/Pages"), {})]
    seen: set[int] = set()
    while waiting:
        node, above = waiting.pop()
        kids, inherits = get(node, "/Kids"), dict(above)
        if kids is None:
            _is_page(resolve(node))
            yield node, inherits, True
            continue
        if isinstance(node, IndirectObject):
            if node.idnum in seen:
                continue
            seen.add(node.idnum)
        yield node, inherits, False
        inherits |= {key: raw(node, key) for key in INHERITED if raw(node, key) is not None}
        waiting += [(kid, inherits) for kid in reversed(items(kids))]


def _is_page(value: Any) -> None:
    if (
        not isinstance(value, DictionaryObject)
        or isinstance(value, StreamObject)
        or get(value, "/Type") not in (None, "/Page")
    ):
        raise ValueError("no page")


def leaves(root: Any, key: str) -> Iterator[tuple[Any, Any]]:
    """Yield the pairs of a name tree (`key` is /Names) or a number tree (/Nums), values as they stand there."""
    waiting, seen = [root], set[int]()
    while waiting:
        node = waiting.pop()
        if isinstance(node, IndirectObject):
            if node.idnum in seen:
                continue
            seen.add(node.idnum)
        pairs = items(raw(node, key))
        yield from zip(map(resolve, pairs[::2]), pairs[1::2], strict=False)
        waiting += reversed(items(raw(node, "/Kids")))


def names(catalog: Any, kind: str) -> dict[str, Any]:
    """Return the names of one kind, such as /Dests or /EmbeddedFiles, with their values as they stand there."""
    found = {text(name): value for name, value in leaves(raw(get(catalog, "/Names"), kind), "/Names")}
    if kind == "/Dests":  # PDF 1.1 had a dictionary in the catalog
        found |= {text(name).removeprefix("/"): value for name, value in entries(get(catalog, "/Dests"))}
    return found


def siblings(first: Any, seen: set[int]) -> Iterator[Any]:
    """Yield the items of an outline that follow each other; `seen` are those already met, anywhere."""
    node = first
    while resolve(node) is not None:
        if isinstance(node, IndirectObject):
            if node.idnum in seen:
                return
            seen.add(node.idnum)
        yield node
        node = raw(node, "/Next")
