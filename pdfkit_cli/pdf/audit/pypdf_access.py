"""Looking into the objects of a strange PDF: whatever stands there, the answer has the type that was asked for.

pypdf resolves references where it can and raises where it cannot; here what is not there, loops or is of another type
is nothing.
"""

from collections.abc import Iterator
from typing import Any

from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NullObject,
    StreamObject,
)

Key = tuple[str, int, int]
"""What tells one object from all others: its number and generation, or for a direct object its place in memory."""

Dictionary = dict[Any, Any]

MAX_REFERENCES = 16
"""References that lead to references: more is a loop."""

MAX_NODES = 50_000
"""Nodes of a number tree, name tree or page tree that are looked at."""


def resolve(value: Any) -> Any:
    """Return what a reference leads to; None where it leads nowhere."""
    try:
        for _ in range(MAX_REFERENCES):
            if not isinstance(value, IndirectObject):
                return None if isinstance(value, NullObject) else value
            value = value.pdf.get_object(value)
    except Exception:  # whatever pypdf finds in a broken file
        return None
    return None


def key(value: Any) -> Key:
    """Return what names an object; follow it to the last reference."""
    for _ in range(MAX_REFERENCES):
        if not isinstance(value, IndirectObject):
            break
        try:
            inner = value.pdf.get_object(value)
        except Exception:
            inner = None
        if not isinstance(inner, IndirectObject):
            return "object", value.idnum, value.generation
        value = inner
    reference = getattr(value, "indirect_reference", None)
    if reference is not None:
        return "object", reference.idnum, reference.generation
    return "direct", id(value), 0


def raw(holder: Any, name: str) -> Any:
    """Return an entry as it stands, unresolved; None where there is no such entry, or no dictionary."""
    return dict.get(holder, name) if isinstance(holder, DictionaryObject) else None


def entry(holder: Any, name: str) -> Any:
    """Return an entry, resolved."""
    return resolve(raw(holder, name))


def dictionary(holder: Any, name: str) -> Dictionary:
    """Return an entry that is a dictionary or a stream; an empty one where it is not."""
    value = entry(holder, name)
    return value if isinstance(value, DictionaryObject) else DictionaryObject()


def inherited(page: Any, name: str) -> Any:
    """Return an entry of a page or of a node above it in the page tree, unresolved; None where there is none."""
    for _ in range(MAX_REFERENCES):
        if (value := raw(page, name)) is not None:
            return value
        page = entry(page, "/Parent")
    return None


def array(holder: Any, name: str) -> list[Any]:
    """Return an entry that is an array, its items unresolved; an empty one where it is not."""
    value = entry(holder, name)
    return value if isinstance(value, ArrayObject) else []


def items(value: Any) -> list[Any]:
    """Return what may be one thing or an array of them."""
    inner = resolve(value)
    return list(inner) if isinstance(inner, ArrayObject) else [] if inner is None else [value]


def name(holder: Any, entry_name: str) -> str:
    """Return an entry that is a name, without its slash; nothing where it is not."""
    value = entry(holder, entry_name)
    return str(value)[1:] if isinstance(value, NameObject) else ""


def text(holder: Any, entry_name: str) -> str | None:
    """Return an entry that is a text string; None where it is not."""
    return as_text(entry(holder, entry_name))


def as_text(value: Any) -> str | None:
    """Return a text string as text; None for anything else."""
    if isinstance(value, NameObject):
        return None
    if isinstance(value, str):
        return str(value)
    return value.decode("latin-1") if isinstance(value, bytes) else None


def number(value: Any) -> float | None:
    """Return a number that can be reckoned with; None for anything else."""
    value = resolve(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    value = float(value)
    return value if abs(value) < 1e9 else None  # not a number compares as false, too


def integer(value: Any) -> int | None:
    """Return a whole number; None for anything else."""
    value = resolve(value)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else None


def boolean(holder: Any, name: str) -> bool:
    """Say whether an entry is true; what is not there, or no truth value, is not."""
    value = entry(holder, name)
    return isinstance(value, BooleanObject) and bool(value.value)


def numbers(value: Any, count: int) -> tuple[float, ...] | None:
    """Return an array of so many numbers; None where it is not."""
    value = resolve(value)
    if not isinstance(value, list | tuple) or len(value) != count:
        return None
    found = [number(item) for item in value]
    return tuple(item for item in found if item is not None) if None not in found else None


def stream_data(value: Any) -> bytes | None:
    """Return what a stream holds, decoded; None where it cannot be read."""
    value = resolve(value)
    if not isinstance(value, StreamObject):
        return None
    try:
        return value.get_data()
    except Exception:  # a filter that is broken, unknown or a bomb
        return None


def tree(root: Any, leaves: str) -> Iterator[tuple[Any, Any]]:
    """Yield keys and values of a number tree (`Nums`) or a name tree (`Names`); each node once, values unresolved."""
    waiting = [root]
    seen: set[Key] = set()
    while waiting and len(seen) < MAX_NODES:
        node = waiting.pop()
        if key(node) in seen:
            continue
        seen.add(key(node))
        node = resolve(node)
        pairs = array(node, leaves)
        yield from zip(map(resolve, pairs[::2]), pairs[1::2], strict=False)
        waiting += reversed(array(node, "/Kids"))
