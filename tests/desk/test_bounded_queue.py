"""A queue that does not grow without an end."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from pdfkit_cli.desk import pack_views, personal_views
from pdfkit_cli.desk.bounded_queue import BoundedQueue, QueueFullError, SlotLimit


def test_places_are_given_back() -> None:
    places = SlotLimit(2)
    with places.one(), places.one(), pytest.raises(QueueFullError), places.one():
        pass
    with pytest.raises(ZeroDivisionError), places.one():
        1 / 0  # noqa: B018
    assert places.taken == 0


def test_who_comes_to_a_full_queue_is_told_so_and_who_goes_makes_room() -> None:
    async def lengths() -> list[int]:
        queue, go, found = BoundedQueue(1, 2), asyncio.Event(), list[int]()

        async def one() -> None:
            async with queue.turn():
                await go.wait()

        waiting = [asyncio.create_task(one()) for _ in range(3)]
        await asyncio.sleep(0)
        found.append(queue.length)
        with pytest.raises(QueueFullError):
            async with queue.turn():
                pass
        waiting[2].cancel()  # its browser has hung up
        await asyncio.gather(waiting[2], return_exceptions=True)
        found.append(queue.length)
        go.set()
        await asyncio.gather(*waiting, return_exceptions=True)
        return [*found, queue.length]

    with ThreadPoolExecutor(1) as threads:  # where a browser is driven, this one has a loop already
        assert threads.submit(asyncio.run, lengths()).result(20) == [3, 2, 0]


def test_some_ten_wait_at_a_desk() -> None:
    assert (pack_views.MAX_CONCURRENT, pack_views.MAX_WAITING) == (2, 10)
    assert pack_views.pack_queue().length == personal_views.personal_queue().length == 0
