"""The sheet in the hand: what the code at its foot says, `id version hash`, and whether the library still says the same."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pdfkit_cli import editions
from pdfkit_cli.catalogue import Catalogue
from pdfkit_cli.desk.cards import State, state_of
from pdfkit_cli.desk.library import Snapshot
from pdfkit_cli.editions import EditionKey
from pdfkit_cli.errors import SourceError

_FOOT = re.compile(
    r"(?P<id>[A-Z0-9]+(?:-[A-Z0-9]+)*)[\s·.,;]+(?:[^\W\d]+\s+)?(?P<version>\d+(?:\.\d+)*)[\s·.,;]+(?P<hash>[0-9a-f]{8})\b",
    re.IGNORECASE,
)
"""As it is printed, typed or scanned: with or without dots, and with the word for “version” in any language."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is known of a sheet: `state` is current, changed, closed (not to be handed out) or unknown; `key` the edition, where it is known."""

    id: str
    version: str
    hash: str
    state: str
    leaflet: str = ""
    key: EditionKey | None = None


def read(text: str, snapshot: Snapshot, clinic: str, today: date) -> Sheet | None:
    """Return what the foot of a sheet says; None where the text is no such code."""
    found = _FOOT.search(text)
    if found is None or snapshot.workshop is None:
        return None
    id, version, short_hash = found["id"].upper(), found["version"], found["hash"].lower()
    catalogue = snapshot.workshop.library
    leaflet = next((entry for entry in catalogue.leaflets.values() if entry.model.id == id), None)
    if leaflet is None:
        return Sheet(id, version, short_hash, "unknown")
    state = state_of(leaflet, today, 0)
    if state in (State.WITHDRAWN, State.SUPERSEDED, State.OVERDUE):
        return Sheet(id, version, short_hash, "closed", leaflet.name)
    if version == leaflet.model.version:
        for key in _editions(snapshot, leaflet.name, clinic):
            if _digest(catalogue, key).startswith(short_hash):
                return Sheet(id, version, short_hash, "current", leaflet.name, key)
    return Sheet(id, version, short_hash, "changed", leaflet.name)


def _editions(snapshot: Snapshot, leaflet: str, clinic: str) -> Iterator[EditionKey]:
    """Yield the editions of a leaflet, those of the clinic that asks first."""
    groups = (printings for (_, name), printings in snapshot.editions.items() if name == leaflet)
    keys = dict.fromkeys(printing.edition for printings in groups for printing in printings)
    yield from sorted(keys, key=lambda key: key.clinic != clinic)


def _digest(catalogue: Catalogue, key: EditionKey) -> str:
    try:
        return editions.resolve(catalogue, key).digest
    except SourceError:
        return ""
