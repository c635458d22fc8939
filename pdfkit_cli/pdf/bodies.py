"""Bodies that are laid out already: in this worker, and through a folder in the others of the same build."""

import hashlib
import os
import pickle
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pdfkit_cli.pdf.legibility import Margins
from pdfkit_cli.pdf.plates import Plate

ROOM = 48
"""Bodies that a worker keeps in memory: some 200 kB each."""


@dataclass(slots=True)
class Body:
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
    plate: Plate | None = None
    stays: bool = True


class Bodies:
    """What a worker knows of bodies. The folder is the build's own and lives as long as it; nobody else may write there."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._known: dict[str, Body] = {}

    def get(self, key: str) -> Body | None:
        """Return a body that this worker or another has laid out."""
        if key not in self._known and (stored := self.lent(key)):
            self._put(Body(key, *stored))
        return self._known.get(key)

    def put(self, body: Body) -> Body:
        """Keep a body, and forget the oldest where there are too many."""
        self._put(body)
        return body

    def share(self, body: Body) -> None:
        """Give a body that turned out well to the other workers; a full disk only means that they lay it out themselves."""
        if body.plate:
            self.lend(body.key, (body.pages, body.surplus, body.widths, body.margins, None, None, body.plate))

    def lend(self, key: str, value: Any) -> None:
        """Give a value to the other workers; a full disk only means that they make it themselves."""
        if self._folder is None or (self._folder / key).exists():
            return
        part = self._folder / f"{key}.{os.getpid()}"
        with suppress(OSError):
            part.write_bytes(pickle.dumps(value, protocol=5))
            part.replace(self._folder / key)

    def lent(self, key: str) -> Any:
        """Return what another worker has made, or None."""
        if self._folder:
            with suppress(OSError):
                return pickle.loads((self._folder / key).read_bytes())  # noqa: S301  # written by this build
        return None

    def clear(self) -> None:
        """Forget everything that this worker keeps."""
        self._known.clear()

    def _put(self, body: Body) -> None:
        self._known[body.key] = body
        if len(self._known) > ROOM:
            del self._known[next(iter(self._known))]


def key(parts: Iterable[str]) -> str:
    """Return the name of a body: SHA-256 of all that it is made from."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()
