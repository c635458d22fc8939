"""Processes that inherit no secrets, and the lock that they share."""

import threading
import time
from multiprocessing.connection import Connection

import pytest

from pdfkit_cli.system.processes import CleanContext, PipeLock


def hold(lock: PipeLock, say: Connection) -> None:
    """Take a lock, say so, and give it back when told."""
    assert lock.acquire()
    say.send("held")
    say.recv()
    lock.release()
    say.send("released")


def test_a_lock_is_held_by_one_process() -> None:
    context = CleanContext()
    lock, (ours, theirs) = context.RLock(), context.Pipe()
    process = context.Process(target=hold, args=(lock, theirs))
    process.start()
    assert ours.recv() == "held"
    assert not lock.acquire(block=False)
    started = time.monotonic()
    assert not lock.acquire(timeout=0.1)
    assert 0.1 <= time.monotonic() - started < 30
    ours.send("release")
    assert lock.acquire(timeout=30)
    assert ours.recv() == "released"
    process.join()


def test_a_lock_is_held_by_one_thread_as_often_as_it_takes_it() -> None:
    lock, tried = PipeLock(), list[bool]()

    def try_it() -> None:
        tried.append(lock.acquire(block=False))

    assert lock.acquire()
    assert lock.acquire(block=False)
    for _ in range(2):
        other = threading.Thread(target=try_it)
        other.start()
        other.join()
        lock.release()
    assert tried == [False, False]
    with pytest.raises(RuntimeError, match="not held"):
        lock.release()
    assert lock.acquire(timeout=0)


def test_waiting_for_a_lock_ends_when_it_is_given_back() -> None:
    lock, taken = PipeLock(), threading.Event()

    def take_it() -> None:
        assert lock.acquire(timeout=30)
        taken.set()

    assert lock.acquire()
    other = threading.Thread(target=take_it)
    other.start()
    assert not taken.wait(0.1)
    lock.release()
    assert taken.wait(30)
    other.join()
