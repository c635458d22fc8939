"""The objects of a finished PDF, read from its bytes: only what is asked for, and each stretch of bytes only once.

For files that pdfkit writes: cross-reference tables and streams, object streams, Flate without predictors (ISO 32000-1, 7.3 and 7.5).
Values are plain Python: dictionaries with names as keys, lists, numbers, names as `str` with their slash, strings as `bytes`, `ObjectReference`.
They are shared between files: never change one.
"""

import re
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.system.caching import cache_texts

CACHE_SIZE = 4000
"""Objects that are kept parsed: those of a body of several pages are the same for each clinic."""

_TOKEN = re.compile(
    rb"<<|>>|\[|\]"
    rb"|/[^\s/<>\[\](){}%]*"
    rb"|\((?:\\.|[^\\()]|\((?:\\.|[^\\()])*\))*\)"
    rb"|<[0-9A-Fa-f\s]*>"
    rb"|\d+\s+\d+\s+R\b"
    rb"|[^\s/<>\[\](){}%]+",
    re.S,
)
_HEAD = re.compile(rb"\s*\d+\s+\d+\s+obj\b")
_STREAM = re.compile(rb"\s*stream\r?\n")
_ESCAPE = re.compile(rb"\\([nrtbf()\\]|[0-7]{1,3}|\r?\n)", re.S)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_WORDS = {b"true": True, b"false": False, b"null": None}


class UnreadableError(PdfkitError):
    """The bytes are not a PDF that this reader knows."""


class ObjectReference(int):
    """A reference to an object, by its number."""


class PdfObjects:
    """The objects of one file. Raises UnreadableError, also later, where the bytes are damaged or of an unknown kind."""

    def __init__(self, pdf: bytes) -> None:
        self._pdf = pdf
        self._places: dict[int, int | tuple[int, int]] = {}
        self._packed: dict[int, list[bytes]] = {}
        self._values: dict[int, Any] = {}
        self.trailer: dict[str, Any] = {}
        found = re.search(rb"startxref\s+(\d+)\s+%%EOF\s*\Z", pdf[-64:])
        position: Any = int(found[1]) if found else None
        seen: set[int] = set()
        while position is not None and position not in seen:
            seen.add(position)
            section = self._table(position) if pdf.startswith(b"xref", position) else self._index(position)
            self.trailer = section | self.trailer
            position = section.get("/Prev")
        if "/Root" not in self.trailer:
            raise UnreadableError("it is no PDF that can be read: it does not say where its objects are")

    def __getitem__(self, number: int) -> Any:
        """Return an object; None where there is none. A stream's dictionary stands for it."""
        if number not in self._values:
            self._values[number] = self._find(number)
        return self._values[number]

    def get(self, value: Any) -> Any:
        """Return what a value refers to, or the value itself."""
        while isinstance(value, ObjectReference):
            value = self[value]
        return value

    def raw(self, number: int) -> bytes:
        """Return a stream as it stands in the file."""
        place = self._places.get(number)
        if not isinstance(place, int):
            raise UnreadableError(f"object {number} is no stream")
        return self._stream(place)[1]

    def data(self, number: int) -> bytes:
        """Return a stream, decompressed."""
        return decompress(self.raw(number), is_flate_compressed(self[number]))

    @property
    def root(self) -> dict[str, Any]:
        """The document's catalog."""
        root: dict[str, Any] = self[self.trailer["/Root"]]
        return root

    def _find(self, number: int) -> Any:
        place = self._places.get(number)
        if place is None:
            return None
        if isinstance(place, int):
            return self._stream(place)[0]
        holder, index = place
        if holder not in self._packed:
            self._packed[holder] = list(self._unpacked(holder))
        return _value(self._packed[holder][index])

    def _unpacked(self, number: int) -> Iterator[bytes]:
        """Yield the bytes of each object in an object stream."""
        data, head = self.data(number), self[number]
        starts = [int(word) + head["/First"] for word in data[: head["/First"]].split()[1::2]]
        for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
            yield data[start:end]

    def _stream(self, position: int) -> tuple[Any, bytes]:
        head = _HEAD.match(self._pdf, position)
        if head is None:
            raise UnreadableError(f"there is no object at byte {position}")
        value, end = _parse(self._pdf, head.end())
        start = _STREAM.match(self._pdf, end)
        if not start:
            return value, b""
        length = self.get(value["/Length"])
        return value, self._pdf[start.end() : start.end() + length]

    def _table(self, position: int) -> dict[str, Any]:
        end = self._pdf.index(b"trailer", position)
        words = self._pdf[position + 4 : end].split()
        at = 0
        while at < len(words):
            first, count = int(words[at]), int(words[at + 1])
            for index in range(count):
                offset, _, kind = words[at + 2 + 3 * index : at + 5 + 3 * index]
                if kind == b"n":
                    self._places.setdefault(first + index, int(offset))
            at += 2 + 3 * count
        trailer: dict[str, Any] = _parse(self._pdf, end + len(b"trailer"))[0]
        return trailer

    def _index(self, position: int) -> dict[str, Any]:
        """Read a cross-reference stream."""
        head, raw = self._stream(position)
        if not isinstance(head, dict) or head.get("/Type") != "/XRef":
            raise UnreadableError("it is no PDF that can be read: it does not say where its objects are")
        data = decompress(raw, is_flate_compressed(head))
        one, two, three = head["/W"]
        ranges = head.get("/Index", [0, head["/Size"]])
        numbers = (
            n for first, count in zip(ranges[::2], ranges[1::2], strict=True) for n in range(first, first + count)
        )
        for number, at in zip(numbers, range(0, len(data), one + two + three), strict=False):
            kind = int.from_bytes(data[at : at + one], "big") if one else 1
            where = int.from_bytes(data[at + one : at + one + two], "big")
            index = int.from_bytes(data[at + one + two : at + one + two + three], "big")
            if kind:
                self._places.setdefault(number, where if kind == 1 else (where, index))
        return head


