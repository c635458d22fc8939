"""Bytes with gaps, which are filled again and again with something else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pydyf

from pdfkit_cli.rendering import weasyprint_seams
from pdfkit_cli.rendering.postprocess import deterministic_writer
from pdfkit_cli.system.codec import storable

PLACEHOLDER: Final = b"\x00<"
"""How the mark of a gap begins."""

_PLACEHOLDER: Final = re.compile(rb"\x00<([^>]*)>\x00")


@storable
@dataclass(frozen=True, slots=True)
class ByteTemplate:
    """The pieces between the gaps, and the names of the gaps: one piece more."""

    pieces: tuple[bytes, ...]
    gaps: tuple[bytes, ...]

    @classmethod
    def of(cls, data: bytes) -> "ByteTemplate":
        """Return the pattern of bytes in which gaps are marked, see `gap`."""
        parts = _PLACEHOLDER.split(data)
        return cls(tuple(parts[::2]), tuple(parts[1::2]))

    def filled(self, known: Mapping[bytes, bytes]) -> bytes:
        """Return the bytes with what is known in the gaps. Raises KeyError for one of which nothing is known."""
        if not self.gaps:
            return self.pieces[0]
        parts = [b""] * (2 * len(self.gaps) + 1)
        parts[::2] = self.pieces
        parts[1::2] = [known[name] for name in self.gaps]
        return b"".join(parts)


def placeholder(name: bytes) -> bytes:
    """Return the mark of a gap: no PDF object that pydyf writes has such bytes outside a stream."""
    return b"\x00<%s>\x00" % name


def placeholder_reference(name: bytes) -> bytes:
    """Return a reference to an object whose number is not known yet."""
    return placeholder(name) + b" 0 R"


def serialize_stream(stream: Any) -> tuple[bytes, bytes]:
    """Return dictionary and data of a stream as they are written, compressed."""
    deterministic_writer.compress(stream)
    data = weasyprint_seams.stream_data(stream)
    return pydyf.Dictionary(stream.extra | {"Length": len(data)}).data, data
