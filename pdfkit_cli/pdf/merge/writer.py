"""Writes a PDF: the objects that the catalog refers to, numbered in the order in which they are found.

qpdf's own writer compresses metadata, which PDF/A-1 forbids (ISO 19005-1, 6.7.2), and ends a stream whose last byte is
a line end in a way that PDF/A does not allow (ISO 19005-2, 6.1.7.1).
"""

import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

from pikepdf import Dictionary, Object, Pdf, Stream

HEADER = b"%%PDF-%b\n%%\xe2\xe3\xcf\xd3\n"

_OBJECTS_PER_STREAM = 200
"""Objects in one object stream: a viewer decompresses all of it for each object that it needs."""

_REFERENCE = re.compile(rb"\((?:[^\\()]|\\.)*\)|(?<![^\s\[\]<>])(\d+) (\d+) R(?![^\s\[\]<>/])", re.S)
"""A reference as qpdf writes it, or a string, in which nothing is a reference."""


class _ObjectNumbers:
    """The new numbers of objects, in the order in which they are found."""

    def __init__(self) -> None:
        self.order: list[tuple[int, int]] = []
        self._known: dict[tuple[int, int], int] = {}

    def of(self, key: tuple[int, int]) -> int:
        """Return the number of an object."""
        if key not in self._known:
            self.order.append(key)
            self._known[key] = len(self.order)
        return self._known[key]


def write_pdf(pdf: Pdf, *, packed: bool = True, version: str = "1.7") -> bytes:
    """Return a PDF as a file. Its ID is a digest of its content, so that the same objects give the same bytes.

    With `packed`, objects other than streams go into object streams (ISO 32000-1, 7.5.7): a structure tree has many small objects.
    """
    numbers = _ObjectNumbers()
    trailer = b" ".join(
        b"%b %b" % (key.encode(), _renumbered(pdf.trailer[key].unparse(), numbers))
        for key in ("/Root", "/Info")
        if key in pdf.trailer
    )
    out, streams, plain = BytesIO(), list[tuple[int, bytes, bytes]](), list[tuple[int, bytes]]()
    out.write(HEADER % version.encode())
    for number, written, data in _objects(pdf, numbers):
        if data is None:
            plain.append((number, written))
        else:
            streams.append((number, written, data))
    rows = dict[int, bytes]()
    last = len(numbers.order)
    if packed:
        for start in range(0, len(plain), _OBJECTS_PER_STREAM):
            last += 1
            part = plain[start : start + _OBJECTS_PER_STREAM]
            streams.append((last, *_write_object_stream(part)))
            rows |= {
                number: b"\2" + last.to_bytes(5, "big") + index.to_bytes(2, "big")
                for index, (number, _) in enumerate(part)
            }
    else:
        for number, written in plain:
            rows[number] = _offset_row(out)
            out.write(b"%d 0 obj\n%b\nendobj\n" % (number, written))
    for number, written, data in streams:
        rows[number] = _offset_row(out)
        _write_stream(out, number, written, data)
    _write_table(out, trailer, [rows[number] for number in range(1, last + 1)], packed=packed)
    return out.getvalue()


def _objects(pdf: Pdf, numbers: _ObjectNumbers) -> Iterator[tuple[int, bytes, bytes | None]]:
    """Yield the number of each object, its serialized form, and the data of a stream."""
    for key in numbers.order:  # grows during the loop
        number = numbers.of(key)
        value: Any = pdf.get_object(*key)
        if isinstance(value, Stream):
            written = value.stream_dict
            if "/Length" in written:
                del written["/Length"]
            yield number, _renumbered(written.unparse(resolved=True), numbers), value.read_raw_bytes()
        else:
            yield number, _renumbered(_serialized(value), numbers), None


def _serialized(value: Any) -> bytes:
    if isinstance(value, Object):
        return value.unparse(resolved=True)
    return Dictionary(V=value).unparse()[len(b"<< /V ") : -len(b" >>")] if value is not None else b"null"


def _renumbered(written: bytes, numbers: _ObjectNumbers) -> bytes:
    def new(match: "re.Match[bytes]") -> bytes:
        if match[1] is None:
            return match[0]
        return b"%d 0 R" % numbers.of((int(match[1]), int(match[2])))

    return _REFERENCE.sub(new, written)


def _write_object_stream(part: Iterable[tuple[int, bytes]]) -> tuple[bytes, bytes]:
    content, heads = BytesIO(), []
    for number, written in part:
        heads.append(b"%d %d" % (number, content.tell()))
        content.write(written + b"\n")
    head = b" ".join(heads) + b"\n"
    written = b"<< /Type /ObjStm /N %d /First %d /Filter /FlateDecode >>" % (len(heads), len(head))
    return written, zlib.compress(head + content.getvalue())


def _offset_row(out: BytesIO) -> bytes:
    return b"\1" + out.tell().to_bytes(5, "big") + b"\0\0"


def _write_stream(out: BytesIO, number: int, written: bytes, data: bytes) -> None:
    """Write a stream. Its data end with CR LF, since a lone LF would merge with a CR at the end of the data."""
    out.write(
        b"%d 0 obj\n%b /Length %d >>\nstream\n%b\r\nendstream\nendobj\n" % (number, written[:-3], len(data), data)
    )


def _write_table(out: BytesIO, trailer: bytes, rows: list[bytes], *, packed: bool) -> None:
    start, size = out.tell(), len(rows) + 1
    identity = hashlib.sha256(out.getbuffer()).hexdigest()[:32].encode()
    trailer += b" /ID [ <%b> <%b> ]" % (identity, identity)
    if packed:
        table = b"\0" * 8 + b"".join(rows) + b"\1" + start.to_bytes(5, "big") + b"\0\0"
        written = b"<< /Type /XRef /Size %d /W [ 1 5 2 ] /Filter /FlateDecode %b >>" % (size + 1, trailer)
        _write_stream(out, size, written, zlib.compress(table))
    else:
        out.write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
        out.writelines(b"%010d 00000 n \n" % int.from_bytes(row[1:6], "big") for row in rows)
        out.write(b"trailer\n<< /Size %d %b >>\n" % (size, trailer))
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
