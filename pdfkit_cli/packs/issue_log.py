"""The log of leaflets that were sent: versions and times, append-only, without data of letters or patients."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pdfkit_cli.errors import OutputError
from pdfkit_cli.packs.assembly import Pack
from pdfkit_cli.system.folders import Folder

ISSUE_LOG = "issued.jsonl"
_KEYS = ("version", "digest", "clinic", "language", "time")


@dataclass(frozen=True, slots=True)
class IssuedVersion:
    """One version of a leaflet's text that was sent: how often, and the first and last time (UTC)."""

    version: str
    digest: str
    clinic: str
    language: str
    count: int
    first: str
    last: str


def issued_versions(out: Path, leaflet: str) -> list[IssuedVersion]:
    """Return the versions of a leaflet, given its document id, that were sent with letters, the latest last."""
    times: dict[tuple[str, str, str, str], list[str]] = {}
    for line in read_json_lines(out / ISSUE_LOG):
        if line.get("leaflet") == leaflet and all(isinstance(line.get(name), str) for name in _KEYS):
            key = line["version"], line["digest"], line["clinic"], line["language"]
            times.setdefault(key, []).append(line["time"])
    found = [IssuedVersion(*key, len(when), min(when), max(when)) for key, when in times.items()]
    return sorted(found, key=lambda one: one.last)


def issued_ids(out: Path) -> set[str]:
    """Return the document ids of all leaflets that were ever sent."""
    return {line["leaflet"] for line in read_json_lines(out / ISSUE_LOG) if isinstance(line.get("leaflet"), str)}


def issue_entries(pack: Pack, key: str, now: datetime) -> list[dict[str, str]]:
    """Return the log entries for the leaflets of a pack; nothing about its letter, not even its name."""
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


def read_json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects in a log, which is empty if the file does not exist.

    A torn last line is skipped. Raises OutputError.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be read: {error.strerror}", hint="may it be read by whoever runs this?"
        ) from None
    yield from parse_json_lines(data)


def parse_json_lines(data: bytes) -> Iterator[dict[str, Any]]:
    """Yield the objects in JSON lines; other lines are skipped."""
    for line in data.decode("utf-8", "replace").split("\n"):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value


def append_json_lines(path: Path, values: Sequence[Mapping[str, object]]) -> None:
    """Append lines to a log that only its owner can read, and wait until they are on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with Folder.at(path.parent) as folder:
        folder.append(path.name, dump_json_lines(values))


def dump_json_lines(values: Sequence[Mapping[str, object]]) -> bytes:
    """Return JSON lines in ASCII, since a file name need not be UTF-8."""
    return "".join(json.dumps(value) + "\n" for value in values).encode()
