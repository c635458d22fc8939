"""The nearest of the known names, for messages about an unknown one."""

import difflib
from collections.abc import Iterable

MAX_LISTED_NAMES = 12
"""Names that a message lists."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return “; did you mean …?” for the nearest of the known names, or a list of them."""
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"; did you mean “{close[0]}”?"
    more = f" and {len(known) - MAX_LISTED_NAMES} more" if len(known) > MAX_LISTED_NAMES else ""
    return f"; there are: {', '.join(known[:MAX_LISTED_NAMES])}{more}" if known else ""
