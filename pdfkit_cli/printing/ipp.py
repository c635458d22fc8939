"""The encoding of the Internet Printing Protocol (RFC 8010): requests to bytes, and bytes of an answer to attributes.

What a printer answers is not trusted: its length, its number of values and its depth are limited, and whatever does not
follow the encoding raises IppFormatError.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct
from typing import Final, TypeAlias

from pdfkit_cli.errors import PdfkitError

MAX_ANSWER_BYTES: Final = 1 << 20
"""Length of the longest answer that is read: those of office printers have some ten kilobytes."""

MAX_VALUES: Final = 20_000
"""Values in an answer, those in collections included."""

MAX_DEPTH: Final = 8
"""Collections in collections: `media-col-database` has three."""

VERSION: Final = (2, 0)


class IppFormatError(PdfkitError):
    """An answer does not follow the encoding, or exceeds a limit."""


class GroupTag(IntEnum):
    """What a group of attributes is about (RFC 8010, 3.5.1)."""

    OPERATION = 0x01
    JOB = 0x02
    END = 0x03
    PRINTER = 0x04
    UNSUPPORTED = 0x05


class ValueTag(IntEnum):
    """The syntaxes of values that we send or look into (RFC 8010, 3.5.2)."""

    UNSUPPORTED = 0x10
    NO_VALUE = 0x13
    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    OCTETS = 0x30
    RESOLUTION = 0x32
    RANGE = 0x33
    BEGIN_COLLECTION = 0x34
    TEXT_WITH_LANGUAGE = 0x35
    NAME_WITH_LANGUAGE = 0x36
    END_COLLECTION = 0x37
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME = 0x49
    MEMBER_NAME = 0x4A


@dataclass(frozen=True, slots=True)
class Resolution:
    """Dots per inch, across the feed and along it; those per centimetre are converted."""

    cross: int
    feed: int


@dataclass(frozen=True, slots=True)
class IntegerRange:
    """A range of integers, both ends included."""

    low: int
    high: int


Collection: TypeAlias = Mapping[str, "tuple[IppValue, ...]"]
Content: TypeAlias = "int | bool | str | bytes | Resolution | IntegerRange | Collection | None"


@dataclass(frozen=True, slots=True)
class IppValue:
    """A value with its syntax. The content is None for values out of band: unsupported, unknown, no value."""

    tag: int
    content: Content


Attributes: TypeAlias = Mapping[str, tuple[IppValue, ...]]


@dataclass(frozen=True, slots=True)
class AttributeGroup:
    """Attributes that are about the same thing: the operation, a job, the printer."""

    tag: int
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class IppMessage:
    """A request or an answer. `code` is the operation of a request, and the status of an answer."""

    code: int
    request_id: int
    groups: tuple[AttributeGroup, ...]
    version: tuple[int, int] = VERSION

    def group(self, tag: int) -> Attributes:
        """Return the first group of a kind; an empty one if there is none."""
        return next((group.attributes for group in self.groups if group.tag == tag), {})


_HEADER, _SHORT, _INT, _PAIR, _RESOLUTION = (Struct(f">{form}") for form in ("BBHi", "H", "i", "ii", "iib"))
_PER_CENTIMETRE = 4
_TEXT_TAGS = range(0x40, 0x60)
_INTEGER_TAGS = (ValueTag.INTEGER, ValueTag.ENUM)


def encode_message(message: IppMessage) -> bytes:
    """Return the bytes of a message, without the document that may follow it."""
    parts = [_HEADER.pack(*message.version, message.code, message.request_id)]
    for group in message.groups:
        parts.append(bytes([group.tag]))
        parts.extend(_attribute(name, values) for name, values in group.attributes.items())
    return b"".join((*parts, bytes([GroupTag.END])))


def _attribute(name: str, values: Iterable[IppValue]) -> bytes:
    """Return an attribute: its further values have no name."""
    return b"".join(_named_value(b"" if index else name.encode("ascii"), each) for index, each in enumerate(values))


def _named_value(name: bytes, value: IppValue) -> bytes:
    if isinstance(value.content, Mapping):
        return b"".join((_field(ValueTag.BEGIN_COLLECTION, name, b""), *_members(value.content)))
    return _field(value.tag, name, _content_bytes(value))


def _members(collection: Collection) -> Iterable[bytes]:
    for name, values in collection.items():
        yield _field(ValueTag.MEMBER_NAME, b"", name.encode("ascii"))
        yield from (_named_value(b"", value) for value in values)
    yield _field(ValueTag.END_COLLECTION, b"", b"")


def _field(tag: int, name: bytes, content: bytes) -> bytes:
    return b"".join((bytes([tag]), _SHORT.pack(len(name)), name, _SHORT.pack(len(content)), content))


def _content_bytes(value: IppValue) -> bytes:
    match value.content:
        case None:
            return b""
        case bool():
            return b"\x01" if value.content else b"\x00"
        case int():
            return _INT.pack(value.content)
        case str():
            return value.content.encode("utf-8")
        case bytes():
            return value.content
        case Resolution(cross, feed):
            return _RESOLUTION.pack(cross, feed, 3)
        case IntegerRange(low, high):
            return _PAIR.pack(low, high)
    raise TypeError(value)


def decode_message(data: bytes) -> IppMessage:
    """Return the message that bytes encode; what follows its end is ignored. Raises IppFormatError."""
    if len(data) > MAX_ANSWER_BYTES:
        raise IppFormatError("the answer is too long")
    reader = _Reader(data)
    major, minor, code, request_id = _HEADER.unpack(reader.take(_HEADER.size))
    groups: list[AttributeGroup] = []
    tag = reader.byte()
    while tag != GroupTag.END:
        if tag >= 0x10:
            raise IppFormatError("the answer has a value outside of any group")
        attributes, following = _group(reader)
        groups.append(AttributeGroup(tag, attributes))
        tag = following
    return IppMessage(code, request_id, tuple(groups), (major, minor))


def _group(reader: "_Reader") -> tuple[Attributes, int]:
    """Return the attributes of a group, and the tag that ends it."""
    attributes: dict[str, list[IppValue]] = {}
    values: list[IppValue] | None = None
    while (tag := reader.byte()) >= 0x10:
        name, content = reader.field()
        if name:
            values = attributes.setdefault(_text(name), [])
        if values is None:
            raise IppFormatError("the answer has a value without a name")
        values.append(_value(reader, tag, content, 0))
    return {name: tuple(found) for name, found in attributes.items()}, tag


def _value(reader: "_Reader", tag: int, content: bytes, depth: int) -> IppValue:
    reader.count()
    if tag == ValueTag.BEGIN_COLLECTION:
        return IppValue(tag, _collection(reader, depth + 1))
    return IppValue(tag, _content(tag, content))


def _collection(reader: "_Reader", depth: int) -> Collection:
    if depth > MAX_DEPTH:
        raise IppFormatError("the answer has collections in collections without end")
    members: dict[str, list[IppValue]] = {}
    values: list[IppValue] | None = None
    while (tag := reader.byte()) != ValueTag.END_COLLECTION:
        if tag < 0x10:
            raise IppFormatError("the answer has a collection without an end")
        _, content = reader.field()
        if tag == ValueTag.MEMBER_NAME:
            reader.count()
            values = members.setdefault(_text(content), [])
        elif values is None:
            raise IppFormatError("the answer has a value without a name")
        else:
            values.append(_value(reader, tag, content, depth))
    reader.field()
    return {name: tuple(found) for name, found in members.items()}


def _content(tag: int, content: bytes) -> Content:
    if tag < 0x20:
        return None
    if tag in _INTEGER_TAGS:
        return int(_INT.unpack(_sized(content, _INT.size))[0])
    if tag == ValueTag.BOOLEAN:
        return _sized(content, 1) != b"\x00"
    if tag == ValueTag.RANGE:
        return IntegerRange(*_PAIR.unpack(_sized(content, _PAIR.size)))
    if tag == ValueTag.RESOLUTION:
        cross, feed, unit = _RESOLUTION.unpack(_sized(content, _RESOLUTION.size))
        return Resolution(*(round(dots * 2.54) if unit == _PER_CENTIMETRE else dots for dots in (cross, feed)))
    if tag in (ValueTag.TEXT_WITH_LANGUAGE, ValueTag.NAME_WITH_LANGUAGE):
        reader = _Reader(content)
        reader.take(reader.short())
        return _text(reader.take(reader.short()))
    return _text(content) if tag in _TEXT_TAGS else content


def _sized(content: bytes, size: int) -> bytes:
    if len(content) != size:
        raise IppFormatError("the answer has a value of the wrong length")
    return content


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


class _Reader:
    """Reads bytes from their beginning. All methods raise IppFormatError where they end too early."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at, self._values = data, 0, 0

    def take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) != size:
            raise IppFormatError("the answer ends in its middle")
        self._at += size
        return taken

    def byte(self) -> int:
        return self.take(1)[0]

    def short(self) -> int:
        return int(_SHORT.unpack(self.take(2))[0])

    def field(self) -> tuple[bytes, bytes]:
        """Return the name and the content of what follows a tag."""
        name = self.take(self.short())
        return name, self.take(self.short())

    def count(self) -> None:
        self._values += 1
        if self._values > MAX_VALUES:
            raise IppFormatError("the answer has too many values")


