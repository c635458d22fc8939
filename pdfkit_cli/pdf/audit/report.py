"""What is wrong with a PDF: a stable code, words, and where."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_REPEATS = 10
"""Faults of one code that are told in full; a file that is wrong throughout says so once."""


@dataclass(frozen=True, slots=True)
class AuditIssue:
    """One thing that is wrong: `page` counts from 1, 0 is the whole file; `element` is a structure type, or nothing."""

    code: str
    message: str
    page: int = 0
    element: str = ""

    def __str__(self) -> str:
        place = f"page {self.page}: " if self.page else ""
        return f"{place}{self.message} [{self.code}]"


def limit_repeats(faults: Iterable[AuditIssue]) -> Iterator[AuditIssue]:
    """Yield each fault once, the first of each code, and how many more there are of it."""
    count: Counter[str] = Counter()
    for fault in dict.fromkeys(faults):
        count[fault.code] += 1
        if count[fault.code] <= MAX_REPEATS:
            yield fault
    for code, number in count.items():
        if number > MAX_REPEATS:
            yield AuditIssue(code, f"and {number - MAX_REPEATS} more of this kind")
