"""Small caches in memory, and a way to empty all of those that may contain text of a leaflet.

`LastValueCache` pays off because builds process clinics with the same text, and the formats of one edition, consecutively.
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
    """Register a cached function whose cache contains text of leaflets, or letters of pages."""
    _text_caches.append(cached)
    return cached


def clear_text_caches() -> None:
    """Empty all caches that contain text."""
    for cached in _text_caches:
        cached.cache_clear()
    for last in tuple(_instances):
        last.forget()


class LastValueCache(Generic[Value]):
    """Caches the value of one object, by its identity; the object is kept, so that its id cannot be reused."""

    def __init__(self) -> None:
        self._last: tuple[object, Value] | None = None
        _instances.add(self)

    def forget(self) -> None:
        """Empty the cache."""
        self._last = None

    def __call__(self, of: object, make: Callable[[], Value]) -> Value:
        """Return the value of an object, computed unless this object was also the last one."""
        last = self._last
        if last is None or last[0] is not of:
            last = self._last = of, make()
        return last[1]


class BoundedCache(dict[Key, Value]):
    """A mapping that keeps only the newest entries, up to a maximum."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: Key, value: Value) -> None:
        super().__setitem__(key, value)
        while len(self) > self._most:
            del self[next(iter(self))]
