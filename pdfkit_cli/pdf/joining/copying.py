"""Copies the objects of PDFs into one new PDF, and writes it."""

import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    EncodedStreamObject,
    IndirectObject,
    NameObject,
    NullObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

BROKEN = (
    PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OverflowError,
    NotImplementedError, ZeroDivisionError, AssertionError, zlib.error,
)  # fmt: skip
"""What reading a broken PDF raises, in pypdf and in whoever takes its objects for what they should be."""

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"

ACTIONS_LEFT_OUT = {"/JavaScript", "/Launch", "/Rendition", "/ImportData", "/SubmitForm"}
"""Actions that do something to the reader's machine, or tell somebody that the letter was opened."""

_PACKED = 200
"""Objects in one object stream: a viewer unpacks a whole stream for each object that it needs."""

_OWN_PLACE = {"/StructParents", "/StructParent", "/Parent", "/P", "/Pg"}
"""Keys of objects that stand in one place of one part, and are never shared."""

_DEEPEST = 30
"""How deep a font or a picture may nest; a deeper one is copied as it is."""


_NULL, _HEAD = re.compile(rb"\s*\d+\s+\d+\s+obj\s+null"), 64
"""An object that is null, and the bytes of a file in which it says so."""


class Objects:
    """The objects of the PDF that is being made, by number."""

    def __init__(self) -> None:
        self._objects: list[PdfObject] = []
        self.shared: dict[bytes, IndirectObject] = {}

    def reserve(self) -> IndirectObject:
        """Return a reference to an object that comes later."""
        self._objects.append(NullObject())
        return IndirectObject(len(self._objects), 0, self)

    def put(self, reference: IndirectObject, value: PdfObject) -> None:
        """Give a reserved reference its object."""
        self._objects[reference.idnum - 1] = value

    def add(self, value: PdfObject) -> IndirectObject:
        """Add an object and return its reference."""
        reference = self.reserve()
        self.put(reference, value)
        return reference

    def get_object(self, reference: IndirectObject) -> PdfObject:
        """Return an object; `IndirectObject.get_object` calls this."""
        return self._objects[reference.idnum - 1]

    def write(self, root: IndirectObject, info: IndirectObject) -> bytes:
        """Return the file. Its ID is a digest of its content, so that the same parts give the same bytes.

        What is no stream goes into object streams (ISO 32000-1, 7.5.7): a structure tree is many small objects.
        """
        out, rows = BytesIO(), [b"\0\0\0\0\0\0\0\0"] * (len(self._objects) + 1)
        out.write(HEADER)
        plain = [number for number, value in enumerate(self._objects, start=1) if not isinstance(value, StreamObject)]
        for start in range(0, len(plain), _PACKED):
            numbers = plain[start : start + _PACKED]
            packed = self.add(self._pack(numbers))
            for index, number in enumerate(numbers):
                rows[number] = b"\2" + packed.idnum.to_bytes(5, "big") + index.to_bytes(2, "big")
        rows += [b""] * (len(self._objects) + 1 - len(rows))
        for number, value in enumerate(self._objects, start=1):
            if isinstance(value, StreamObject):
                rows[number : number + 1] = [b"\1" + out.tell().to_bytes(5, "big") + b"\0\0"]
                _write_stream(out, number, value)
        number, start = len(self._objects) + 1, out.tell()
        rows += [b"\1" + start.to_bytes(5, "big") + b"\0\0"]
        identity = ByteStringObject(hashlib.sha256(out.getbuffer()).digest()[:16])
        table = _stream(
            zlib.compress(b"".join(rows)),
            Type=NameObject("/XRef"), Size=NumberObject(number + 1), W=array(NumberObject(1), NumberObject(5), NumberObject(2)),
            Root=root, Info=info, ID=array(identity, identity),
        )  # fmt: skip
        _write_stream(out, number, table)
        out.write(b"startxref\n%d\n%%%%EOF\n" % start)
        return out.getvalue()

    def _pack(self, numbers: list[int]) -> StreamObject:
        content, heads = BytesIO(), []
        for number in numbers:
            heads.append(b"%d %d" % (number, content.tell()))
            self._objects[number - 1].write_to_stream(content)
            content.write(b"\n")
        head = b" ".join(heads) + b"\n"
        data = zlib.compress(head + content.getvalue())
        return _stream(data, Type=NameObject("/ObjStm"), N=NumberObject(len(numbers)), First=NumberObject(len(head)))


