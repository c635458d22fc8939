"""Answers that take long are asked for once, and kept while they hold."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from pdfkit_cli.desk import async_cache
from pdfkit_cli.desk.async_cache import AsyncCache

Answer = TypeVar("Answer")


class Asked:
    """Counts how often it is asked; waits for `go`."""

    def __init__(self) -> None:
        self.times, self.go = 0, threading.Event()

    def __call__(self) -> int:
        self.times += 1
        assert self.go.wait(10)
        return self.times


def run(asking: Coroutine[Any, Any, Answer]) -> Answer:
    """Run it in a thread of its own: where a browser is driven, this one has a loop already."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, asking).result()


def test_all_who_wait_get_one_answer() -> None:
    asked, kept = Asked(), AsyncCache[int](2)

    async def ask() -> list[int]:
        waiting = [asyncio.create_task(kept.get("a", asked)) for _ in range(5)]
        await asyncio.sleep(0.05)
        asked.go.set()
        return [*await asyncio.gather(*waiting), await kept.get("a", asked)]

    assert run(ask()) == [1] * 6


def test_one_who_goes_away_does_not_end_it_for_the_others() -> None:
    asked, kept = Asked(), AsyncCache[int](2)

    async def ask() -> int:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(kept.get("a", asked), 0.05)
        asked.go.set()
        return await kept.get("a", asked)

    assert run(ask()) == 1


def test_an_error_is_not_kept() -> None:
    kept = AsyncCache[int](2)

    async def ask() -> int:
        with pytest.raises(ZeroDivisionError):
            await kept.get("a", lambda: 1 // 0)
        return await kept.get("a", lambda: 7)

    assert run(ask()) == 7


def test_only_the_newest_are_kept_and_none_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, kept = Asked(), AsyncCache[int](2)
    asked.go.set()

    async def ask() -> list[int]:
        found = [await kept.get(key, asked) for key in "abca"]
        monkeypatch.setattr(async_cache, "FRESH_SECONDS", -1.0)
        return [*found, await kept.get("a", asked)]

    assert run(ask()) == [1, 2, 3, 4, 5]
