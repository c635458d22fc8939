"""Keeps what a process knows out of core dumps."""

import ctypes
import resource
from contextlib import suppress
from typing import Final

_PR_SET_DUMPABLE: Final = 4
"""prctl(2)."""


def forbid() -> None:
    """Keep the memory of this process, which may contain a letter, out of core dumps and from other processes of the user."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(AttributeError, OSError):  # systems other than Linux
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
