"""What stands in the output folder and what each file was made from."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pdfkit_cli.inputs import Group

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One PDF: who it is for, what it was made from (`key`, `inputs`), and how to know it again (`sha256` and stat)."""

    clinic: str
    leaflet: str
    language: str
    variant: str
    format: str
    id: str
    version: str
    status: str
    digest: str
    title: str
    pages: int
    key: str
    inputs: tuple[str, ...]
    sha256: str
    bytes: int
    mtime_ns: int


@dataclass(slots=True)
class Manifest:
    """Files by their path below the output folder; `pending` are those that an unfinished build may have changed."""

    files: dict[str, Entry] = field(default_factory=dict)
    inputs: dict[str, Group] = field(default_factory=dict)
    pending: set[str] = field(default_factory=set)

    @property
    def owned(self) -> set[str]:
        """Every path that a build may remove or replace."""
        return self.pending | set(self.files)

    def dump(self) -> str:
        """Return the manifest as JSON, one file a line; groups that nothing refers to are left out."""
        used = {group for entry in self.files.values() for group in entry.inputs}
        return "\n".join(
            [
                "{",
                f'"schema": {SCHEMA},',
                '"files": {',
                ",\n".join(f"{json.dumps(path)}: {_json(asdict(self.files[path]))}" for path in sorted(self.files)),
                "},",
                '"inputs": {',
                ",\n".join(
                    f"{json.dumps(name)}: {_json(self.inputs[name])}" for name in sorted(used & set(self.inputs))
                ),
                "},",
                f'"pending": {_json(sorted(self.pending))}',
                "}\n",
            ]
        )


def parse(text: str) -> Manifest:
    """Read a manifest; one that cannot be read is an empty one: the next build starts cold."""
    try:
        data = json.loads(text)
        if data["schema"] != SCHEMA:
            return Manifest()
        files = {str(path): entry(values) for path, values in data["files"].items()}
        return Manifest(files, dict(data["inputs"]), set(data["pending"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        return Manifest()


def entry(values: Mapping[str, Any]) -> Entry:
    """Make an entry of parsed JSON. Raises TypeError or KeyError where it is not one."""
    return Entry(**{**values, "inputs": tuple(values["inputs"])})


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
