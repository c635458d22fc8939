"""Calls at any depth take no memory anew: each piece that is taken is a page that was not there before."""

import resource
from collections.abc import Callable

from pdfkit_cli.system import call_stack


def _leaf(one: int, two: int) -> int:
    return one + two


def _faults_at(depth: int) -> int:
    """Return the most page faults that a thousand calls cause at one of the places down to a depth."""
    if not depth:
        return 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for number in range(1000):
        _leaf(number, number)
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
    return max(faults, _faults_at(depth - 1))


def _measure(run: Callable[[], int]) -> int:
    return run()


def test_no_call_takes_memory_anew() -> None:
    @call_stack.in_one_piece
    def run() -> int:
        return _faults_at(400)

    assert _measure(run) < 500