def _stream(compressed: bytes, **entries: PdfObject) -> EncodedStreamObject:
    stream = EncodedStreamObject()
    stream._data = compressed
    stream.update(dictionary(Filter=NameObject("/FlateDecode"), **entries))
    return stream


def _write_stream(out: BytesIO, number: int, stream: StreamObject) -> None:
    """Write a stream. Data may end in a carriage return, which a line feed after it would seem to belong to: so both follow."""
    entries = DictionaryObject(dict.items(stream))
    entries[NameObject("/Length")] = NumberObject(len(stream._data))
    out.write(b"%d 0 obj\n" % number)
    entries.write_to_stream(out)
    out.write(b"\nstream\n%b\r\nendstream\nendobj\n" % stream._data)


def dictionary(**entries: PdfObject) -> DictionaryObject:
    """Return a dictionary; keys without their slash."""
    return DictionaryObject({NameObject(f"/{key}"): value for key, value in entries.items()})


def array(*values: PdfObject) -> ArrayObject:
    """Return an array."""
    return ArrayObject(values)


def items(value: Any) -> list[Any]:
    """Return the items of an array as they stand there, references unresolved; nothing for anything else."""
    resolved = resolve(value)
    return list(list.__iter__(resolved)) if isinstance(resolved, ArrayObject) else []


