"""Small caches in memory, and the means to empty all of them that may contain text of a leaflet.

`LastValueCache` pays because builds go through clinics with the same text, and through the formats of one edition, in a row.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar
from weakref import WeakSet

Key = TypeVar("Key")
Value = TypeVar("Value")
Cached = TypeVar("Cached", bound=Any)

_instances: "WeakSet[LastValueCache[Any]]" = WeakSet()
_text_caches: list[Any] = []


def cache_texts(cached: Cached) -> Cached:
    """Mark a cached function that keeps words of texts, or the letters of pages."""
    _text_caches.append(cached)
    return cached


def clear_text_caches() -> None:
    """Forget the words of every text that this process has read."""
    for cached in _text_caches:
        cached.cache_clear()
    for last in tuple(_instances):
        last.forget()


class LastValueCache(Generic[Value]):
    """Remembers the value of one object, by its identity; the object is kept, so that no other can take its place."""

    def __init__(self) -> None:
        self._last: tuple[object, Value] | None = None
        _instances.add(self)

    def forget(self) -> None:
        """Remember nothing."""
        self._last = None

    def __call__(self, of: object, make: Callable[[], Value]) -> Value:
        """Return the value of an object, which is made where another was asked for in between."""
        last = self._last
        if last is None or last[0] is not of:
            last = self._last = of, make()
        return last[1]


class BoundedCache(dict[Key, Value]):
    """A mapping of which only the newest entries are kept, so many at most."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: Key, value: Value) -> None:
        super().__setitem__(key, value)
        while len(self) > self._most:
            del self[next(iter(self))]