def is_flate_compressed(head: dict[str, Any]) -> bool:
    """Say whether a stream is compressed, from its dictionary. Raises UnreadableError for a filter that is not Flate."""
    names = head.get("/Filter", [])
    names = names if isinstance(names, list) else [names]
    if names not in ([], ["/FlateDecode"]) or "/DecodeParms" in head:
        raise UnreadableError(f"a stream is packed in a way that is not known here: {', '.join(map(str, names))}")
    return bool(names)


def decompress(raw: bytes, is_compressed: bool) -> bytes:
    """Return the bytes of a stream."""
    try:
        return zlib.decompress(raw) if is_compressed else raw
    except zlib.error as error:
        raise UnreadableError(f"a stream is damaged: {error}") from None


def text_string(value: Any) -> str:
    """Return a text string: UTF-16 where it says so, else Latin-1 (its ASCII part is all that pdfkit writes in it)."""
    if not isinstance(value, bytes):
        return ""
    return value[2:].decode("utf-16-be", "replace") if value.startswith(b"\xfe\xff") else value.decode("latin-1")


@cache_texts
@lru_cache(maxsize=CACHE_SIZE)
def _value(data: bytes) -> Any:
    return _parse(data, 0)[0]


def _parse(data: bytes, position: int) -> tuple[Any, int]:
    """Return the value that begins at a position, and where it ends."""
    open_: list[list[Any]] = [[]]
    for match in _TOKEN.finditer(data, position):
        token = match[0]
        if token in (b"<<", b"["):
            open_.append([])
            continue
        if token == b">>":
            items = open_.pop()
            value: Any = dict(zip(items[::2], items[1::2], strict=True))
        else:
            value = open_.pop() if token == b"]" else _atom(token)
        if not open_:
            break
        open_[-1].append(value)
        if len(open_) == 1:
            return value, match.end()
    raise UnreadableError(f"the object at byte {position} has no end")


def _atom(token: bytes) -> Any:
    first = token[:1]
    if first == b"/":
        return token.decode("latin-1")
    if first == b"(":
        return _ESCAPE.sub(_unescape, token[1:-1])
    if first == b"<":
        digits = b"".join(token[1:-1].split())
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    if token[-1:] == b"R" and token[:1].isdigit():
        return ObjectReference(token.split()[0])
    if token in _WORDS:
        return _WORDS[token]
    try:
        return float(token) if b"." in token else int(token)
    except ValueError:
        raise UnreadableError(f"“{token[:20].decode('latin-1')}” is no value") from None


def _unescape(match: "re.Match[bytes]") -> bytes:
    code = match[1]
    if code[:1].isdigit():
        return bytes([int(code, 8) & 255])
    return b"" if code.strip(b"\r\n") == b"" else _ESCAPES.get(code, code)
