"""What was made last, or lately, kept for as long as it may be asked for again: clinics with the same text, and formats of one edition, follow each other."""

from collections.abc import Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Last(Generic[Value]):
    """Remembers the value of one object, by its identity; the object is kept, so that no other can take its place."""

    def __init__(self) -> None:
        self._last: tuple[object, Value] | None = None

    def __call__(self, of: object, make: Callable[[], Value]) -> Value:
        """Return the value of an object, which is made where another was asked for in between."""
        last = self._last
        if last is None or last[0] is not of:
            last = self._last = of, make()
        return last[1]


class Newest(dict[Key, Value]):
    """A mapping of which only the newest entries are kept, so many at most."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: Key, value: Value) -> None:
        super().__setitem__(key, value)
        while len(self) > self._most:
            del self[next(iter(self))]
