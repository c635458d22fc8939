"""Typed access to the objects of any PDF: whatever the file contains, each function returns the type that it promises.

qpdf reads a file as viewers do: of two equal keys the last one counts, deleted objects stay deleted, names keep their
bytes, and a damaged cross-reference table is rebuilt.
"""

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from io import BytesIO
from itertools import count
from operator import itemgetter
from typing import Any, TypeAlias

from pikepdf import Array, DataDecodingError, Dictionary, Name, Object, PasswordError, Pdf, PdfError, Stream, String

from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.pdf.geometry import Box

PDF_ERRORS = (
    PdfError, DataDecodingError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError,
    ArithmeticError, NotImplementedError, RuntimeError, zlib.error,
)  # fmt: skip
"""Exceptions raised when a broken PDF is read, in qpdf and in code that expects its objects to have the right type."""

MAX_DEPTH = 50
"""Greatest depth of objects inside objects, forms inside forms, outline levels and the like: more is a loop."""

MAX_STREAM_BYTES = 16 << 20
"""Largest size in bytes of decoded metadata."""

MAX_NUMBER = 1e9
"""Numbers from this size on are rejected: no sensible number in a PDF is as large."""

ObjectKey: TypeAlias = tuple[int, int]
"""Identifies an object of one file."""

_direct_keys = count(1)

_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
"""Attributes that a page inherits from the nodes above it (ISO 32000-1, table 30); null counts as missing."""

_COMMENT = re.compile(rb"%[^\r\n]*")
_CATALOG = re.compile(rb"\b(\d{1,9})\s+(\d{1,5})\s+obj\b(?:(?!\bendobj\b|\bstream\b).)*?/Type\s*/Catalog\b", re.S)
_REFERENCE = re.compile(rb"\b(\d{1,9}) (\d{1,5}) R\b")


class UnreadableError(PdfkitError):
    """The bytes are not a PDF that can be read, or not of the kind that is read here."""


class NoPageError(ValueError):
    """The page tree contains something that is not a page."""


def open_pdf(pdf: bytes) -> Pdf:
    """Open a PDF that needs no password.

    Loops are removed from its page tree, and each page gets the attributes that it inherits.
    Raises one of PDF_ERRORS, such as PasswordError.
    """
    try:
        return _try_open(pdf)
    except PasswordError:
        raise
    except PdfError:
        if rooted := _repair_trailer(pdf):
            return _try_open(rooted)
        raise


def _try_open(pdf: bytes) -> Pdf:
    found = Pdf.open(BytesIO(pdf), suppress_warnings=True, inherit_page_attributes=False)
    for _ in page_leaves(found):
        pass
    return found


def _repair_trailer(pdf: bytes) -> bytes:
    """Return a damaged PDF with a new trailer that refers to its catalog; empty if it has none, or several."""
    catalogs = {found.groups() for found in _CATALOG.finditer(pdf)}
    if len(catalogs) != 1 or b"/Encrypt" in pdf:
        return b""
    number, generation = catalogs.pop()
    return pdf + b"\ntrailer\n<< /Root %b %b R >>\nstartxref\n0\n%%%%EOF\n" % (number, generation)


def page_leaves(pdf: Pdf, on_loop: Callable[[], None] = lambda: None) -> Iterator[Dictionary]:
    """Yield the pages of the page tree and give each the attributes that it inherits; a node inside itself is removed.

    Calls `on_loop` for each node that contains itself.
    Raises NoPageError if the tree contains something that is not a page, since the missing content is unknown.
    """
    waiting: list[tuple[Any, dict[str, Any]]] = [(entry(pdf.Root, "/Pages"), {})]
    seen: set[tuple[int, int]] = set()
    while waiting:
        node, above = waiting.pop()
        if not isinstance(node, Dictionary) or name_entry(node, "/Type") not in ("", "/Page", "/Pages"):
            raise NoPageError
        for key, value in above.items():
            if entry(node, key) is None:
                node[key] = value
        if not isinstance(kids := entry(node, "/Kids"), Array):
            if not name_entry(node, "/Type") and not any(key in node for key in ("/MediaBox", "/Contents")):
                raise NoPageError
            yield node
            continue
        seen.add(node.objgen)
        inherits = {key: _indirect(pdf, value) for key in _INHERITED if (value := entry(node, key)) is not None}
        below = [kid for kid in kids if kid is not None and not _above(kid, seen)]
        if len(below) < len(kids):
            on_loop()
            node.Kids = Array(below)
        waiting += ((kid, inherits) for kid in reversed(below))


def _indirect(pdf: Pdf, value: Any) -> Any:
    return pdf.make_indirect(value) if isinstance(value, Dictionary | Array) and not value.is_indirect else value


def _above(kid: Any, seen: set[tuple[int, int]]) -> bool:
    return isinstance(kid, Dictionary) and "/Kids" in kid and kid.is_indirect and kid.objgen in seen


def object_key(value: Any) -> ObjectKey:
    """Return number and generation of an object. A direct object gets a new key each time: nothing can refer to it."""
    return value.objgen if isinstance(value, Object) and value.is_indirect else (0, next(_direct_keys))


def entry(value: Any, key: str) -> Any:
    """Return an entry of a dictionary or a stream; None if it is missing or null."""
    return value.get(key) if isinstance(value, Dictionary | Stream) else None


def name_entry(value: Any, key: str) -> str:
    """Return an entry that is a name, with its slash; nothing for anything else."""
    return as_name(entry(value, key))


def as_name(value: Any) -> str:
    """Return a name, with its slash, bytes that are not text as surrogates; nothing for anything else."""
    return bytes(value).decode("utf-8", "surrogateescape") if isinstance(value, Name) else ""


