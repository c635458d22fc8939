"""Stores fonts, pictures and content streams that several parts have in common only once."""

import hashlib
from typing import Any

from pikepdf import Array, Dictionary, Object, Stream

from pdfkit_cli.pdf.objects import MAX_DEPTH, array_items, entry, name_entry, sorted_entries

_RESOURCES = ("/Font", "/XObject", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading")
"""Resources that can be shared; marked content and layers belong to their part."""

_OWN_PLACE = ("/StructParents", "/StructParent", "/Parent", "/P", "/Pg")
"""Keys of objects that belong to one place in one part, and are never shared."""

_OWN_KINDS = {"/OCG", "/OCMD", "/Page", "/Pages", "/Catalog", "/StructElem", "/Annot"}
"""Types of objects that are distinct even if they are equal: two layers with the same name are two layers."""


class Deduplicator:
    """Finds equal objects of a PDF, and replaces all but the first by a reference to it."""

    def __init__(self) -> None:
        self._first: dict[bytes, Object] = {}
        self._known: dict[tuple[int, int], Object] = {}
        self._walked: set[tuple[int, int]] = set()

    def share(self, page: Any) -> None:
        """Share the content and the resources of a page."""
        self._share_resources(entry(page, "/Resources"), 0)
        drawing = entry(page, "/Contents")
        if isinstance(drawing, Array):
            self._share_items(drawing, 0)
        elif drawing is not None:
            page["/Contents"] = self._shared_object(drawing, 0)

    def _share_resources(self, resources: Any, depth: int) -> None:
        if isinstance(resources, Dictionary) and resources.is_indirect:
            if resources.objgen in self._walked:
                return
            self._walked.add(resources.objgen)
        for kind in _RESOURCES:
            self._share_items(entry(resources, kind), depth)

    def _shared_object(self, value: Any, depth: int) -> Any:
        if not isinstance(value, Object) or depth > MAX_DEPTH:
            return value
        if not value.is_indirect:
            self._share_items(value, depth)
            return value
        if (known := self._known.get(value.objgen)) is None:
            self._known[value.objgen] = value  # an object in a loop is not shared
            known = self._known[value.objgen] = self._first_equal(value, depth)
        return known

    def _first_equal(self, value: Any, depth: int) -> Any:
        if isinstance(value, Dictionary | Stream):
            if name_entry(value, "/Type") in _OWN_KINDS or any(key in value for key in _OWN_PLACE):
                self._share_resources(entry(value, "/Resources"), depth + 1)
                return value
        elif not isinstance(value, Array):
            return value
        self._share_items(value, depth)
        content = value.read_raw_bytes() if isinstance(value, Stream) else b""
        written = (value.stream_dict if isinstance(value, Stream) else value).unparse(resolved=True)
        digest = hashlib.sha256(b"%d %b%b" % (len(written), written, content)).digest()
        return self._first.setdefault(digest, value)

    def _share_items(self, value: Any, depth: int) -> None:
        if isinstance(value, Array):
            for index, inner in enumerate(array_items(value)):
                if _move_references(inner, shared := self._shared_object(inner, depth + 1)):
                    value[index] = shared
            return
        for key, inner in sorted_entries(value):
            if not isinstance(inner, Dictionary | Stream | Array):
                continue
            if key == "/Resources":
                self._share_resources(inner, depth + 1)
            elif _move_references(inner, shared := self._shared_object(inner, depth + 1)):
                value[key] = shared


def _move_references(one: Any, other: Any) -> bool:
    return isinstance(one, Object) and one.is_indirect and bool(one.objgen != other.objgen)
