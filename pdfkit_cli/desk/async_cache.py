"""A cache of slow answers: each is computed once, however many requests wait for it."""

import asyncio
import time
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

from pdfkit_cli.system.caching import BoundedCache

Answer = TypeVar("Answer")

FRESH_SECONDS: Final = 60.0
"""Seconds after which an answer is computed again: nothing reports a file that disappears from the output folder."""


class AsyncCache(Generic[Answer]):
    """Keeps the latest answers. A failure is raised for everyone who waits, and is not kept."""

    def __init__(self, most: int) -> None:
        self._asked = BoundedCache[Hashable, asyncio.Task[Answer]](most)
        self._since: dict[Hashable, float] = {}

    async def get(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        """Return an answer; `ask` runs in a thread. A request that is cancelled does not cancel it for the others."""
        self._forget(key)
        if key not in self._asked:
            task = self._asked[key] = asyncio.create_task(self._ask(key, ask))
            task.add_done_callback(
                lambda done: done.cancelled() or done.exception()
            )  # marks the exception as seen: nobody may be waiting any more
        return await asyncio.shield(self._asked[key])

    async def _ask(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        try:
            answer = await asyncio.to_thread(ask)
        except BaseException:
            self._asked.pop(key, None)
            raise
        self._since[key] = time.monotonic()
        return answer

    def _forget(self, key: Hashable) -> None:
        """Drop an answer that is too old, but never one that is still being computed."""
        since = self._since.get(key)
        if since is not None and time.monotonic() - since > FRESH_SECONDS:
            self._asked.pop(key, None)
        self._since = {key: since for key, since in self._since.items() if key in self._asked}
