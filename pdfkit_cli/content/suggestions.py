"""Suggestions of known names, for messages about an unknown one."""

import difflib
from collections.abc import Iterable

MAX_LISTED_NAMES = 12
"""The most names that a message lists."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return “; did you mean …?” with the most similar known name, or else a list of the known names."""
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"; did you mean “{close[0]}”?"
    more = f" and {len(known) - MAX_LISTED_NAMES} more" if len(known) > MAX_LISTED_NAMES else ""
    return f"; there are: {', '.join(known[:MAX_LISTED_NAMES])}{more}" if known else ""