def keyword(*names: str) -> tuple[IppValue, ...]:
    """Return keywords as the values of an attribute."""
    return tuple(IppValue(ValueTag.KEYWORD, name) for name in names)


def integer(number: int) -> tuple[IppValue, ...]:
    """Return an integer as the value of an attribute."""
    return (IppValue(ValueTag.INTEGER, number),)


def enum(number: int) -> tuple[IppValue, ...]:
    """Return a number that stands for a word as the value of an attribute."""
    return (IppValue(ValueTag.ENUM, number),)


def collection(members: Collection) -> tuple[IppValue, ...]:
    """Return a collection as the value of an attribute."""
    return (IppValue(ValueTag.BEGIN_COLLECTION, members),)


def strings(attributes: Attributes, name: str) -> tuple[str, ...]:
    """Return the values of an attribute that are text of any kind."""
    return tuple(value.content for value in attributes.get(name, ()) if isinstance(value.content, str))


def integers(attributes: Attributes, name: str) -> tuple[int, ...]:
    """Return the values of an attribute that are integers or enums."""
    return tuple(value.content for value in attributes.get(name, ()) if type(value.content) is int)


def first_string(attributes: Attributes, name: str) -> str:
    """Return the first text of an attribute; an empty one if there is none."""
    return next(iter(strings(attributes, name)), "")


def first_integer(attributes: Attributes, name: str, default: int = 0) -> int:
    """Return the first integer of an attribute."""
    return next(iter(integers(attributes, name)), default)