def entries(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield keys and values of a dictionary as they stand there; nothing for anything else."""
    resolved = resolve(value)
    if isinstance(resolved, DictionaryObject):
        yield from dict.items(resolved)


def raw(value: Any, key: str) -> Any:
    """Return a dictionary's value as it stands there, None where there is none."""
    resolved = resolve(value)
    return dict.get(resolved, key) if isinstance(resolved, DictionaryObject) else None


def get(value: Any, key: str) -> Any:
    """Return a dictionary's value, resolved; None where there is none, or it is null."""
    return resolve(raw(value, key))


def text(value: Any) -> str:
    """Return a name or a string as text; nothing for anything else."""
    if isinstance(value, NameObject):
        return str(value).removeprefix("/")
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return str(value) if isinstance(value, str) else ""


def resolve(value: Any) -> Any:
    """Return what a reference leads to; None for null and for what leads nowhere."""
    for _ in range(_DEEPEST):
        if not isinstance(value, IndirectObject):
            return None if isinstance(value, NullObject) else value
        value = value.pdf.get_object(value)
    return None


class Copier:
    """Copies what one PDF holds; each object once, so that references between them stay what they are."""

    def __init__(self, reader: PdfReader, objects: Objects, shift: int) -> None:
        self.objects, self.shift = objects, shift
        self.renamed: Mapping[str, str] = {}
        self.tagged = True
        self.left_out: set[str] = set()
        self._reader = reader
        self._bytes = memoryview(reader.stream.getbuffer() if isinstance(reader.stream, BytesIO) else b"")
        self._places: dict[int, IndirectObject] = {}
        self._waiting: list[tuple[IndirectObject, IndirectObject]] = []
        self._digests: dict[int, bytes | None] = {}

    def place(self, source: Any, target: IndirectObject) -> None:
        """Say where an object of the part stands in the new PDF, before anything that refers to it is copied."""
        if isinstance(source, IndirectObject):
            self._places.setdefault(source.idnum, target)

    def copy(self, value: Any) -> Any:
        """Return a copy, with everything that it refers to."""
        copied = self._inline(value)
        while self._waiting:
            source, target = self._waiting.pop()
            found = source.get_object()
            if resolve(found) is None:
                self._really_null(source)
            self.objects.put(target, self._inline(found))
        return copied

    def _really_null(self, source: IndirectObject) -> None:
        """Raise ValueError where an object is there and cannot be read: a page would lose something, and nobody would know."""
        at = self._reader.xref.get(source.generation, {}).get(source.idnum)
        if at is not None and not _NULL.match(self._bytes[at : at + _HEAD]):
            raise ValueError("a damaged object")

    def _inline(self, value: Any) -> Any:
        if isinstance(value, IndirectObject):
            return self._reference(value)
        if isinstance(value, DictionaryObject):
            return self._dictionary(value)
        if isinstance(value, ArrayObject):
            return ArrayObject(self._inline(item) for item in list.__iter__(value))
        return NullObject() if value is None else value

    def _reference(self, source: IndirectObject) -> IndirectObject:
        known = self._places.get(source.idnum)
        if known is None:
            digest = self._digest(source, 0)
            known = self.objects.shared.get(digest) if digest else None
            if known is None:
                known = self.objects.reserve()
                self._waiting.append((source, known))
                if digest:
                    self.objects.shared[digest] = known
            self._places[source.idnum] = known
        return known

    def _dictionary(self, value: DictionaryObject) -> PdfObject:
        if dict.get(value, "/S") in ACTIONS_LEFT_OUT and "/K" not in value:
            self.left_out.add(str(dict.get(value, "/S")))
            return NullObject()
        copied: DictionaryObject = DictionaryObject()
        if isinstance(value, StreamObject):
            copied = EncodedStreamObject() if "/Filter" in value else StreamObject()
            copied._data = value._data
        for key, inner in dict.items(value):
            if key == "/AA":
                self.left_out.add(key)
            elif key in ("/StructParents", "/StructParent"):
                if self.tagged and isinstance(inner, int):
                    dict.__setitem__(copied, key, NumberObject(inner + self.shift))
            elif key in ("/Dest", "/D") and (name := text(resolve(inner))) in self.renamed:
                dict.__setitem__(copied, key, TextStringObject(self.renamed[name]))
            elif not (key == "/Length" and isinstance(value, StreamObject)):
                dict.__setitem__(copied, key, self._inline(inner))
        return copied

    def _digest(self, source: IndirectObject, depth: int) -> bytes | None:
        """Return a digest of a font, a picture or another object that can be shared; None for what has its own place."""
        if source.idnum not in self._digests:
            if source.idnum in self._places or depth > _DEEPEST:
                return None
            self._digests[source.idnum] = None  # what leads back to itself is not shared
            value = source.get_object()
            shareable = (
                isinstance(value, StreamObject)
                or depth
                or raw(value, "/Type") in ("/Font", "/FontDescriptor", "/ExtGState")
            )
            self._digests[source.idnum] = self._hash(value, depth) if shareable else None
        return self._digests[source.idnum]

    def _hash(self, value: Any, depth: int) -> bytes | None:
        if isinstance(value, IndirectObject):
            return self._digest(value, depth + 1)
        parts: list[bytes | None]
        if isinstance(value, DictionaryObject):
            if _OWN_PLACE & value.keys() or depth > _DEEPEST:
                return None
            parts = [b"<<", value._data if isinstance(value, StreamObject) else b""]
            for key, inner in sorted(dict.items(value)):
                parts += [key.encode("utf-8", "surrogateescape"), self._hash(inner, depth + 1)]
        elif isinstance(value, ArrayObject):
            parts = [b"[", *(self._hash(item, depth + 1) for item in list.__iter__(value))]
        else:
            out = BytesIO()
            (NullObject() if value is None else value).write_to_stream(out)
            parts = [out.getvalue()]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        return hashlib.sha256(b"\0".join(b"%d %b" % (len(part), part) for part in known)).digest()
