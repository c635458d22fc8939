"""The code in the footer of a printed sheet, `id version hash`: is the sheet still current?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pdfkit_cli.content import editions
from pdfkit_cli.content.editions import EditionKey
from pdfkit_cli.content.library import Library
from pdfkit_cli.desk.library_state import LibrarySnapshot
from pdfkit_cli.errors import SourceError
from pdfkit_cli.output.catalogue.cards import leaflet_state

_FOOT = re.compile(
    r"(?P<id>[A-Z0-9]+(?:-[A-Z0-9]+)*)[\s·.,;]+(?:[^\W\d]+\s+)?(?P<version>\d+(?:\.\d+)*)[\s·.,;]+(?P<hash>[0-9a-f]{8})\b",
    re.IGNORECASE,
)
"""As it is printed, typed or scanned: with or without separators, and with the word for “version” in any language."""


@dataclass(frozen=True, slots=True)
class FooterCode:
    """What is known about a sheet.

    `state` is current, changed, closed (must not be handed out) or unknown; `key` is the edition, if known.
    """

    id: str
    version: str
    hash: str
    state: str
    leaflet: str = ""
    key: EditionKey | None = None


def read_footer_code(text: str, snapshot: LibrarySnapshot, clinic: str, today: date) -> FooterCode | None:
    """Return what is known about the sheet with a code; None if the text is no such code."""
    found = _FOOT.search(text)
    if found is None or snapshot.project is None:
        return None
    id, version, short_hash = found["id"].upper(), found["version"], found["hash"].lower()
    library = snapshot.project.library
    leaflet = next((entry for entry in library.leaflets.values() if entry.model.id == id), None)
    if leaflet is None:
        return FooterCode(id, version, short_hash, "unknown")
    if not leaflet_state(leaflet, today, 0).printable:
        return FooterCode(id, version, short_hash, "closed", leaflet.name)
    if version == leaflet.model.version:
        for key in _editions(snapshot, leaflet.name, clinic):
            if _digest(library, key).startswith(short_hash):
                return FooterCode(id, version, short_hash, "current", leaflet.name, key)
    return FooterCode(id, version, short_hash, "changed", leaflet.name)


def _editions(snapshot: LibrarySnapshot, leaflet: str, clinic: str) -> Iterator[EditionKey]:
    """Yield the editions of a leaflet, first those of the clinic that asks."""
    groups = (output_keys for (_, name), output_keys in snapshot.editions.items() if name == leaflet)
    keys = dict.fromkeys(output_key.edition for output_keys in groups for output_key in output_keys)
    yield from sorted(keys, key=lambda key: key.clinic != clinic)


def _digest(library: Library, key: EditionKey) -> str:
    try:
        return editions.resolve_edition(library, key).digest
    except SourceError:
        return ""