def readable_name(value: Any, key: str) -> str:
    """Return an entry that is a name, without its slash, as printable text; nothing for anything else."""
    return name_entry(value, key)[1:].encode("utf-8", "replace").decode()


def array_items(value: Any) -> list[Any]:
    """Return the items of an array; nothing for anything else."""
    return list(value) if isinstance(value, Array) else []


def as_list(value: Any) -> list[Any]:
    """Return the items of an array; a list of one item for anything else, except None."""
    return array_items(value) if isinstance(value, Array) else [] if value is None else [value]


def sorted_entries(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield keys and values of a dictionary, in the order of the keys; nothing for anything else."""
    if isinstance(value, Dictionary | Stream):
        yield from sorted(((key, inner) for key, inner in value.items() if inner is not None), key=itemgetter(0))


def make_name(called: str) -> Any:
    """Return a name object for a name with its slash, whatever bytes it has; pikepdf accepts only text."""
    escaped = "".join(f"#{byte:02x}" for byte in called[1:].encode("utf-8", "surrogateescape"))
    return Object.parse(b"/" + escaped.encode())


def make_dictionary(entries: Mapping[str, Any]) -> Dictionary:
    """Return a dictionary whose keys may have any bytes, which the constructor of pikepdf does not accept."""
    made = Dictionary()
    for key, value in entries.items():
        made[key] = value
    return made


def as_text(value: Any) -> str:
    """Return a string as text; nothing for anything else."""
    return str(value) if isinstance(value, String) else ""


def as_bytes(value: Any) -> bytes | None:
    """Return the bytes of a string, or of a name without its slash; None for anything else."""
    if isinstance(value, String):
        return bytes(value)
    return bytes(value)[1:] if isinstance(value, Name) else None


def text_entry(value: Any, key: str) -> str | None:
    """Return an entry that is a string, as text; None for anything else."""
    found = entry(value, key)
    return str(found) if isinstance(found, String) else None


def as_integer(value: Any) -> int | None:
    """Return an integer; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def as_number(value: Any) -> float | None:
    """Return a number below MAX_NUMBER; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return float(value) if abs(float(value)) < MAX_NUMBER else None


def numbers(value: Any, length: int) -> tuple[float, ...] | None:
    """Return an array of `length` numbers; None for anything else."""
    found = [as_number(item) for item in array_items(value)]
    known = tuple(item for item in found if item is not None)
    return known if len(found) == len(known) == length else None


def direct_copy(value: Any) -> Any:
    """Return a copy, which belongs to no file, of a value without references."""
    if isinstance(value, String):
        return String(bytes(value))
    return Object.parse(value.unparse(resolved=True)) if isinstance(value, Object) else value


def rectangle(value: Any) -> Box | None:
    """Return an array of four numbers as a box, as it is written; None for anything else."""
    found = numbers(value, 4)
    return (found[0], found[1], found[2], found[3]) if found else None


def read_stream(stream: Stream, limit: int) -> bytes:
    """Return the decoded data of a stream, at most `limit` bytes. Raises one of PDF_ERRORS where it is damaged."""
    if name_entry(stream, "/Filter") == "/FlateDecode" and entry(stream, "/DecodeParms") is None:
        return zlib.decompressobj().decompress(stream.read_raw_bytes(), limit)
    return stream.read_bytes()[:limit]


def stream_data(stream: Any) -> bytes:
    """Return the decoded data of a stream, at most MAX_STREAM_BYTES; empty if it cannot be read."""
    try:
        return read_stream(stream, MAX_STREAM_BYTES) if isinstance(stream, Stream) else b""
    except PDF_ERRORS:
        return b""


def has_missing_objects(pdf: Pdf, content: bytes) -> bool:
    """Return whether a damaged file refers to objects that are lost, so that it is unknown what its pages lack.

    In an intact file a missing object is the same as null (ISO 32000-1, 7.3.10). qpdf returns null for both, so the bytes are searched.
    """
    if not any("cross-reference" in str(warning) for warning in pdf.get_warnings()):
        return False
    packed = (value for value in pdf.objects if name_entry(value, "/Type") == "/ObjStm")
    texts = [content, *(value.read_bytes() for value in packed if isinstance(value, Stream))]
    found = {(int(number), int(generation)) for text in texts for number, generation in _REFERENCE.findall(text)}
    return bool(found - set(pdf.get_xref_table()))


def is_dangling(pdf: Pdf, content: bytes, holder: Object, key: str) -> bool:
    """Return whether an entry refers to an object that is not in the file.

    qpdf returns null for it, so the bytes of the containing object are searched.
    """
    reference = re.escape(key.encode()) + rb"\s+\d+\s+\d+\s+R\b"
    return entry(holder, key) is None and re.search(reference, as_written(pdf, content, holder)) is not None


def as_written(pdf: Pdf, content: bytes, value: Object) -> bytes:
    """Return the bytes of an object in the file; empty if they cannot be found."""
    place = pdf.get_xref_table().get(value.objgen) if value.is_indirect else None
    if place is None:
        return b""
    if place.type == 2:  # ISO 32000-1, 7.5.7
        at, index = place.obj_stream_number or 0, place.obj_stream_index or 0
        stream = pdf.get_object(at, 0)
        packed, first = stream.read_bytes(), int(stream["/First"])
        starts = [first + int(word) for word in _COMMENT.sub(b"", packed[:first]).split()[1::2]]
        start = starts[index]
        return packed[start : min((other for other in starts if other > start), default=None)]
    return content[place.offset : content.find(b"endobj", place.offset)]
