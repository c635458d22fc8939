"""Values to bytes and back in a format that holds data and never code: msgpack, with our own data classes by their names."""

from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from enum import Enum
from operator import attrgetter
from typing import Any, Final, TypeVar, get_origin, get_type_hints

import msgpack

T = TypeVar("T")

_INSTANCE: Final = 1
"""The extension type of msgpack that holds a data class: its name and the values of its fields."""

_classes: dict[str, type] = {}
_values_of: dict[type, Callable[[Any], tuple[Any, ...]]] = {}
_conversions: dict[str, tuple[tuple[int, Callable[[Any], Any]], ...]] = {}


def storable(kind: type[T]) -> type[T]:
    """Make a data class one that can be written and read: a decorator, which the class needs in every process that reads it."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    getter = attrgetter(*names)
    _classes[kind.__name__] = kind
    _values_of[kind] = getter if len(names) > 1 else lambda value: (getter(value),)
    return kind


def dumps(value: Any) -> bytes:
    """Return a value as bytes. Raises TypeError for what is neither plain data nor storable."""
    return bytes(msgpack.packb(value, default=_packed))


def loads(data: bytes) -> Any:
    """Return the value of bytes: sequences as tuples. Raises ValueError for bytes that `dumps` has not written."""
    try:
        return msgpack.unpackb(data, use_list=False, strict_map_key=False, ext_hook=_unpacked)
    except ValueError:
        raise
    except Exception as error:  # a class that has other fields now, a key that cannot be one
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
    """Return the fields of a class for which msgpack has no type of its own, and what makes them what they were."""
    if name not in _conversions:
        hints = get_type_hints(_classes[name])
        kinds = [get_origin(hints[field.name]) or hints[field.name] for field in fields(_classes[name])]
        _conversions[name] = tuple(
            (index, kind)
            for index, kind in enumerate(kinds)
            if kind in (Counter, frozenset) or (isinstance(kind, type) and issubclass(kind, Enum))
        )
    return _conversions[name]
