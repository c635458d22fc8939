"""How much of a long proof runs: a seeded sample in `make test`, all of it in `make soak`."""

import os
import random
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

T = TypeVar("T")

WHOLE = os.environ.get("PDFKIT_SOAK") == "1"


def amount(sample: int, whole: int) -> int:
    """Return how many cases to try: `sample` in `make test`, `whole` in `make soak`."""
    return whole if WHOLE else sample


def sampled(cases: Iterable[T], sample: int, seed: int = 0) -> list[T]:
    """Return what to try of many cases, in their order: some, always the same, in `make test`, all in `make soak`."""
    every = list(cases)
    chosen = random.Random(seed).sample(range(len(every)), min(len(every), amount(sample, len(every))))
    return [every[at] for at in sorted(chosen)]


def covering(cases: Iterable[T], kinds: Callable[[T], Iterable[Hashable]]) -> list[T]:
    """Return what to try of many cases, in their order: in `make test` so few that each kind occurs, all in `make soak`."""
    every = list(cases)
    missing = {kind for case in every for kind in kinds(case)}
    chosen = set(range(len(every)) if WHOLE else ())
    while missing and not WHOLE:
        best = max(range(len(every)), key=lambda at: len(missing.intersection(kinds(every[at]))))
        chosen.add(best)
        missing.difference_update(kinds(every[best]))
    return [every[at] for at in sorted(chosen)]
