"""An issue of a PDF: a stable code, a message, and the place."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

MAX_REPEATS: Final = 10
"""Largest number of issues listed per code; of the others only the number is given."""


@dataclass(frozen=True, slots=True)
class AuditIssue:
    """One issue: `page` counts from 1, 0 is the complete file; `element` is a structure type, or nothing."""

    code: str
    message: str
    page: int = 0
    element: str = ""

    def __str__(self) -> str:
        place = f"page {self.page}: " if self.page else ""
        return f"{place}{self.message} [{self.code}]"


def limit_repeats(issues: Iterable[AuditIssue]) -> Iterator[AuditIssue]:
    """Yield each issue once, the first ones of each code, and how many more there are of it."""
    count: Counter[str] = Counter()
    for issue in dict.fromkeys(issues):
        count[issue.code] += 1
        if count[issue.code] <= MAX_REPEATS:
            yield issue
    for code, number in count.items():
        if number > MAX_REPEATS:
            yield AuditIssue(code, f"and {number - MAX_REPEATS} more of this kind")
