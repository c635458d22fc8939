"""Bodies that are laid out already: in this worker, and through a store in others and in builds before."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pdfkit_cli.rendering.imprint.assembler import BodyTemplate
from pdfkit_cli.rendering.imprint.disk_cache import DiskCache
from pdfkit_cli.rendering.verification.legibility import Margins
from pdfkit_cli.system.caching import BoundedCache

MAX_BODIES = 48
"""Bodies that a worker keeps in memory: some 200 kB each."""


@dataclass(slots=True)
class SharedBody:
    """A body that several clinics share; `document` is kept until its plate is made or another is chosen.

    `pages` counts its pages, `surplus` is the share of text on a nearly empty last one, `widths` are those of the slots in CSS pixels,
    `margins` those of its pages in points. It `stays` where no slot reaches over the foot of its page.
    """

    key: str
    pages: int
    surplus: float
    widths: tuple[float, ...]
    margins: Margins
    lay: Callable[[], Any] | None = None
    document: Any = None
    body_template: BodyTemplate | None = None
    stays: bool = True


class BodyCache:
    """What a worker knows of bodies, and through a store what others know."""

    def __init__(self, store: DiskCache) -> None:
        self._store = store
        self._known = BoundedCache[str, SharedBody](MAX_BODIES)

    def get(self, key: str) -> SharedBody | None:
        """Return a body that has been laid out before."""
        if key not in self._known and (stored := self._store.get(key)):
            self.put(SharedBody(key, *stored))
        return self._known.get(key)

    def put(self, body: SharedBody) -> SharedBody:
        """Keep a body, and forget the oldest where there are too many."""
        self._known[body.key] = body
        return body

    def share(self, body: SharedBody) -> None:
        """Give a body to others, with its plate where it has one."""
        values = body.pages, body.surplus, body.widths, body.margins, None, None, body.body_template, body.stays
        self._store.put(body.key, values)

    def clear(self) -> None:
        """Forget everything that this worker keeps."""
        self._known.clear()


def body_key(parts: Iterable[str]) -> str:
    """Return the name of a body: SHA-256 of all that it is made from."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()
