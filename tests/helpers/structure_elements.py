"""The structure elements of a finished PDF, as pypdf reads them."""

from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader


def number_of(reference: Any) -> int:
    return int(reference.indirect_reference.idnum)


def elements(node: Any) -> Iterator[Any]:
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object()
        if isinstance(kid, dict) and kid.get("/Type") == "/StructElem":
            assert number_of(kid["/P"]) == number_of(node)
            yield kid
            yield from elements(kid)


def parents(reader: PdfReader) -> dict[int, Any]:
    root: Any = reader.root_object
    numbers = root["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    return {int(key): value.get_object() for key, value in zip(numbers[::2], numbers[1::2], strict=True)}
