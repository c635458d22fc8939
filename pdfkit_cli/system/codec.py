"""Serializes values in a format that contains only data, never code: msgpack, with registered data classes by name."""

from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from enum import Enum
from operator import attrgetter
from typing import Any, Final, TypeVar, get_origin, get_type_hints

import msgpack

T = TypeVar("T")

_INSTANCE: Final = 1
"""The msgpack extension type of data classes: the name and the values of the fields."""

_classes: dict[str, type] = {}
_values_of: dict[type, Callable[[Any], tuple[Any, ...]]] = {}
_conversions: dict[str, tuple[tuple[int, Callable[[Any], Any]], ...]] = {}


def storable(kind: type[T]) -> type[T]:
    """Class decorator that makes a data class serializable; it must be imported in every process that reads the class."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    getter = attrgetter(*names)
    _classes[kind.__name__] = kind
    _values_of[kind] = getter if len(names) > 1 else lambda value: (getter(value),)
    return kind


def dumps(value: Any) -> bytes:
    """Return a value as bytes. Raises TypeError for a value that is neither plain data nor storable."""
    return bytes(msgpack.packb(value, default=_packed))


def loads(data: bytes) -> Any:
    """Return the value of bytes, with sequences as tuples. Raises ValueError for bytes that `dumps` has not written."""
    try:
        return msgpack.unpackb(data, use_list=False, strict_map_key=False, ext_hook=_unpacked)
    except ValueError:
        raise
    except Exception as error:  # such as a class whose fields have changed, or an invalid key
        raise ValueError(f"no value that was written here: {error}") from None


def _packed(value: Any) -> Any:
    if isinstance(value, frozenset):
        return tuple(value)
    if type(value) not in _values_of:
        raise TypeError(f"{type(value).__name__} cannot be kept")
    return msgpack.ExtType(_INSTANCE, dumps((type(value).__name__, *_values_of[type(value)](value))))


def _unpacked(code: int, data: bytes) -> Any:
    name, *values = loads(data)
    kind = _classes[name]
    for index, convert in _conversions_of(name):
        values[index] = convert(values[index])
    return kind(*values)


def _conversions_of(name: str) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    """Return the fields of a class for which msgpack has no type, and the functions that restore their values."""
    if name not in _conversions:
        hints = get_type_hints(_classes[name])
        kinds = [get_origin(hints[field.name]) or hints[field.name] for field in fields(_classes[name])]
        _conversions[name] = tuple(
            (index, kind)
            for index, kind in enumerate(kinds)
            if kind in (Counter, frozenset) or (isinstance(kind, type) and issubclass(kind, Enum))
        )
    return _conversions[name]
