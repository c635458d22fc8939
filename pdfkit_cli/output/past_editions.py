"""The log of editions that were replaced: a sheet that is out of date can be told from a code that was mistyped."""

import json
from collections.abc import Iterable
from pathlib import Path

from pdfkit_cli.output.manifest import ManifestEntry
from pdfkit_cli.system import durable

PAST_LOG = "past.jsonl"
"""Its name in the work folder of an output folder."""


def append_past(path: Path, replaced: Iterable[ManifestEntry]) -> None:
    """Append the document id, version and digest of replaced editions, each once. Raises OSError."""
    lines = dict.fromkeys(
        json.dumps({"leaflet": entry.id, "version": entry.version, "digest": entry.digest}) for entry in replaced
    )
    if not lines:
        return
    with path.open("a", encoding="ascii") as file:
        file.write("".join(f"{line}\n" for line in lines))
    durable.sync([path])
