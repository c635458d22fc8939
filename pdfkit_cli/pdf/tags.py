"""What WeasyPrint tags wrong, mended on the pydyf objects of a PDF that is not yet written (WeasyPrint 70, pydyf 0.13)."""

from collections.abc import Iterator
from typing import Any

import pydyf


def margins_to_artifacts(pdf: pydyf.PDF) -> None:
    """Turn what stands in the page margins into artifacts (PDF/UA-1, 7.1; ISO 32000-1, 14.8.2.2).

    WeasyPrint marks it as content and makes structure elements for it, but hangs those nowhere: a reader that follows
    the tree misses it, one that follows the marks finds an element without a document.
    """
    by_reference = {item.reference: item for item in pdf.objects}
    root = by_reference[pdf.catalog["StructTreeRoot"]]
    in_tree = set(_below(root["K"], by_reference))
    nums = by_reference[root["ParentTree"]]["Nums"]
    streams = dict(_streams(pdf, by_reference))
    for key, row in zip(nums[::2], nums[1::2], strict=True):
        if isinstance(row, list):
            strays = {mcid for mcid, element in enumerate(row) if element != b"null" and element not in in_tree}
            row[:] = [b"null" if mcid in strays else element for mcid, element in enumerate(row)]
            _unmark(streams[key], strays)
    for item in pdf.objects:
        if _is_element(item) and item.reference not in in_tree:
            item.clear()  # an empty object: pydyf cannot leave a number out


def _below(references: list[Any], by_reference: dict[bytes, Any]) -> Iterator[bytes]:
    """Yield the references of all elements of a tree."""
    waiting = list(references)
    while waiting:
        reference = waiting.pop()
        if isinstance(reference, bytes) and _is_element(by_reference[reference]):
            yield reference
            waiting += by_reference[reference]["K"]


def _is_element(item: Any) -> bool:
    return isinstance(item, pydyf.Dictionary) and item.get("Type") == "/StructElem"


def _streams(pdf: pydyf.PDF, by_reference: dict[bytes, Any]) -> Iterator[tuple[int, Any]]:
    """Yield the streams of pages and forms, by their key in the parent tree."""
    for number in pdf.pages["Kids"][::3]:
        page = by_reference[b"%d 0 R" % number]
        yield page["StructParents"], by_reference[page["Contents"]]
    for item in pdf.objects:
        if isinstance(item, pydyf.Stream) and "StructParents" in item.extra:
            yield item.extra["StructParents"], item


def _unmark(stream: Any, mcids: set[int]) -> None:
    for at, item in enumerate(stream.stream):
        if isinstance(item, dict) and item.get("MCID") in mcids:
            stream.stream[at - 1 : at + 2] = ["/Artifact", pydyf.Dictionary({"Type": "/Pagination"}), b"BDC"]
