"""A queue with a limit: a request that finds it full is refused at once."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from anyio import CapacityLimiter


class QueueFullError(Exception):
    """The queue is full."""


class SlotLimit:
    """Limits how many hold a slot at the same time."""

    def __init__(self, most: int) -> None:
        self._most, self.taken = most, 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a slot. Raises QueueFullError if none is free."""
        if self.taken >= self._most:
            raise QueueFullError
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1


class BoundedQueue:
    """Limits work: how much runs at once, how much waits, and, for large requests, how many are read at once."""

    def __init__(self, at_once: int, waiting: int, reading: int = 0) -> None:
        self.reading, self._waiting = SlotLimit(reading), SlotLimit(at_once + waiting)
        self._turns = CapacityLimiter(at_once)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn. Raises QueueFullError if too many wait."""
        with self._waiting.one():
            async with self._turns:
                yield

    @property
    def length(self) -> int:
        """Number of requests that wait or run."""
        return self._waiting.taken
