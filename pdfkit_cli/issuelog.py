"""What went out: a log of leaflets, versions and times that only grows, and says nothing of letters or patients."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pdfkit_cli.packs import Pack

ISSUED = "issued.jsonl"


@dataclass(frozen=True, slots=True)
class Issued:
    """One text of a leaflet that went out: how often, and when first and last (UTC)."""

    version: str
    digest: str
    clinic: str
    language: str
    count: int
    first: str
    last: str


def issued(out: Path, leaflet: str) -> list[Issued]:
    """Return which texts of a leaflet, by its document id, went out behind letters, the latest last."""
    times: dict[tuple[str, str, str, str], list[str]] = {}
    for line in lines(out / ISSUED):
        if line.get("leaflet") == leaflet:
            key = line["version"], line["digest"], line["clinic"], line["language"]
            times.setdefault(key, []).append(line["time"])
    found = [Issued(*key, len(when), min(when), max(when)) for key, when in times.items()]
    return sorted(found, key=lambda one: one.last)


def ids(out: Path) -> set[str]:
    """Return the document ids of all leaflets that ever went out."""
    return {line["leaflet"] for line in lines(out / ISSUED) if "leaflet" in line}


def lines_of(pack: Pack, key: str, now: datetime) -> list[dict[str, str]]:
    """Return what the log says of the leaflets of a pack: nothing of its letter, not even its name."""
    time = now.isoformat(timespec="seconds")
    return [
        {
            "time": time,
            "leaflet": one.id,
            "version": one.version,
            "digest": one.digest,
            "clinic": one.clinic,
            "language": one.language,
            "pack": key,
        }
        for one in pack.enclosures
    ]


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a log; the last may be torn, and does not count."""
    try:
        file = path.open(encoding="utf-8", errors="replace")
    except OSError:
        return
    with file:
        for line in file:
            try:
                value = json.loads(line)
            except json.JSONDecodeError:
                continue
            if isinstance(value, dict):
                yield value


def append(path: Path, values: Sequence[Mapping[str, object]]) -> None:
    """Append lines to a log, and wait until they are on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        if file.tell() and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n":
            file.write(b"\n")  # a line that was torn when a run was killed
        file.write("".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values).encode())
        file.flush()
        os.fsync(file.fileno())
