"""What was made last, kept for as long as it is asked for again: clinics with the same text, and formats of one edition, follow each other."""

from collections.abc import Callable
from typing import Generic, TypeVar

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
