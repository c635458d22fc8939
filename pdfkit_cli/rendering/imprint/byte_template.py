"""Bytes with gaps that are filled repeatedly with different values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, Final

import pydyf

from pdfkit_cli.rendering import weasyprint_seams
from pdfkit_cli.rendering.postprocess import deterministic_writer
from pdfkit_cli.system.codec import storable

PLACEHOLDER_START: Final = b"\x00<"
"""The beginning of a placeholder: nothing that pydyf writes outside a stream contains these bytes."""

_PLACEHOLDER: Final = re.compile(rb"\x00<([^>]*)>\x00")


@cache
def numbered_gaps(gap: bytes, count: int) -> tuple[bytes, ...]:
    """Return the names of the gaps with the indices below `count`."""
    return tuple(b"%s%d" % (gap, index) for index in range(count))


class Gap(bytes, Enum):
    """A value that is known only when a body and a clinic's fragment are joined; docs/imprint.md has an example.

    An index counts from 0.
    """

    # One value in the PDF
    DIGEST = b"digest"  # the short digest at the foot of the pages, as glyph codes
    AUTHOR = b"author"  # the clinic's name as a PDF string, in the Info dictionary
    CREATOR = b"creator"  # the clinic's name in the XMP metadata, escaped
    XMP = b"xmp"  # the XMP description of the edition
    PROFILE = b"profile"  # object number of the body's colour profile, which the fragment refers to
    PARENT_TREE = b"parent-tree"  # entries that the slots add to the parent tree
    NEXT_KEY = b"next-key"  # the next unused key of the parent tree
    ROLE_MAP = b"role-map"  # the role map, which depends on the structure types in body and slots

    # In the body
    FORM = b"form-"  # with the index of a slot: object number of its form XObject
    ELEMENTS = b"elements-"  # with the index of a slot: references of its outermost structure elements
    LINKS = b"links-"  # with the object number of a page: references of the links that slots add to it

    # In the fragment
    SHARED = b"shared-"  # with the index of an object that the clinic's slots share, such as a font: its object number
    OWN = b"own-"  # with the index of an object of this slot: its object number
    PAGE = b"page"  # object number of the page or sheet that the slot is on
    PARENT = b"parent"  # object number of the structure element around the slot's room
    KEY = b"key-"  # with an index: a key in the parent tree, the first for the slot's content, the others for its links
    X = b"x:"  # with points from the slot's left edge: that position on the page
    Y = b"y:"  # with points upwards from the slot's upper edge: that position on the page

    def at(self, index: int) -> bytes:
        """Return the name of the gap with an index."""
        return b"%s%d" % (self.value, index)


@storable
@dataclass(frozen=True, slots=True)
class ByteTemplate:
    """The pieces around the gaps, and the names of the gaps, of which there is one fewer."""

    pieces: tuple[bytes, ...]
    gaps: tuple[bytes, ...]

    @classmethod
    def of(cls, data: bytes) -> "ByteTemplate":
        """Return the template of bytes that contain placeholders."""
        parts = _PLACEHOLDER.split(data)
        return cls(tuple(parts[::2]), tuple(parts[1::2]))

    def filled(self, values: Mapping[bytes, bytes]) -> bytes:
        """Return the bytes with values in the gaps. Raises KeyError for a gap without a value."""
        if not self.gaps:
            return self.pieces[0]
        parts = [b""] * (2 * len(self.gaps) + 1)
        parts[::2] = self.pieces
        parts[1::2] = map(values.__getitem__, self.gaps)
        return b"".join(parts)


def placeholder(name: bytes) -> bytes:
    """Return the placeholder for a value."""
    return b"\x00<%s>\x00" % name


def placeholder_reference(name: bytes) -> bytes:
    """Return a reference to an object whose number is a value."""
    return placeholder(name) + b" 0 R"


def serialize_stream(stream: Any) -> tuple[bytes, bytes]:
    """Return the dictionary and the data of a stream as they are written, compressed."""
    deterministic_writer.compress(stream)
    data = weasyprint_seams.stream_data(stream)
    return pydyf.Dictionary(stream.extra | {"Length": len(data)}).data, data
