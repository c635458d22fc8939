"""A queue that does not grow without an end: who comes when it is full is told so at once."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from anyio import CapacityLimiter


class QueueFullError(Exception):
    """No more can wait."""


class SlotLimit:
    """So many at once, and no more."""

    def __init__(self, most: int) -> None:
        self._most, self.taken = most, 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Take a place. Raises FullError."""
        if self.taken >= self._most:
            raise QueueFullError
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1


class BoundedQueue:
    """Work of which so much is done at once, and so much waits; and of which so many requests are read at once, where they are large."""

    def __init__(self, at_once: int, waiting: int, reading: int = 0) -> None:
        self.reading, self._waiting = SlotLimit(reading), SlotLimit(at_once + waiting)
        self._turns = CapacityLimiter(at_once)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn. Raises FullError where too many wait."""
        with self._waiting.one():
            async with self._turns:
                yield

    @property
    def length(self) -> int:
        """How many wait, or are being worked on."""
        return self._waiting.taken
