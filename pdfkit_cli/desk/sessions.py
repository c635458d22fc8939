"""Sign-in with a token: sessions, and a limit on guessing."""

import asyncio
import hashlib
import hmac
import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Final

from pdfkit_cli.system.caching import BoundedCache

log: Final = logging.getLogger("pdfkit.desk")

IDLE_SECONDS: Final = 12 * 3600.0
"""Seconds after which an unused session ends: longer than a shift."""

MAX_SESSION_SECONDS: Final = 7 * 24 * 3600.0
"""Seconds after which any session ends."""

MAX_SESSIONS: Final = 10_000
"""Greatest number of sessions; the oldest end if there are more."""

GUESS_SECONDS: float = 1.0
"""Seconds for which no token is checked after a wrong one, from any client."""

MAX_QUEUED: Final = 20
"""Tokens that wait to be checked."""

MAX_QUEUED_PER_ADDRESS: Final = 2
"""Waiting tokens from one address; with a reverse proxy, all come from one."""


class SessionStore:
    """The sessions of this desk, which end with it. Only digests are kept, so that nobody can sign in with a memory dump."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known = BoundedCache[bytes, tuple[float, float]](MAX_SESSIONS)

    def begin(self) -> str:
        """Start a session; return its secret."""
        proof, now = secrets.token_urlsafe(32), self._clock()
        self._known[_digest(proof)] = now, now
        return proof

    def has(self, proof: str) -> bool:
        """Return whether a session exists and has not ended; this counts as use."""
        key, now = _digest(proof), self._clock()
        begun, used = self._known.get(key, (0.0, 0.0))
        if not used or now - used > IDLE_SECONDS or now - begun > MAX_SESSION_SECONDS:
            self._known.pop(key, None)
            return False
        dict.__setitem__(self._known, key, (begun, now))
        return True

    def end(self, proof: str) -> None:
        """End a session."""
        self._known.pop(_digest(proof), None)


def _digest(proof: str) -> bytes:
    return hashlib.sha256(proof.encode("utf-8", "replace")).digest()


class SignInBusyError(Exception):
    """Too many tokens wait to be checked."""


class TokenChecker:
    """Checks one token at a time, from however many connections."""

    def __init__(self, token: str, unlimited: frozenset[str] = frozenset()) -> None:
        """Addresses of reverse proxies are `unlimited`: many people share them."""
        self._token, self._unlimited = token.encode(), unlimited
        self._turn, self._waiting = asyncio.Lock(), Counter[str]()
        self.wrong = 0
        """Number of wrong tokens since the desk was started."""

    async def opens(self, given: str, address: str) -> bool:
        """Return whether a token is right. Raises SignInBusyError if too many are waiting."""
        if self._waiting.total() >= MAX_QUEUED or (
            address not in self._unlimited and self._waiting[address] >= MAX_QUEUED_PER_ADDRESS
        ):
            raise SignInBusyError
        self._waiting[address] += 1
        try:
            async with self._turn:
                if self._token and hmac.compare_digest(given.encode("utf-8", "replace"), self._token):
                    return True
                self._count()
                await asyncio.sleep(GUESS_SECONDS)
                return False
        finally:
            self._waiting[address] -= 1

    def _count(self) -> None:
        self.wrong += 1
        if str(self.wrong).rstrip("0") == "1" or self.wrong % 1000 == 0:
            log.warning("wrong tokens since the desk was started: %d", self.wrong)


MIN_TOKEN_LENGTH: Final = 16
"""Characters of a token: 64 bits if they are random hexadecimal digits, which cannot be guessed over a network."""

_UNFORESEEN: Final = 12
"""Characters of a token that cannot be predicted from those before them."""

_WORDS: Final = (
    "password", "passwort", "adgangskode", "losenord", "secret", "hemmelig", "token", "welcome", "velkommen", "admin", "letmein", "changeme",
    "qwertyuiop", "qwerty", "asdfghjkl", "zxcvbnm", "pdfkit", "desk", "leaflet", "pjece", "hospital", "sygehus", "clinic", "klinik", "example", "default",
)  # fmt: skip
"""Words that are guessed first: each counts as one character."""


def token_weakness(token: str) -> str:
    """Return why a token is easy to guess; empty if it is varied enough. Whether it is random cannot be determined."""
    if len(token) < MIN_TOKEN_LENGTH:
        return f"has fewer than {MIN_TOKEN_LENGTH} characters"
    plain = token.casefold()
    for word in _WORDS:
        plain = plain.replace(word, "\0")
    period = next(size for size in range(1, len(plain) + 1) if plain.startswith(plain[size:]))
    steps = [ord(after) - ord(before) for before, after in pairwise(plain[:period])]
    foreseen = sum(step in steps[max(0, at - 2) : at] for at, step in enumerate(steps))
    if period - foreseen < _UNFORESEEN or len(set(plain)) < MIN_TOKEN_LENGTH // 3 + 1:
        return "is easy to guess: it repeats itself, counts up, or is made of usual words"
    return ""
