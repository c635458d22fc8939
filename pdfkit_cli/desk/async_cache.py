"""Answers that take long: asked for once, however many wait for them, and kept while they hold."""

import asyncio
import time
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

from pdfkit_cli.system.caching import BoundedCache

Answer = TypeVar("Answer")

FRESH_SECONDS: Final = 60.0
"""Seconds after which an answer is asked for anew: nobody says when a file of the output folder is lost."""


class AsyncCache(Generic[Answer]):
    """Keeps a few answers, the newest. What was asked fails for all who wait for it, and is not kept."""

    def __init__(self, most: int) -> None:
        self._asked = BoundedCache[Hashable, asyncio.Task[Answer]](most)
        self._since: dict[Hashable, float] = {}

    async def get(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        """Return an answer; `ask` runs in a thread. One who goes away does not end it for the others."""
        self._forget(key)
        if key not in self._asked:
            task = self._asked[key] = asyncio.create_task(self._ask(key, ask))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())  # somebody may have gone away
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
        """Drop an answer that is too old. One that is being asked for is never too old."""
        since = self._since.get(key)
        if since is not None and time.monotonic() - since > FRESH_SECONDS:
            self._asked.pop(key, None)
        self._since = {key: since for key, since in self._since.items() if key in self._asked}
